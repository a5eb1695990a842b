// Kills, crashes, hangs and upgrades tasks, as a seed says.
//
// Rules: what it asks for may come to nothing (a task that is dead already cannot be killed); but
// an upgrade that the vault's format forbids must be refused. Disarm ends faults that wait for a
// request which has not come.

using System;
using System.Collections.Generic;
using System.Linq;
using Servers.Shell.Formatting;
using Shared.Abi;

namespace Servers.Shell.Commands.Stress;

public sealed class Killer(CommandContext context, uint seed, StressAudits audits)
{
    private const string MemFs = "memfs", NewMemFs = "memfs2", BadMemFs = "memfs3";
    private const int MinPauseMs = 50, MaxPauseMs = 350, MaxRequest = 12;
    private const ulong NsPerMs = 1_000_000, NsPerSecond = 1_000_000_000;

    private static readonly ControlBits[] QuickFaults =
    [
        ControlBits.CrashNull, ControlBits.CrashDivide, ControlBits.CrashThrow,
        ControlBits.CrashStack, ControlBits.CrashMemory, ControlBits.CrashExit,
    ];

    /// <summary>The task stands still for its deadline, and its clients with it.</summary>
    private static readonly ControlBits[] SlowFaults = [ControlBits.Hang, ControlBits.CrashLoop];

    private readonly Random _random = new((int)seed);
    private readonly List<Victim> _victims =
    [
        .. StressPlaces.Mounts.Select(
            static mount => new Victim(StressPlaces.ServerOf(mount), MemFs)),
        new("memfs@/", ""), new("procfs@/proc", "procfs"), new("vfs", "vfs"),
        new("pipes", "pipes"), new("console", "console"), new("supervisor", ""),
    ];
    private int _kills, _crashes, _hangs, _upgrades, _refusals;

    /// <summary>Upgrades that had to be refused and were not.</summary>
    public ulong Losses { get; private set; }

    /// <summary>Each death and each upgrade once, so that all images have been opened.</summary>
    public void Rehearse()
    {
        foreach (Victim victim in _victims)
        {
            if (victim.Image.Length > 0) Upgrade(victim, ImageFor(victim));
            if (victim.Image == NewMemFs) Upgrade(victim, BadMemFs);
            if (victim.Image == NewMemFs) Upgrade(victim, MemFs);
        }
        Disarm();
    }

    public void Run(ulong untilNs)
    {
        ulong start = context.Services.NowNs, told = 0;
        while (!context.IsStopped && context.Services.NowNs < untilNs)
        {
            context.Services.Sleep((ulong)_random.Next(MinPauseMs, MaxPauseMs) * NsPerMs);
            Strike(_victims[_random.Next(_victims.Count)]);
            audits.Take();
            ulong seconds = (context.Services.NowNs - start) / NsPerSecond;
            if (seconds == told) continue;
            told = seconds;
            context.WriteLine($"stress: {told} s: {Blows}");
            context.Output.Flush();
        }
    }

    /// <summary>Kills all, also those that were told to fail later.</summary>
    public void Disarm()
    {
        foreach (Victim victim in _victims) context.Services.Supervisor.Kill(victim.Name);
    }

    private string Blows => $"{_kills} kills, {_crashes} crashes, {_hangs} hangs, "
        + $"{_upgrades} upgrades, {_refusals} upgrades refused";

    private void Strike(Victim victim)
    {
        int blow = _random.Next(10);
        bool isSlow = blow == 8;
        Injection fault = AnyFault(isSlow);
        string image = ImageFor(victim);
        if (blow == 9 && victim.Image.Length > 0) Upgrade(victim, image);
        else if (blow is >= 5 and <= 8 && victim.TryFail(context.Services.NowNs))
        {
            Status status = context.Services.Supervisor.Inject(victim.Name, fault.Bits);
            if (status != Status.Ok) return;
            if (isSlow) _hangs++;
            else _crashes++;
        }
        else if (context.Services.Supervisor.Kill(victim.Name) == Status.Ok) _kills++;
    }

    private Injection AnyFault(bool isSlow)
    {
        ControlBits[] faults = isSlow ? SlowFaults : QuickFaults;
        ControlBits fault = faults[_random.Next(faults.Length)];
        FaultMoment moment = (FaultMoment)_random.Next(3);
        int request = moment == FaultMoment.AtOnce ? 0 : 1 + _random.Next(MaxRequest);
        return new Injection(fault, moment, request);
    }

    /// <summary>Of a mount: the next, or one that must be refused; of others, the same.</summary>
    private string ImageFor(Victim victim)
    {
        int choice = _random.Next(4);
        return victim.Image switch
        {
            MemFs => NewMemFs,
            NewMemFs when choice == 0 => BadMemFs,
            NewMemFs when choice == 1 => MemFs,
            _ => victim.Image,
        };
    }

    private void Upgrade(Victim victim, string image)
    {
        bool isForbidden = image == BadMemFs || (victim.Image == NewMemFs && image == MemFs);
        Status status = context.Services.Supervisor.Upgrade(victim.Name, image);
        if (status == Status.Refused) _refusals++;
        if (status != Status.Ok) return;
        _upgrades++;
        if (isForbidden)
        {
            Losses++;
            context.WriteLine($"stress: {victim.Name} has become {image}");
        }
        victim.Image = image;
    }
}
