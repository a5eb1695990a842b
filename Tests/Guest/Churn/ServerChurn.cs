// Mounts, kills, unmounts; then compares what the kernel has with what it had.
//
// The first rounds are not counted: they bring the supervisor's and this task's own heaps to size.

using System;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Tests.Guest.Churn.Ledger;

namespace Tests.Guest.Churn;

internal sealed class ServerChurn(TaskContext task)
{
    private const string Target = "/churn";
    private const int WarmUpRounds = 20, VanishTries = 300;

    private readonly SupervisorClient _supervisor = new(task.Kernel, task.Claim("supervisor"));
    private readonly KernelLedger _ledger = new(task);

    public int Run(int count)
    {
        for (int round = 0; round < WarmUpRounds; round++) RunRound(round);
        KernelStock before = _ledger.Settled();
        for (int round = 0; round < count; round++) RunRound(round);
        string difference = _ledger.NotGivenBack(before);
        KernelStock after = _ledger.Count();
        ulong deaths = after.Counters.Deaths - before.Counters.Deaths;
        task.Log($"churn: {count} servers, {deaths} deaths, frames of nobody "
            + $"{before.FramesOfNobody} -> {after.FramesOfNobody}, lost: "
            + (difference.Length == 0 ? "nothing" : difference));
        return difference.Length == 0 && deaths >= (ulong)count ? 0 : 1;
    }

    private void RunRound(int round)
    {
        Check(_supervisor.Mount("none", Target, "memfs", "ondeath=vanish"), "mount");
        if (round % 2 == 0) Check(_supervisor.Unmount(Target).Status, "umount");
        else KillServer();
    }

    /// <summary>With ondeath=vanish the mount goes with its server.</summary>
    private void KillServer()
    {
        Check(_supervisor.Kill("memfs@" + Target), "kill");
        for (int i = 0; i < VanishTries; i++)
        {
            if (_supervisor.Unmount(Target).Status == Status.NotMounted) return;
            Thread.Sleep(1);
        }
        throw new InvalidOperationException("the mount did not vanish");
    }

    private static void Check(Status status, string what)
    {
        if (status != Status.Ok) throw new InvalidOperationException($"{what}: {status}");
    }
}
