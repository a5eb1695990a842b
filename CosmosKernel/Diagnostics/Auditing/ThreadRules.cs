// A dead thread runs nowhere and waits for nothing; nobody has a call of it, and it has nobody's.

using CosmosKernel.Capabilities;
using CosmosKernel.Ipc;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Diagnostics.Auditing;

static class ThreadRules
{
    public static int Check(Kernel kernel, int index, ref AuditReport report)
    {
        Thread thread = kernel.Threads[index];
        bool isDead = IsDead(thread);
        if (isDead) CheckDead(kernel, thread, ref report);
        if (thread.Request.State != RequestState.None)
            CheckCall(kernel, thread, isDead, ref report);
        return 15;
    }

    /// <summary>It never runs again.</summary>
    public static bool IsDead(Thread thread) =>
        thread.State is ThreadState.Free or ThreadState.Dead
        || !thread.Process.IsAlive;

    static void CheckDead(Kernel kernel, Thread thread, ref AuditReport report)
    {
        int index = thread.Index;
        uint id = thread.State == ThreadState.Free ? 0 : thread.Process.Id.Value;
        bool waits = thread.State is not (ThreadState.Free or ThreadState.Dead);
        if (waits || thread.IsQueuedReady || thread.DeadlineSlot >= 0
            || kernel.Scheduler.Current == thread)
        {
            report.AddLeaked(AuditKind.Waiter, index, id);
        }

        if (thread.BoundNotification is { } bound)
            report.AddLeaked(AuditKind.Notification, bound.Index, id);
        // What it really has is found with the caller (CheckCall).
        if (thread.Handling is { } handled && handled.Server != thread)
            report.AddLeaked(AuditKind.Reply, handled.Caller.Index, id);
        if (thread.State == ThreadState.Free) return;
        if (ProcessRules.IsReclaiming(kernel, thread.Process))
            report.AddReclaiming(AuditKind.Record);
        else report.AddLeaked(AuditKind.Record, index, id);
    }

    static void CheckCall(Kernel kernel, Thread caller, bool isDead, ref AuditReport report)
    {
        CallRequest request = caller.Request;
        uint id = caller.Process.Id.Value;
        bool isHeldByDead = request.Server is { } server && IsDead(server);
        if (isDead) report.AddLeaked(AuditKind.Call, caller.Index, id);
        bool goesBack = isHeldByDead && request.Server!.Process.IsEnding;
        if (goesBack) report.AddReclaiming(AuditKind.Reply);
        else if (isHeldByDead)
            report.AddLeaked(AuditKind.Reply, caller.Index, request.Server!.Process.Id.Value);
        if ((isDead || isHeldByDead && !goesBack) && request.Info.Leases > 0)
            report.AddLeaked(AuditKind.Lease, caller.Index, id, (uint)request.Info.Leases);
        if (request.Endpoint is not { IsUsed: true })
            report.AddLeaked(AuditKind.Endpoint, request.Endpoint?.Index ?? 0, id);
        bool isFree = kernel.Capabilities[request.ViaCapability].State == CapabilityState.Free;
        if (!isFree && kernel.Capabilities.IsAlive(request.ViaCapability)) return;
        if (!isFree && kernel.HasRevokedCalls) report.AddReclaiming(AuditKind.Handle);
        else report.AddLeaked(AuditKind.Handle, request.ViaCapability, id);
    }
}
