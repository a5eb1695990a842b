// One run of stress: a rehearsal that brings everything to its size, then the run that counts.
//
// Rules: whatever happens, its mounts and its jobs are gone afterwards.

using System.Collections.Generic;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Commands.Stress;

public sealed class StressRun(CommandContext context, uint seconds, uint seed)
{
    private const ulong NsPerMs = 1_000_000, NsPerSecond = 1_000_000_000;
    private const uint RehearsalSeconds = 2;
    /// <summary>Longer than the longest delay before a restart, or before a new spare.</summary>
    private const ulong RestNs = 3 * NsPerSecond;
    private const ulong SettleNs = 50 * NsPerMs;
    private const int SettleTries = 200;

    private readonly Workers _workers = new(context);
    private readonly StressAudits _audits = new(context);

    public int Run()
    {
        int code = Play();
        _workers.End();
        Leave();
        return context.IsStopped ? ExitCode.Interrupted : code;
    }

    private int Play()
    {
        context.WriteLine("stress: a rehearsal, so that everything has its size");
        context.Output.Flush();
        Killer rehearsal = new(context, seed, _audits);
        if (!Enter() || !StartWorkers(RehearsalSeconds)) return ExitCode.Failure;
        rehearsal.Rehearse();
        WorkDone rehearsed = _workers.Join();
        if (!Rest()) return ExitCode.Failure;
        Result<SystemCount> before = SystemCount.Take(context.Shell.Inspector);
        if (!before.IsOk) return context.Fail("counters", before.Status);

        Killer killer = new(context, seed, _audits);
        if (!Enter() || !StartWorkers(seconds)) return ExitCode.Failure;
        ulong start = context.Services.NowNs;
        killer.Run(start + seconds * NsPerSecond);
        if (context.IsStopped) return ExitCode.Interrupted;
        int workers = _workers.Count;
        WorkDone done = _workers.Join();
        Result<SystemCount> worked = SystemCount.Take(context.Shell.Inspector);
        if (!worked.IsOk) return context.Fail("counters", worked.Status);
        // That a worker has come to its end is no death.
        ulong deaths = worked.Value.Deaths - before.Value.Deaths - (ulong)workers;
        killer.Disarm();
        if (!Rest()) return ExitCode.Failure;
        _audits.TakeLast();
        ulong losses = rehearsed.Losses + done.Losses + rehearsal.Losses + killer.Losses
            + _audits.Losses;
        return Conclude(before.Value, done, deaths, losses);
    }

    private int Conclude(SystemCount before, WorkDone done, ulong deaths, ulong losses)
    {
        IReadOnlyList<string> leaks = [];
        for (int i = 0; i < SettleTries && !context.IsStopped; i++)
        {
            Result<SystemCount> after = SystemCount.Take(context.Shell.Inspector);
            if (!after.IsOk) return context.Fail("counters", after.Status);
            leaks = after.Value.MoreThan(before);
            bool isLast = leaks.Count == 0 || i == SettleTries - 1;
            if (isLast)
            {
                context.WriteLine($"before: {before}");
                context.WriteLine($"after:  {after.Value}");
                break;
            }
            context.Services.Sleep(SettleNs);
        }
        foreach (string leak in leaks) context.WriteLine($"stress: left over: {leak}");
        context.WriteLine($"audits {_audits.Count} leaked {_audits.Losses}");
        context.WriteLine(
            $"operations {done.Operations} deaths {deaths} "
            + $"longest-stall-ms {done.LongestStallNs / NsPerMs} losses {losses}");
        return losses == 0 && leaks.Count == 0 && done.Operations > 0
            ? ExitCode.Success
            : ExitCode.Failure;
    }

    private bool Enter()
    {
        Leave();
        if (!Make(StressPlaces.Root)) return false;
        foreach (string mount in StressPlaces.Mounts)
        {
            if (!Make(mount)) return false;
            Status status = context.Services.Supervisor.Mount("none", mount, "memfs", "");
            if (status == Status.Ok) continue;
            context.Fail(mount, status);
            return false;
        }
        return true;
    }

    private bool Make(string directory)
    {
        Status status = context.Files.MakeDirectory(directory);
        if (status == Status.Ok) return true;
        context.Fail(directory, status);
        return false;
    }

    private bool StartWorkers(uint time)
    {
        Status status = _workers.Start(time, seed);
        if (status != Status.Ok) context.Fail("start the workers", status);
        return status == Status.Ok;
    }

    /// <summary>Nothing of it is there any more, and what has died has been cleared away.</summary>
    private bool Rest()
    {
        _workers.End();
        Leave();
        context.Services.Sleep(RestNs);
        for (int i = 0; i < SettleTries && !context.IsStopped; i++)
        {
            Result<SystemCount> now = SystemCount.Take(context.Shell.Inspector);
            if (now.IsOk && !now.Value.IsReclaiming) return true;
            context.Services.Sleep(SettleNs);
        }
        return false;
    }

    /// <summary>Also what a run has left that was killed itself.</summary>
    private void Leave()
    {
        foreach (string mount in StressPlaces.Mounts)
        {
            context.Services.Supervisor.Unmount(mount);
            context.Files.RemoveDirectory(mount);
        }
        context.Files.RemoveDirectory(StressPlaces.Root);
    }
}
