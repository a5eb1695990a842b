// Starts each attack in a process of its own, and says which ended as it should not.
//
// Afterwards the kernel must have all that it had before.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Tests.Guest.Attack;

internal sealed class Driver(TaskContext task, IReadOnlyList<AttackCase> cases)
{
    private const int LoopMs = 30, SettleTries = 200, SettleMs = 10;
    private const ulong JobDeadlineNs = 30_000_000_000;

    private readonly SupervisorClient _supervisor = new(task.Kernel, task.Claim("supervisor"));
    private ByteStreamClient _output = null!;
    private int _failed;

    public int Run()
    {
        _output = StandardOutput.Open(task);
        // The first one brings up what stays: pools of the supervisor and of this process.
        RunOne(cases[0]);
        KernelCounters before = Count();
        foreach (AttackCase attack in cases) RunOne(attack);
        CompareCounters(before);
        Say($"{cases.Count} attacks, {_failed} failed");
        return _failed == 0 ? 0 : 1;
    }

    private void RunOne(AttackCase attack)
    {
        Result<JobStarted> started = _supervisor.Run(
            "attack", attack.Name, "/", default, default, default);
        if (!started.IsOk)
        {
            Fail(attack, $"was not started: {started.Status}");
            return;
        }
        if (attack.Ending == Ending.Loops)
        {
            Thread.Sleep(LoopMs);
            _supervisor.Kill(started.Value.Process.ToString());
        }
        var waiting = new SupervisorClient(task.Kernel, task.Claim("supervisor"),
            new CallOptions(task.NowNs + JobDeadlineNs, Handle.None));
        Result<JobEnded> ended = waiting.WaitJob(started.Value.Job);
        if (!ended.IsOk)
        {
            _supervisor.Kill(started.Value.Process.ToString());
            Fail(attack, $"did not end: {ended.Status}");
        }
        else if (!IsRight(attack.Ending, ended.Value))
        {
            Fail(attack, $"ended with {ended.Value.Cause}, code {ended.Value.ExitCode}");
        }
        _supervisor.ReapJob(started.Value.Job);
    }

    private static bool IsRight(Ending expected, JobEnded ended) => expected switch
    {
        Ending.Lives => ended.Cause == DeathCause.Exit && ended.ExitCode == 0,
        Ending.Dies => ended.Cause is not (DeathCause.Exit or DeathCause.None),
        Ending.Loops => ended.Cause == DeathCause.Killed,
        _ => ended.Cause != DeathCause.Exit || ended.ExitCode == 0,
    };

    /// <summary>Reclaiming goes on in slices; the supervisor's heap may grow a little.</summary>
    private void CompareCounters(in KernelCounters before)
    {
        const ulong FramesOfOthers = 1024;
        string difference = "";
        for (int i = 0; i < SettleTries; i++)
        {
            KernelCounters after = Count();
            difference = string.Join(", ", Differences(before, after, FramesOfOthers));
            if (difference.Length == 0) return;
            Thread.Sleep(SettleMs);
        }
        _failed++;
        Say($"not given back: {difference}");
    }

    private static IEnumerable<string> Differences(
        KernelCounters before, KernelCounters after, ulong framesOfOthers)
    {
        (string Name, ulong Before, ulong After)[] rows =
        [
            ("processes", before.Processes, after.Processes),
            ("threads", before.Threads, after.Threads),
            ("capabilities", before.Capabilities, after.Capabilities),
            ("endpoints", before.Endpoints, after.Endpoints),
            ("notifications", before.Notifications, after.Notifications),
            ("memory objects", before.MemoryObjects, after.MemoryObjects),
            ("vaults", before.Vaults, after.Vaults),
            ("kernel collections", before.KernelCollections, after.KernelCollections),
            ("kernel heap", before.KernelHeapBytes, after.KernelHeapBytes),
        ];
        foreach (var row in rows.Where(row => row.After > row.Before))
            yield return $"{row.Name} {row.Before} -> {row.After}";
        if (after.FreeFrames + framesOfOthers < before.FreeFrames)
            yield return $"free frames {before.FreeFrames} -> {after.FreeFrames}";
    }

    private KernelCounters Count()
    {
        Span<KernelCounters> row = new KernelCounters[1];
        task.Kernel.Inspect(task.Claim("machine"), InspectKind.Counters, 0, row);
        return row[0];
    }

    private void Fail(AttackCase attack, string reason)
    {
        _failed++;
        Say($"{attack.Name}: {reason}");
    }

    private void Say(string line)
    {
        _output.Write(Encoding.UTF8.GetBytes(line + "\n"));
    }
}
