// The calling side: many null calls and traps, then one line on the log with what each cost.
//
// Under -icount shift=0 a nanosecond of the guest's clock is an instruction.

using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Tests.Guest.Ping;

internal sealed class Caller(TaskContext task)
{
    private const uint WarmUp = 2_000, Calls = 20_000;

    public int Run()
    {
        VfsClient peer = new(task.Kernel, task.Claim("peer"));
        Handle machine = task.Claim("machine");
        Call(peer, WarmUp);
        ulong collections = Collections(machine);
        ulong before = task.NowNs;
        ulong last = Call(peer, Calls);
        ulong each = (task.NowNs - before) / Calls;
        ulong trap = Trap(Calls);
        bool isRight = last == WarmUp + Calls && Collections(machine) == collections;
        task.Log($"null call: {each} ns each, {(isRight ? "right" : "wrong")}; trap: {trap} ns");
        return (int)task.Kernel.PowerOff(machine, isRight ? (byte)0 : (byte)1);
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
        for (uint i = 0; i < count; i++) task.Kernel.DeathCount();
        return (task.NowNs - before) / count;
    }

    private ulong Collections(Handle machine)
    {
        KernelCounters[] row = new KernelCounters[1];
        task.Kernel.Inspect<KernelCounters>(machine, InspectKind.Counters, 0, row);
        return row[0].KernelCollections;
    }
}
