// A call's end by its server: answered, parked, or dropped.
//
// ReplyReceive is the way a server spends its life: it answers first, then takes what is queued,
// and otherwise hands the processor straight back to the caller.

using CosmosKernel.Arch;
using CosmosKernel.Syscalls;
using CosmosKernel.Threads;
using Shared.Abi;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Ipc;

public static unsafe class ReplyPath
{
    /// <summary>SystemCall.Reply.</summary>
    public static void Reply(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        Status status = Answer(
            kernel, thread, frame->A0, new MessageInfo(frame->A1), frame->A3, out Thread? caller);
        if (caller is not null) kernel.Scheduler.MakeReady(caller);
        if (thread.State != ThreadState.Dead) SystemCallTable.Answer(thread, status);
    }

    /// <summary>SystemCall.ReplyReceive. Without a Reply handle it only receives.</summary>
    public static void ReplyReceive(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        Thread? caller = null;
        if (frame->A0 != 0)
        {
            Status replied = Answer(
                kernel, thread, frame->A0, new MessageInfo(frame->A1), frame->A3, out caller);
            // Whose capability reached nobody is told so: it may have counted it.
            bool isOver = replied == Status.Ok
                || replied == Status.CallerGone && !new MessageInfo(frame->A1).IsMinting;
            if (!isOver)
            {
                if (thread.State != ThreadState.Dead) SystemCallTable.Answer(thread, replied);
                return;
            }
        }

        Status status = ReceivePath.Start(kernel, thread, frame->A2, frame->A4, frame->A3);
        if (status != Status.Ok) SystemCallTable.Answer(thread, status);
        if (caller is not null) kernel.Scheduler.HandOver(caller);
    }

    /// <summary>
    /// Gives the answer to the caller, which the kernel's caller makes ready. What is not Ok or
    /// CallerGone leaves the Reply as it was.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Status Answer(
        Kernel kernel, Thread thread, ulong handle, MessageInfo info, ulong extrasAddress,
        out Thread? caller)
    {
        caller = null;
        if ((info.Value & ~CallPath.PlainInfo) != 0
            && (!info.IsWellFormed || info.Leases != 0 && !info.HasInlineLease))
        {
            SystemCallTable.Malformed(kernel, thread);
            return Status.BadArgument;
        }

        ulong minted = 0;
        Status status = Replies.Find(kernel, thread.Process, handle, out CallRequest? request);
        if (request is not null && (info.Value & ~CallPath.PlainInfo) != 0)
            status = GiveMore(kernel, thread, request, info, extrasAddress, out minted);
        if (status == Status.TooLarge)
        {
            CallPath.End(kernel, request!, Status.QuotaExceeded);
            Replies.ForgetGone(thread.Process, handle);
            return info.IsMinting ? Status.CallerGone : Status.Ok;
        }

        if (status == Status.CallerGone)
        {
            Replies.ForgetGone(thread.Process, handle);
            if (request is null && (info.Flags & MessageFlags.Move) != 0)
                Transfer.DropMoved(kernel, thread, extrasAddress, info.Capabilities);
        }

        if (status != Status.Ok) return status;
        if (thread.Process.FirstReplyNs == 0) thread.Process.FirstReplyNs = kernel.NowNs;
        caller = request!.Caller;
        UserFrame* target = caller.Frame;
        target->A1 = info.Value;
        // The caller of a short call keeps its other registers: it has not saved them.
        if ((request.Info.Flags & MessageFlags.Short) == 0)
            Transfer.CopyWords(thread.Frame, target);
        else target->A5 = thread.Frame->A5;
        if (info.HasInlineLease || info.IsMinting)
            Transfer.SetInline(request, target, minted);
        target->Rax = 0;
        if (kernel.IsTracing) kernel.Trace.Replied(request, thread, info.Status);
        if (request.TookClosed) ReceivePath.AcknowledgeClosed(kernel, request);
        CallPath.Finish(kernel, request);
        return Status.Ok;
    }

    /// <summary>
    /// What is not in the words of a reply. Ok; TooLarge when the caller has no room for it;
    /// CallerGone when it has died of it. Anything else leaves the Reply as it was.
    /// </summary>
    static Status GiveMore(
        Kernel kernel, Thread thread, CallRequest request, MessageInfo info, ulong extrasAddress,
        out ulong minted)
    {
        minted = 0;
        if (info.IsMinting) return Transfer.MintReply(kernel, thread, request, out minted);
        return info.HasInlineLease ? LeasePath.GiveReply(kernel, thread, request)
            : Transfer.GiveReply(kernel, thread, extrasAddress, request, info);
    }

    /// <summary>
    /// SystemCall.Park: the request waits for an outside event, and is nobody's fault.
    /// </summary>
    public static Status Park(Kernel kernel, Thread thread)
    {
        Status status = Replies.Find(
            kernel, thread.Process, thread.Frame->A0, out CallRequest? request);
        if (request is null) return status;
        if ((request.Info.Flags & MessageFlags.MayBlock) == 0) return Status.WrongType;
        request.State = RequestState.Parked;
        Thread server = request.Server!;
        if (server.Handling == request) ReceivePath.EndHandling(kernel, server);
        return Status.Ok;
    }

    /// <summary>Close of a Reply: the server will not answer, and says so.</summary>
    public static Status Drop(Kernel kernel, Thread thread, ulong handle)
    {
        Status status = Replies.Find(kernel, thread.Process, handle, out CallRequest? request);
        if (request is not null) CallPath.End(kernel, request, Status.PeerDied);
        if (status != Status.BadHandle) Replies.ForgetGone(thread.Process, handle);
        return status == Status.BadHandle ? status : Status.Ok;
    }
}
