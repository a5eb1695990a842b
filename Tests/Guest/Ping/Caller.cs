// The calling side: many null calls and traps, then lines on the log with what each cost: between
// two tasks alone, with tens and hundreds of others, and with ten thousand handles.
//
// Under -icount shift=0 a nanosecond of the guest's clock is an instruction.

using System;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Tests.Guest.Bench;

namespace Tests.Guest.Ping;

internal sealed class Caller(TaskContext task)
{
    private const uint WarmUp = 2_000, Calls = 20_000, Batches = 100;
    private const int FewHandles = 10, ManyHandles = 10_000;

    private readonly IKernel _kernel = task.Kernel;
    private readonly Handle _peer = task.Claim("peer");
    private readonly Handle _machine = task.Claim("machine");
    private ulong _made;

    public int Run()
    {
        Call(WarmUp);
        KernelCounters before = Counters();
        ulong each = Call(Calls);
        ulong trap = Trap(Calls);
        task.Log($"null call: {each} ns each, {Verdict(before)}; trap: {trap} ns");
        Say("null call between two tasks");
        CallAmong([10, 100, 500]);
        CallWith([FewHandles, ManyHandles]);
        bool isRight = Verdict(before) == "right";
        return (int)_kernel.PowerOff(_machine, isRight ? (byte)0 : (byte)1);
    }

    private void CallAmong(ReadOnlySpan<int> tasks)
    {
        Crowd crowd = new(task);
        foreach (int count in tasks)
        {
            crowd.GrowTo(count);
            Say($"null call with {count} tasks");
        }
    }

    /// <summary>Each handle is for the called endpoint, with a badge of its own.</summary>
    private void CallWith(ReadOnlySpan<int> handles)
    {
        int held = 0;
        foreach (int count in handles)
        {
            for (; held < count; held++)
            {
                Badge badge = new((ulong)held + 2);
                Status status = _kernel.Mint(_peer, Rights.Call, badge).Status;
                if (status != Status.Ok) throw new InvalidOperationException($"mint: {status}");
            }
            Say($"null call with {count} handles");
        }
    }

    /// <summary>A line as all measurements print it: what a call of each batch cost.</summary>
    private void Say(string row)
    {
        Call(WarmUp);
        Distribution costs = new();
        for (int batch = 0; batch < Batches; batch++) costs.Add(Call(Calls / Batches));
        task.Log(costs.Line(row));
    }

    /// <summary>Each answer is the one that it must be. What one has cost.</summary>
    private ulong Call(uint count)
    {
        VfsClient peer = new(_kernel, _peer);
        ulong before = task.NowNs;
        ulong last = Call(peer, count);
        ulong each = (task.NowNs - before) / count;
        _made += count;
        if (last != _made) throw new InvalidOperationException($"{last} calls were answered");
        return each;
    }

    private static ulong Call(VfsClient peer, uint count)
    {
        Result<ulong> result = default;
        for (uint i = 0; i < count; i++) result = peer.Version();
        return result.Value;
    }

    /// <summary>The cheapest call of the kernel: nobody else is involved.</summary>
    private ulong Trap(uint count)
    {
        ulong before = task.NowNs;
        for (uint i = 0; i < count; i++) _kernel.DeathCount();
        return (task.NowNs - before) / count;
    }

    /// <summary>The kernel has allocated nothing since.</summary>
    private string Verdict(in KernelCounters before)
    {
        KernelCounters now = Counters();
        return now.KernelHeapBytes == before.KernelHeapBytes
            && now.KernelCollections == before.KernelCollections ? "right" : "wrong";
    }

    private KernelCounters Counters()
    {
        KernelCounters[] row = new KernelCounters[1];
        _kernel.Inspect<KernelCounters>(_machine, InspectKind.Counters, 0, row);
        return row[0];
    }
}
