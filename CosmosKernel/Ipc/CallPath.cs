// A call from the caller's side: made, ended early, ended for many at once.
//
// The path of a call without extras to a waiting receiver is the shortest one in the kernel; keep
// it so. A call that does not start answers NotExecuted beside its status.

using CosmosKernel.Arch;
using CosmosKernel.Capabilities;
using CosmosKernel.Processes;
using CosmosKernel.Syscalls;
using CosmosKernel.Threads;
using Shared.Abi;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Ipc;

public static unsafe class CallPath
{
    /// <summary>Bits of an info word that sends no capability and no lease.</summary>
    public const ulong PlainInfo = 0xFFFF
        | (ulong)(MessageFlags.All & ~(MessageFlags.InlineLease | MessageFlags.Mint)) << 24;

    /// <summary>SystemCall.Call.</summary>
    public static void Call(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        MessageInfo info = new(frame->A1);
        if ((info.Value & ~PlainInfo) != 0 && (!info.IsWellFormed || info.IsMinting))
        {
            SystemCallTable.Malformed(kernel, thread);
            return;
        }

        CapabilityTable capabilities = kernel.Capabilities;
        Status status = capabilities.FindEndpoint(
            thread.Process, frame->A0, Rights.Call, out int via);
        if (status != Status.Ok)
        {
            Refuse(thread, status);
            return;
        }

        Endpoint endpoint = kernel.Endpoints[capabilities[via].ObjectIndex];
        CallRequest request = thread.Request;
        ulong deadlineNs = frame->A2;
        status = Admit(kernel, thread, endpoint, info, ref deadlineNs);
        if (status == Status.Ok && (info.Value & 0xFF_0000) != 0)
            status = Transfer.TakeFromCaller(kernel, thread, info);
        if (status != Status.Ok)
        {
            if (thread.State != ThreadState.Dead) Refuse(thread, status);
            return;
        }

        request.Info = info.Through(capabilities[via].Rights);
        request.Attempt = 0;
        request.Faults = 0;
        // A reference that does not change is not written: the collector's barrier costs more.
        if (request.Endpoint != endpoint) request.Endpoint = endpoint;
        request.ViaCapability = via;
        request.ExtrasAddress = frame->A3;
        request.SinceNs = kernel.NowNs;
        request.DeadlineNs = deadlineNs;
        capabilities.Pin(via);
        int badge = capabilities[via].BadgeEntry;
        request.Badge = badge == 0 ? default : kernel.Badges.BadgeOf(badge);
        if (kernel.IsTracing) kernel.Trace.Called(request);
        kernel.Scheduler.Block(thread, ThreadState.InCall);
        if (deadlineNs != 0) kernel.SetDeadline(thread, deadlineNs);
        Thread? receiver = endpoint.FirstReceiver;
        if (receiver is not null && !receiver.IsStopped
            && (endpoint.NextOwed == 0 || ReceivePath.CanTakeClosed(kernel, request))
            && ReceivePath.DeliverToWaiting(kernel, request, receiver))
        {
            kernel.Scheduler.HandOver(receiver);
            return;
        }

        Submit(kernel, request);
    }

    /// <summary>
    /// Whether the call may start; identity and deadline come from the call it serves.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Status Admit(
        Kernel kernel, Thread thread, Endpoint endpoint, MessageInfo info, ref ulong deadlineNs)
    {
        if (endpoint.IsVanished) return Status.Revoked;
        if (thread.Process.Layer.Value <= endpoint.Layer.Value) return Status.LayerViolation;
        if (endpoint.IsServerDead && endpoint.OnDeath == OnDeath.Fail) return Status.PeerDied;
        if (deadlineNs == 0 && endpoint.DefaultDeadlineNs != 0
            && (info.Flags & MessageFlags.MayBlock) == 0)
        {
            deadlineNs = kernel.NowNs + endpoint.DefaultDeadlineNs;
        }

        CallRequest request = thread.Request;
        if (thread.Frame->A4 == 0)
        {
            request.Id = new RequestId(++kernel.LastRequestId);
            request.Depth = 0;
        }
        else
        {
            Status status = Inherit(thread, request, ref deadlineNs, kernel);
            if (status != Status.Ok) return status;
        }

        if (thread.IsCancelPending)
        {
            thread.IsCancelPending = false;
            return Status.Cancelled;
        }

        return deadlineNs != 0 && deadlineNs <= kernel.NowNs ? Status.TimedOut : Status.Ok;
    }

    /// <summary>
    /// A nested call is the same request again when it is made again: its id is a function of the
    /// served call's id and of how many nested calls its handler has made before.
    /// </summary>
    static Status Inherit(
        Thread thread, CallRequest request, ref ulong deadlineNs, Kernel kernel)
    {
        Status status = Replies.Find(
            kernel, thread.Process, thread.Frame->A4, out CallRequest? served);
        if (served is null) return status;
        if (served.Depth + 1 >= Limits.CallDepth) return Status.LayerViolation;
        request.Depth = served.Depth + 1;
        request.ServesId = served.Id;
        request.Id = new RequestId(Mix(served.Id.Value, ++served.NestedCount));
        if (served.DeadlineNs != 0 && (deadlineNs == 0 || served.DeadlineNs < deadlineNs))
            deadlineNs = served.DeadlineNs;
        return Status.Ok;
    }

    /// <summary>
    /// Ids of nested calls have the top bit set, counted ones never do (splitmix64).
    /// </summary>
    static ulong Mix(ulong id, uint ordinal)
    {
        ulong value = id * 0x9E37_79B9_7F4A_7C15 + ordinal;
        value = (value ^ value >> 30) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ value >> 27) * 0x94D0_49BB_1331_11EB;
        return value ^ value >> 31 | 1ul << 63;
    }

    static void Refuse(Thread thread, Status status) =>
        SystemCallTable.Answer(thread, status, (byte)Outcome.NotExecuted);

    /// <summary>To a receiver that waits, or to the endpoint's queue.</summary>
    static void Submit(Kernel kernel, CallRequest request)
    {
        // A delivery that failed may have ended the call, or queued it already.
        if (request.State != RequestState.None) return;
        if (request.Caller.State != ThreadState.InCall) return;
        request.Endpoint!.Enqueue(request, (int)request.Caller.EffectivePriority);
        ReceivePath.Offer(kernel, request);
    }

    public static void TimedOut(Kernel kernel, Thread thread) =>
        End(kernel, thread.Request, Status.TimedOut);

    /// <summary>Ends a call without a reply, wherever it is. The caller goes on.</summary>
    public static void End(Kernel kernel, CallRequest request, Status status)
    {
        Outcome outcome = request.Attempt == 0 ? Outcome.NotExecuted : Outcome.MaybeExecuted;
        Thread caller = request.Caller;
        if (kernel.IsTracing) kernel.Trace.Ended(request, status);
        Withdraw(kernel, request);
        SystemCallTable.Answer(caller, status, (byte)outcome);
        kernel.Scheduler.MakeReady(caller);
    }

    /// <summary>
    /// Takes a call from its queue or from its server's hands; the caller's state stays.
    /// </summary>
    public static void Withdraw(Kernel kernel, CallRequest request)
    {
        if (request.State == RequestState.Queued) request.Endpoint!.Dequeue(request);
        else if (request.Server is { } server) Replies.RememberGone(server.Process, request);
        Finish(kernel, request);
    }

    /// <summary>The call is over, by a reply or otherwise: lets go of all that it held.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Finish(Kernel kernel, CallRequest request)
    {
        if (request.Server is { } server)
        {
            if (server.Handling == request) ReceivePath.EndHandling(kernel, server);
            request.Server = null;
        }

        if (request.TookClosed) ReceivePath.TellClosedAgain(kernel, request);
        request.State = RequestState.None;
        request.ReplyHandle = 0;
        Thread caller = request.Caller;
        DeadlineQueue.End(caller);
        if (request.Info.Capabilities != 0) Transfer.DropSent(kernel, request);
        kernel.Capabilities.Unpin(request.ViaCapability);
    }

    /// <summary>
    /// After a revocation: ends the calls whose capability has died with it. Many of them in parts:
    /// HasRevokedCalls, and the next tick goes on.
    /// </summary>
    public static void EndRevoked(Kernel kernel)
    {
        int left = kernel.Config.PartSteps;
        kernel.HasRevokedCalls = false;
        for (int index = 0; index < kernel.Threads.End; index++)
        {
            CallRequest request = kernel.Threads[index].Request;
            if (request.State == RequestState.None
                || kernel.Capabilities.IsAlive(request.ViaCapability)) continue;
            End(kernel, request, Status.Revoked);
            if ((left -= Endings.StepsOfCall) > 0) continue;
            kernel.HasRevokedCalls = true;
            kernel.ContinueSoon();
            return;
        }
    }

    /// <summary>SystemCall.CancelCall, for a thread that lives.</summary>
    public static void Cancel(Kernel kernel, Thread thread)
    {
        if (thread.State == ThreadState.InCall)
            End(kernel, thread.Request, Status.Cancelled);
        else if (thread.State == ThreadState.InReceive && thread.ReceivingOn is null)
            ReceivePath.EndWith(kernel, thread, Status.Cancelled);
        else
            thread.IsCancelPending = true;
    }
}
