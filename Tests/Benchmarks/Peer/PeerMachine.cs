// Linux in the same QEMU as ours, at its fastest: without mitigations, and with copies of eight
// bytes at a time, because the emulator counts each step of a byte-wise one. Ours has the same
// processor, for which it makes no difference.

using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Tests.Benchmarks.Figures;
using Tests.Benchmarks.Rows;
using Tests.Rig;
using Tests.Rig.Machine;

namespace Tests.Benchmarks.Peer;

internal static class PeerMachine
{
    public const string Processor = "max,-erms,-fsrm";
    private const string Lean = "console=ttyS0 quiet panic=-1 tsc=reliable nokaslr norandmaps "
        + "mitigations=off init_on_alloc=0 psi=0 randomize_kstack_offset=off";

    /// <summary>What init prints when it starts, when all went well, and when something did not.
    /// </summary>
    private const string Ready = "peer: ready", Done = "peer: done", Failed = "peer: failed";

    private static readonly TimeSpan s_bootLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(15);

    public static QemuOptions Options(GuestClock clock) => new()
    {
        KernelFile = PeerKernel.Image,
        ArchiveFolder = PeerBuild.Folder,
        BootArchive = [Path.GetFileName(PeerBuild.Archive)],
        KernelArguments = $"{Lean} {Amount(clock)}",
        Processor = Processor,
        Clock = clock,
    };

    /// <summary>Boots it, lets it measure everything, and adds the figures.</summary>
    public static void Run(GuestClock clock, FigureSet figures)
    {
        long start = Stopwatch.GetTimestamp();
        using QemuMachine machine = QemuMachine.Start(Options(clock));
        machine.WaitFor(Ready, s_bootLimit);
        TimeSpan boot = Stopwatch.GetElapsedTime(start);
        machine.WaitForExit(s_limit);
        string text = machine.Transcript;
        if (!text.Contains(Done, StringComparison.Ordinal))
        {
            string? reason = text.Split('\n')
                .FirstOrDefault(line => line.StartsWith(Failed, StringComparison.Ordinal));
            throw new RigException($"the Linux peer did not end well: {reason ?? text}");
        }
        figures.AddText(text);
        if (clock == GuestClock.Host) figures.Add(RowTable.LinuxBoot, WallTime.Once(boot));
    }

    /// <summary>
    /// Instructions repeat, so few will do; by wall clock a row ends after 400 ms. init reads it.
    /// </summary>
    private static string Amount(GuestClock clock) => clock == GuestClock.Instructions
        ? "loops=400 kills=50" : "loops=20000 kills=100 cap_ms=400";
}
