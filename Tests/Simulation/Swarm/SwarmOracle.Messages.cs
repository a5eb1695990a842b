// Calls made, delivered and ended.

using CosmosKernel.Arch;
using Shared.Abi;
using System.Collections.Generic;

namespace Tests.Simulation.Swarm;

sealed unsafe partial class SwarmOracle
{
    void NoteCall(SwarmThread thread, CallResult result)
    {
        MessageInfo info = new(thread.Arguments[1]);
        ulong deadlineNs = thread.Arguments[2];
        SwarmCall? served = null;
        Status refused = Find(thread.Process, thread.Arguments[0], ObjectType.Endpoint,
            Rights.Call, out ShadowCapability? via);
        if (refused == Status.Ok)
            refused = Admit(thread, via!, info, ref deadlineNs, out served);
        if (refused == Status.Ok && info.Capabilities != 0)
            refused = CanSend(thread, info.Capabilities);
        if (refused != Status.Ok)
        {
            Expect(thread, result.Status, refused);
            Require(result.Outcome == Outcome.NotExecuted, $"{thread}: a refused call has run");
            return;
        }

        SwarmCall call = new()
        {
            Token = thread.Arguments[5], Caller = thread, Via = via!, Flags = info.Flags,
            Endpoint = (SwarmEndpoint)via!.Target!, DeadlineNs = deadlineNs, Serves = served,
            LeaseWord = thread.Arguments[10],
            HasExtras = thread.Arguments[3] != 0, Depth = served is null ? 0 : served.Depth + 1,
        };
        via.Pins++;
        for (int slot = 0; slot < info.Capabilities; slot++)
            call.Sent.Add(CopyOf(thread, thread.SentHandles[slot], null, 0));
        world.Calls.Add(call.Token, call);
        thread.Calling = call;
        thread.IsWaiting = true;
        world.Tally.Calls++;
    }

    Status Admit(SwarmThread thread, ShadowCapability via, MessageInfo info,
        ref ulong deadlineNs, out SwarmCall? served)
    {
        served = null;
        var endpoint = (SwarmEndpoint)via.Target!;
        if (endpoint.IsVanished) return Status.Revoked;
        if (thread.Process.LayerValue <= endpoint.LayerValue) return Status.LayerViolation;
        if (endpoint.WasServerDead && endpoint.OnDeath == OnDeath.Fail) return Status.PeerDied;
        ulong nowNs = world.Kernel.NowNs;
        if (deadlineNs == 0 && (info.Flags & MessageFlags.MayBlock) == 0
            && endpoint.DefaultDeadlineNs != 0) deadlineNs = nowNs + endpoint.DefaultDeadlineNs;
        if (thread.Arguments[4] != 0)
        {
            Status status = FindReply(thread, thread.Arguments[4], out served);
            if (status != Status.Ok) return status;
            if (served!.Depth + 1 >= Limits.CallDepth) return Status.LayerViolation;
            if (served.DeadlineNs != 0 && (deadlineNs == 0 || served.DeadlineNs < deadlineNs))
                deadlineNs = served.DeadlineNs;
        }

        if (thread.IsCancelPending)
        {
            thread.IsCancelPending = false;
            return Status.Cancelled;
        }

        return deadlineNs != 0 && deadlineNs <= nowNs ? Status.TimedOut : Status.Ok;
    }

    /// <summary>Whether the handles in its extras may be sent.</summary>
    static Status CanSend(SwarmThread thread, int count)
    {
        for (int slot = 0; slot < count; slot++)
        {
            ulong handle = thread.SentHandles[slot];
            if (handle == 0) continue;
            if (thread.Process.Find(handle) is not { } node) return Status.BadHandle;
            if (!node.IsDead && (node.Rights & Rights.Pass) == 0) return Status.NoRight;
        }

        return Status.Ok;
    }

    ShadowCapability? CopyOf(SwarmThread thread, ulong handle, SwarmProcess? owner, ulong copy) =>
        handle == 0 ? null
            : world.Tree.Copy(thread.Process.Find(handle)!, Rights.All, owner, copy);

    /// <summary>A wait in Receive or ReplyReceive has ended, or did not begin.</summary>
    void NoteReceived(SwarmThread thread, CallResult result)
    {
        UserFrame* frame = thread.Kernel.Frame;
        SwarmEndpoint? endpoint = thread.ReceivingOn;
        switch (result.Status)
        {
            case Status.Ok when result.Kind == ReceiveKind.Call:
                NoteDelivery(thread, frame);
                break;
            case Status.Ok when result.Kind == ReceiveKind.ClosedAndCall:
                closed.Add((thread, endpoint!, frame->A3));
                NoteDelivery(thread, frame);
                Require((thread.Handling!.Flags & MessageFlags.MayBlock) == 0,
                    $"{thread} hears of a Closed with a call that may be parked");
                break;
            case Status.Ok when result.Kind == ReceiveKind.Closed:
                closed.Add((thread, endpoint!, frame->A2));
                break;
            case Status.Ok:
                NoteBits(thread, frame->A5);
                break;
            case Status.TimedOut:
                Require(IsPast(thread.ReceiveDeadlineNs), $"{thread} was woken too early");
                break;
            case Status.Cancelled:
                Require(thread.IsCancelPending, $"{thread} was cancelled by nobody");
                thread.IsCancelPending = false;
                break;
            case Status.Revoked:
                Require(endpoint is not null
                    && (endpoint.IsVanished || !endpoint.Kernel.IsUsed
                        || endpoint.Kernel.References == 0),
                    $"{thread} waits no more on an endpoint that lives");
                break;
            default: throw new SwarmException($"{thread}: Receive answered {result.Status}");
        }
    }

    /// <summary>
    /// All bits there are; or, when several deaths have come to their ends in the entry, those of
    /// the first.
    /// </summary>
    void NoteBits(SwarmThread thread, ulong heard)
    {
        ulong bits = thread.Bound?.Bits ?? 0;
        Require(heard == bits || endsInEntry > 1 && heard != 0 && (heard & ~bits) == 0,
            $"{thread} hears bits {heard:x}, not {bits:x}");
        thread.Bound!.Bits = bits & ~heard;
    }

    bool IsPast(ulong deadlineNs) => deadlineNs != 0 && deadlineNs <= world.Kernel.NowNs;

    void NoteDelivery(SwarmThread thread, UserFrame* frame)
    {
        MessageInfo info = new(frame->A1 & uint.MaxValue);
        ushort attempt = new MessageInfo(frame->A1).Attempt;
        if (!world.Calls.TryGetValue(frame->A5, out SwarmCall? call))
            throw new SwarmException($"{thread} was given a call that nobody waits for");
        string what = $"{thread} was given the call of {call.Caller}";
        Require(call.Endpoint == thread.ReceivingOn, $"{what} through another endpoint");
        Require(call.Holder is null, $"{what} that {call.Holder?.Name} has");
        Require(!call.Via.IsDead || hadRevokedCalls || world.Kernel.HasRevokedCalls,
            $"{what} that was revoked");
        Require(attempt == ++call.Deliveries, $"{what}: attempt {attempt}, not {call.Deliveries}");
        Require(call.RequestId == 0 || call.RequestId == frame->A4, $"{what} by another id");
        Require(call.Via.Badge == frame->A2, $"{what} with badge {frame->A2}");
        Require(info.Flags == call.Flags, $"{what} with flags {info.Flags}");
        bool hasLease = (call.Flags & MessageFlags.InlineLease) != 0;
        Require(!hasLease || frame->A9 == 0, $"{what} with the address of its lease");
        ulong expected = call.IsShort ? 0
            : hasLease ? call.LeaseWord : SwarmCall.Word(call.Token, 10);
        Require(frame->A10 == expected, $"{what} with other words");
        if (attempt > 1) world.Tally.Redeliveries++;
        call.RequestId = frame->A4;
        call.Holder = thread.Process;
        call.HolderThread = thread;
        call.Reply = frame->A0;
        thread.Handling = call;
        thread.Process.Hold(call);
        if (thread.HasReceiveExtras) TakeCapabilities(thread, call.Sent);
    }

    /// <summary>The handles in its extras are copies of these.</summary>
    void TakeCapabilities(SwarmThread thread, List<ShadowCapability?> sent)
    {
        for (int slot = 0; slot < sent.Count; slot++)
        {
            ulong handle = thread.Extras->Handles[slot];
            Require(handle == 0 == sent[slot] is null, $"{thread} received handle {handle:x}");
            if (sent[slot] is { } node)
                world.Tree.Copy(node, Rights.All, thread.Process, handle);
        }
    }

    void NoteCallEnded(SwarmThread thread, CallResult result)
    {
        SwarmCall call = thread.Calling!;
        UserFrame* frame = thread.Kernel.Frame;
        string who = $"{thread}: its call ended {result.Status}";
        if (result.Status == Status.Ok)
        {
            Require(call.IsReplied, $"{who} without an answer");
            Require(frame->A5 == call.ReplyWord(5), $"{who} with another's answer");
            ulong last = call.IsShort ? thread.Arguments[10]
                : call.HasBytes || call.Minted is not null ? 0 : call.ReplyWord(10);
            Require(frame->A10 == last, $"{who} with words of another");
            if (call.Minted is { } minted)
            {
                (minted.Handle, minted.Owner) = (frame->A9, thread.Process);
                world.Tree.Add(minted, call.Via);
            }

            world.Tally.Replies++;
        }
        else
        {
            Require(!call.IsReplied, $"{who} though it was answered");
            Require(HasReason(call, result.Status), $"{who} without a reason");
            Outcome outcome = call.Deliveries == 0 ? Outcome.NotExecuted : Outcome.MaybeExecuted;
            Require(result.Outcome == outcome, $"{who}, {result.Outcome} and not {outcome}");
            world.Tally.Count(result.Status.ToString());
            // Its place among those that are remembered is taken, and is free again at once.
            if (call.IsDropped || call.HasNoRoom) call.Holder?.CountGone();
            else call.Holder?.AddGone(call.Reply);
        }

        Forget(call);
        if (result.Status == Status.Ok && call.HasExtras)
            TakeCapabilities(thread, call.ReplyCapabilities);
        foreach (ShadowCapability? node in call.ReplyCapabilities)
            if (node is not null) world.Tree.Remove(node);
    }

    bool HasReason(SwarmCall call, Status status)
    {
        switch (status)
        {
            case Status.TimedOut: return IsPast(call.DeadlineNs);
            case Status.Cancelled:
                bool isCancelled = call.Caller.IsCancelPending;
                call.Caller.IsCancelPending = false;
                return isCancelled;
            case Status.Revoked: return call.Via.IsDead || call.Endpoint.IsVanished;
            case Status.PeerDied: return call.IsDropped || call.Endpoint.HasFailed;
            case Status.Poisoned:
                return call.Faults >= CosmosKernel.Ipc.Redelivery.FaultsUntilPoisoned;
            case Status.QuotaExceeded: return call.HasNoRoom || call.Sent.Count != 0;
            default: return false;
        }
    }
}
