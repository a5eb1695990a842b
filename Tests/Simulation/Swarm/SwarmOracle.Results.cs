// The call that a thread has just made: what it must have answered, and what it has changed.

using CosmosKernel.Arch;
using Shared.Abi;
using System;

namespace Tests.Simulation.Swarm;

sealed unsafe partial class SwarmOracle
{
    void NoteResult(SwarmThread thread)
    {
        UserFrame* frame = thread.Kernel.Frame;
        CallResult result = new(frame->Rax);
        ulong[] arguments = thread.Arguments;
        switch (thread.Number)
        {
            case SystemCall.ThreadExit: break;
            case SystemCall.Call: NoteCall(thread, result); break;
            case SystemCall.Receive:
                NoteReceive(thread, arguments[0], arguments[2], result);
                break;
            case SystemCall.ReplyReceive: NoteReplyReceive(thread, result); break;
            case SystemCall.Reply: Expect(thread, result.Status, Reply(thread)); break;
            case SystemCall.Park: Expect(thread, result.Status, Park(thread)); break;
            case SystemCall.LeaseRead or SystemCall.LeaseWrite: NoteLease(thread, result); break;
            case SystemCall.Close: Expect(thread, result.Status, Close(thread)); break;
            case SystemCall.CloseLate: Expect(thread, result.Status, CloseLate(thread)); break;
            case SystemCall.KeepOpen: Expect(thread, result.Status, KeepOpen(thread)); break;
            case SystemCall.Copy: NoteCopy(thread, thread.Process, result.Status, 0); break;
            case SystemCall.Mint: NoteMint(thread, result.Status); break;
            case SystemCall.Revoke: Expect(thread, result.Status, Revoke(thread)); break;
            case SystemCall.CancelCall: Expect(thread, result.Status, Cancel(thread)); break;
            case SystemCall.NotificationSignal:
                Expect(thread, result.Status, Signal(thread));
                break;
            case SystemCall.NotificationBind: Expect(thread, result.Status, Bind(thread)); break;
            default: NoteObject(thread, result.Status); break;
        }
    }

    /// <summary>
    /// A call that is made again has done some of its work: what was to be revoked is.
    /// </summary>
    void NotePart(SwarmThread thread)
    {
        world.Tally.Parts++;
        if (thread.Number == SystemCall.Revoke) Expect(thread, Revoke(thread), Status.Ok);
        else
        {
            Require(thread.Number is SystemCall.ProcessKill or SystemCall.ListBadges,
                $"{thread} makes {thread.Number} again");
        }
    }

    static Status Find(SwarmProcess process, ulong handle, out ShadowCapability? node)
    {
        node = process.Find(handle);
        return node is null ? Status.BadHandle : node.IsDead ? Status.Revoked : Status.Ok;
    }

    static Status Find(SwarmProcess process, ulong handle, ObjectType type, Rights rights,
        out ShadowCapability? node)
    {
        Status status = Find(process, handle, out node);
        if (status != Status.Ok) return status;
        if (node!.Type != type) return Status.WrongType;
        return (node.Rights & rights) == rights ? Status.Ok : Status.NoRight;
    }

    static bool IsReply(ulong handle) => (handle & 0x8000_0000) != 0;

    /// <summary>CallerGone is told as long as the kernel remembers that many.</summary>
    static Status FindReply(SwarmThread thread, ulong handle, out SwarmCall? call)
    {
        if (thread.Process.Held.TryGetValue(handle, out call)) return Status.Ok;
        if (!thread.Process.Gone.TryGetValue(handle, out int gone)) return Status.BadHandle;
        return thread.Process.IsForgotten(gone) ? Status.BadHandle : Status.CallerGone;
    }

    static Status Answered(SwarmThread thread) => new CallResult(thread.Kernel.Frame->Rax).Status;

    void NoteReceive(SwarmThread thread, ulong handle, ulong deadlineNs, CallResult result)
    {
        SwarmEndpoint? endpoint = null;
        if (handle != 0)
        {
            Status status = Find(thread.Process, handle, ObjectType.Endpoint, Rights.Receive,
                out ShadowCapability? node);
            endpoint = node?.Target as SwarmEndpoint;
            if (status == Status.Ok && endpoint!.IsVanished) status = Status.Revoked;
            if (status == Status.Ok && thread.Process.LayerValue > endpoint!.LayerValue)
                status = Status.LayerViolation;
            if (status != Status.Ok)
            {
                Expect(thread, result.Status, status);
                return;
            }
        }

        thread.Handling = null;
        thread.ReceivingOn = endpoint;
        thread.ReceiveDeadlineNs = deadlineNs;
        thread.HasReceiveExtras = thread.Arguments[3] != 0;
        thread.IsWaiting = IsStillWaiting(thread);
        if (!thread.IsWaiting) NoteReceived(thread, result);
    }

    void NoteReplyReceive(SwarmThread thread, CallResult result)
    {
        Status replied = Reply(thread);
        bool isOver = replied == Status.Ok || replied == Status.CallerGone
            && !new MessageInfo(thread.Arguments[1]).IsMinting;
        if (!isOver)
            Expect(thread, result.Status, replied);
        else NoteReceive(thread, thread.Arguments[2], thread.Arguments[4], result);
    }

    /// <summary>What a Reply must answer. The caller's end of it is seen at its thread.</summary>
    Status Reply(SwarmThread thread)
    {
        MessageInfo info = new(thread.Arguments[1]);
        Status status = FindReply(thread, thread.Arguments[0], out SwarmCall? call);
        if (call is null)
        {
            thread.Process.Gone.Remove(thread.Arguments[0]);
            return status;
        }

        if (info.IsMinting)
        {
            status = MintWithReply(thread, call);
            if (status != Status.Ok) return status;
        }

        if (info.Capabilities != 0)
        {
            status = CanSend(thread, info.Capabilities);
            if (status != Status.Ok) return status;
            SwarmProcess caller = call.Caller.Process;
            if (call.HasExtras && caller.Handles.Count + info.Capabilities > caller.HandleQuota)
            {
                call.HasNoRoom = true;
                return Status.Ok;
            }

            for (int slot = 0; slot < info.Capabilities; slot++)
                call.ReplyCapabilities.Add(CopyOf(thread, thread.SentHandles[slot], null, 0));
        }

        if (info.HasInlineLease)
        {
            if ((call.LeaseWord >> 32 & (ulong)LeaseRights.Write) == 0) return Status.NoRight;
            call.WasLeaseWritten = call.HasBytes = true;
            world.Tally.RepliesWithBytes++;
        }

        call.IsReplied = true;
        return Status.Ok;
    }

    Status MintWithReply(SwarmThread thread, SwarmCall call)
    {
        Rights rights = (Rights)thread.Arguments[10];
        Status status = FindSource(thread, 2, rights, out ShadowCapability? source);
        if (status != Status.Ok) return status;
        SwarmProcess caller = call.Caller.Process;
        bool isDeep = call.Via.Depth + 2 >= Limits.MintDepth;
        bool hasRoom = call.HasExtras && !call.IsShort
            && caller.Handles.Count < caller.HandleQuota
            && !(isDeep && Answered(thread) == Status.CallerGone);
        if (!hasRoom)
        {
            call.HasNoRoom = true;
            return Status.CallerGone;
        }

        call.Minted = new()
        {
            Type = ObjectType.Endpoint, Target = source!.Target, Rights = rights,
            Badge = thread.Arguments[9],
        };
        world.Tally.RepliesThatMint++;
        return Status.Ok;
    }

    /// <param name="at">Register of the endpoint's handle.</param>
    static Status FindSource(
        SwarmThread thread, int at, Rights rights, out ShadowCapability? source)
    {
        Status status = Find(thread.Process, thread.Arguments[at], ObjectType.Endpoint,
            Rights.Mint, out source);
        if (status != Status.Ok) return status;
        if (source!.Target is SwarmEndpoint { IsVanished: true }) return Status.Revoked;
        bool isAllowed = (rights & ~(source.Rights | Rights.Call | Rights.Pass)) == 0;
        return isAllowed ? Status.Ok : Status.NoRight;
    }

    static Status Park(SwarmThread thread)
    {
        Status status = FindReply(thread, thread.Arguments[0], out SwarmCall? call);
        if (call is null) return status;
        if ((call.Flags & MessageFlags.MayBlock) == 0) return Status.WrongType;
        call.IsParked = true;
        if (call.HolderThread is { } holder && holder.Handling == call) holder.Handling = null;
        return Status.Ok;
    }

    void NoteLease(SwarmThread thread, CallResult result)
    {
        Status status = FindReply(thread, thread.Arguments[0], out SwarmCall? call);
        if (call is null)
        {
            Expect(thread, result.Status, status);
            return;
        }

        if (result.Status != Status.Ok)
        {
            Require(result.Status is Status.BadArgument or Status.NoRight,
                $"{thread}: a lease answered {result.Status}");
            return;
        }

        if (thread.Number == SystemCall.LeaseWrite)
        {
            call.WasLeaseWritten = true;
            return;
        }

        ulong read = *(ulong*)(world.ScratchOf(thread) + 64);
        Require(read == call.Token || call.WasLeaseWritten, $"{thread} read another's lease");
    }

    Status Close(SwarmThread thread)
    {
        ulong handle = thread.Arguments[0];
        if (IsReply(handle))
        {
            Status status = FindReply(thread, handle, out SwarmCall? call);
            if (call is not null) call.IsDropped = true;
            thread.Process.Gone.Remove(handle);
            return status == Status.BadHandle ? status : Status.Ok;
        }

        if (thread.Process.Find(handle) is not { } node) return Status.BadHandle;
        world.Tree.Remove(node);
        return Status.Ok;
    }

    Status CloseLate(SwarmThread thread)
    {
        if (thread.Process.Find(thread.Arguments[0]) is not { } node) return Status.BadHandle;
        node.IsLate = true;
        late.Add(node);
        return Status.Ok;
    }

    Status KeepOpen(SwarmThread thread)
    {
        Status status = Find(thread.Process, thread.Arguments[0], out ShadowCapability? node);
        if (status != Status.Ok) return status;
        if (!node!.IsLate) return Status.NotFound;
        node.IsLate = false;
        world.Tally.KeptOpen++;
        return Status.Ok;
    }

    /// <summary>What was closed for later goes at some time, and before nothing can run.</summary>
    void NoteLateCloses()
    {
        for (int i = late.Count - 1; i >= 0; i--)
        {
            ShadowCapability node = late[i];
            bool isOver = node.IsGone || !node.IsLate || node.Owner is not { IsAlive: true };
            if (!isOver)
            {
                isOver = world.Kernel.Capabilities.Find(
                    node.Owner!.Kernel, node.Handle, out _) == Status.BadHandle;
                if (!isOver) continue;
                world.Tree.Remove(node);
                world.Tally.LateCloses++;
            }
            late.RemoveAt(i);
        }
    }

    /// <param name="at">Register of the handle that is copied.</param>
    void NoteCopy(SwarmThread thread, SwarmProcess target, Status status, int at)
    {
        Status expected = Find(thread.Process, thread.Arguments[at], out ShadowCapability? source);
        if (expected == Status.Ok && (source!.Rights & Rights.Pass) == 0)
            expected = Status.NoRight;
        if (expected == Status.Ok && target.Handles.Count >= target.HandleQuota)
            expected = Status.QuotaExceeded;
        Expect(thread, status, expected);
        if (status != Status.Ok) return;
        Rights rights = (Rights)thread.Arguments[at + 1];
        world.Tree.Copy(source!, rights, target, thread.Kernel.Frame->A0);
    }

    void NoteMint(SwarmThread thread, Status status)
    {
        ulong[] arguments = thread.Arguments;
        Rights rights = (Rights)arguments[1];
        Status expected = FindSource(thread, 0, rights, out ShadowCapability? source);
        ShadowCapability? parent = source;
        if (expected == Status.Ok && arguments[3] != 0)
        {
            expected = FindReply(thread, arguments[3], out SwarmCall? call);
            parent = call?.Via;
        }

        if (expected == Status.Ok && thread.Process.Handles.Count >= thread.Process.HandleQuota)
            expected = Status.QuotaExceeded;
        bool isDeep = expected == Status.Ok && parent!.Depth + 2 >= Limits.MintDepth;
        if (!isDeep || status != Status.QuotaExceeded) Expect(thread, status, expected);
        if (status != Status.Ok) return;
        world.Tree.Add(new()
        {
            Handle = thread.Kernel.Frame->A0, Owner = thread.Process, Type = ObjectType.Endpoint,
            Target = source!.Target, Rights = rights, Badge = arguments[2],
        }, parent);
    }

    Status Revoke(SwarmThread thread)
    {
        Status status = Find(thread.Process, thread.Arguments[0], out ShadowCapability? node);
        if (status != Status.Ok) return status;
        if ((node!.Rights & Rights.Revoke) == 0) return Status.NoRight;
        world.Tree.RevokeBelow(node);
        return Status.Ok;
    }

    static Status Cancel(SwarmThread thread)
    {
        Status status = Find(thread.Process, thread.Arguments[0], ObjectType.Thread,
            Rights.Signal, out ShadowCapability? node);
        if (status != Status.Ok) return status;
        var target = (SwarmThread)node!.Target!;
        if (target.IsEnded) return Status.Exited;
        target.IsCancelPending = true;
        return Status.Ok;
    }

    static Status Signal(SwarmThread thread)
    {
        Status status = Find(thread.Process, thread.Arguments[0], ObjectType.Notification,
            Rights.Signal, out ShadowCapability? node);
        if (status == Status.Ok) ((SwarmNotification)node!.Target!).Bits |= thread.Arguments[1];
        return status;
    }

    static Status Bind(SwarmThread thread)
    {
        Status status = Find(thread.Process, thread.Arguments[0], ObjectType.Notification,
            Rights.Wait, out ShadowCapability? node);
        if (status != Status.Ok) return status;
        var notification = (SwarmNotification)node!.Target!;
        if (notification.Bound is { } other && other != thread) return Status.AlreadyExists;
        if (thread.Bound is { } before) before.Bound = null;
        notification.Bound = thread;
        thread.Bound = notification;
        return Status.Ok;
    }
}
