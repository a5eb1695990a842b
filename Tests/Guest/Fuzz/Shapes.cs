// What a call wants: a letter for each argument. Numbers above First are the kernel's own.
//
//   h handle   r reply   p pointer   l length   i message info   d deadline   f small number
//   j info of an answer   z pointer to zeros
//   m address in the arena   n lengths in pages   w any word   0, 1, 8 themselves

using System;
using System.Collections.Generic;
using Shared.Abi;

namespace Tests.Guest.Fuzz;

internal readonly record struct Shape(ulong Number, string Kinds)
{
    public const int MaxArguments = 11;

    public char KindOf(int argument) =>
        argument < Kinds.Length ? Kinds[argument] : argument >= 5 ? 'w' : '0';
}

internal static class Shapes
{
    public static readonly Shape[] All = [.. Own(), .. Own(), .. Linux()];

    private static IEnumerable<Shape> Own()
    {
        foreach (SystemCall call in Enum.GetValues<SystemCall>())
            if (KindsOf(call) is { } kinds) yield return new Shape((ulong)call, kinds);
    }

    /// <summary>Null: it ends the machine or the thread, or blames nobody for a death.</summary>
    private static string? KindsOf(SystemCall call) => call switch
    {
        SystemCall.PowerOff or SystemCall.Reboot or SystemCall.ThreadExit => null,
        SystemCall.LastWords => "pl1",
        SystemCall.Call => "hidpr",
        SystemCall.Receive => "hwdp",
        SystemCall.Reply => "rjhp",
        SystemCall.ReplyReceive => "rjhpd",
        SystemCall.LeaseRead or SystemCall.LeaseWrite => "rflpl",
        SystemCall.ListBadges => "hpfw",
        SystemCall.Mint => "hwwr",
        SystemCall.Copy => "hw",
        SystemCall.MoveToVault => "hf",
        SystemCall.EndpointCreate => "ffw",
        SystemCall.NotificationCreate or SystemCall.ThreadSelf or SystemCall.ClockNow
            or SystemCall.DeathCount or SystemCall.BlameNobody or SystemCall.Snapshot => "",
        SystemCall.MemoryCreate or SystemCall.VaultCreate => "n",
        SystemCall.MemoryMap => "hlnf",
        SystemCall.MemoryUnmap => "mn",
        SystemCall.VaultDiscard => "nn",
        SystemCall.ProcessCreate => "hz",
        SystemCall.ProcessGive => "hhw",
        SystemCall.ProcessStart => "hplf",
        SystemCall.ProcessKill => "hf",
        SystemCall.ProcessCollect => "hppl1",
        SystemCall.ProcessRename => "hplf",
        SystemCall.ImageOpen => "hpl",
        SystemCall.LogWrite => "0pl",
        SystemCall.LogRead => "hlpl",
        SystemCall.Inspect => "hflplf",
        SystemCall.Audit => "hwp",
        SystemCall.PortWrite => "hfff",
        SystemCall.InterruptBind => "hhw",
        _ => "hww",
    };

    /// <summary>The runtime's calls, without those that end a thread or wait for ever.</summary>
    private static Shape[] Linux() =>
    [
        new(9, "0nff0l"), new(9, "mnff0l"), new(10, "mnf"), new(11, "mn"), new(28, "mnf"),
        new(12, "0"), new(149, "mn"), new(24, ""), new(39, ""), new(186, ""), new(102, ""),
        new(228, "fp"), new(229, "fp"), new(318, "plf"), new(324, "f"), new(204, "flp"),
        new(99, "p"), new(98, "fp"), new(97, "fp"), new(302, "ffpp"), new(16, "fwp"),
        new(4, "pp"), new(5, "fp"), new(8, "fwf"), new(21, "pf"), new(79, "pl"), new(72, "fff"),
        new(257, "fpf"), new(0, "wpl"), new(3, "w"), new(217, "fpl"), new(131, "0p"),
        new(14, "f0p8"), new(158, "wp"), new(309, "pp"), new(332, "fpffp"), new(334, "plf"),
        new(202, "p1f"), new(63, "p"), new(25, "mnnf"), new(273, "pl"), new(435, "00"),
    ];
}
