// The kernel allocates at boot only: neither calls, nor deaths, nor revocations touch its heap.

using CosmosKernel.Processes;
using CosmosKernel.Threads;
using NUnit.Framework;
using Shared.Abi;
using System;

namespace Tests.Unit.CosmosKernel.Ipc;

public sealed unsafe class AllocationTests
{
    [Test]
    public void Hundred_thousand_calls_allocate_nothing()
    {
        IpcScene scene = new();
        scene.BeginReceive();
        Assert.That(LeastOf(5, () => RoundTrips(scene, 100_000)), Is.Zero);
    }

    /// <summary>The host's compiler may allocate in one round; the kernel would in each.</summary>
    static long LeastOf(int rounds, Action action)
    {
        long least = long.MaxValue;
        for (int round = 0; round < rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    static void RoundTrips(IpcScene scene, int count)
    {
        Thread client = scene.ClientThread, server = scene.ServerThread;
        for (int number = 0; number < count; number++)
        {
            scene.BeginCall();
            ulong reply = server.Frame->A0;
            scene.Bench.Begin(server, SystemCall.ReplyReceive, reply, 0, scene.Endpoint);
            if (client.Frame->Rax != 0) throw new InvalidOperationException("call failed");
        }
    }

    [Test]
    public void Deaths_and_revocations_allocate_nothing()
    {
        IpcScene scene = new();
        Process holder = null!;
        ulong endpoint = 0;
        long least = long.MaxValue;
        for (int death = 0; death < 20; death++)
        {
            holder = scene.Restart(out endpoint);
            scene.Bench.Make(holder, SystemCall.Mint, endpoint, (ulong)Rights.All, 9);
            scene.BeginCall(deadlineNs: scene.Bench.Machine.NowNs + 1_000_000_000);
            scene.Take(holder.MainThread!, endpoint);
            least = Math.Min(least, LeastOf(1, () => EndAll(scene, holder, endpoint)));
            scene.Bench.Advance(2_000_000_000);
        }

        Assert.That(least, Is.Zero);
    }

    static void EndAll(IpcScene scene, Process holder, ulong endpoint)
    {
        scene.Bench.Do(holder, SystemCall.Revoke, endpoint);
        ProcessDeath.Kill(scene.Bench.Kernel, holder, DeathCause.Killed);
        scene.Bench.Reclaim();
        scene.Bench.Kernel.Processes.Collect(holder);
    }
}
