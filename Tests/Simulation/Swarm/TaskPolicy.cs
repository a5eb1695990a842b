// What the threads of tasks do: anything, most of it sensible, some of it not.
//
// Choices depend on the thread's own random numbers and on what its process has.

using Shared.Abi;
using System;
using System.Collections.Generic;

namespace Tests.Simulation.Swarm;

sealed unsafe class TaskPolicy(SwarmWorld world)
{
    const int Malformed = 0x10FF, PoisonedTokens = 16;

    ulong lastToken = 0x1_0000;

    ulong LongestWaitNs => world.StepNs * 200;

    public void Choose(SwarmThread thread)
    {
        Random random = thread.Random;
        List<ulong> replies = thread.Process.Replies;
        if (world.Phase != SwarmPhase.Working) Settle(thread);
        else if (thread.Handling is { } call && call.Token % PoisonedTokens == 0
            && random.Next(3) == 0)
        {
            // What cannot be served is not: the next incarnation stumbles over it too.
            thread.Number = (SystemCall)Malformed;
        }
        else if (replies.Count != 0 && random.Next(100) < 60) Answer(thread);
        else if (random.Next(1500) == 0) thread.Number = (SystemCall)Malformed;
        else if (random.Next(1200) == 0) thread.Number = SystemCall.ThreadExit;
        else
        {
            int choice = random.Next(100);
            // Only who has an endpoint serves; the others call instead.
            if (choice is >= 48 and < 80 && !CanServe(thread) && random.Next(5) != 0) choice = 0;
            switch (choice)
            {
                case < 48: Call(thread); break;
                case < 80: Receive(thread, 0); break;
                case < 87: Derive(thread); break;
                case < 91: Close(thread); break;
                case < 93: Revoke(thread); break;
                case < 96: Make(thread); break;
                case < 98: Signal(thread); break;
                default: Look(thread); break;
            }
        }
    }

    static bool CanServe(SwarmThread thread)
    {
        foreach (ShadowCapability one in thread.Process.Handles)
        {
            if (one.Type == ObjectType.Endpoint && (one.Rights & Rights.Receive) != 0
                && !one.IsDead) return true;
        }

        return false;
    }

    /// <summary>Answers what it has, and serves: nothing new comes from it.</summary>
    void Settle(SwarmThread thread)
    {
        if (thread.Process.Replies.Count != 0)
        {
            thread.Number = SystemCall.Reply;
            thread.Arguments[0] = thread.Process.Replies[0];
            SetReplyWords(thread);
            return;
        }

        Receive(thread, 0);
        thread.Arguments[2] = world.NowNs + LongestWaitNs;
    }

    ulong Deadline(Random random) => random.Next(8) switch
    {
        0 => 1,
        < 5 => 0,
        _ => world.NowNs + (ulong)random.NextInt64(2_000, (long)LongestWaitNs),
    };

    /// <summary>One of its handles of the type and with the rights; else any number.</summary>
    static ulong Pick(SwarmThread thread, ObjectType type, Rights rights)
    {
        List<ShadowCapability> handles = thread.Process.Handles;
        Random random = thread.Random;
        if (handles.Count == 0 || random.Next(40) == 0)
            return (ulong)random.NextInt64() & 0x3_0000_0FFF;
        int first = random.Next(handles.Count);
        for (int tried = 0; tried < handles.Count && random.Next(25) != 0; tried++)
        {
            ShadowCapability one = handles[(first + tried) % handles.Count];
            if (one.Type == type && (one.Rights & rights) == rights && Fits(thread, one, rights))
                return one.Handle;
        }

        return handles[first].Handle;
    }

    /// <summary>One calls what lies lower, and serves what does not.</summary>
    static bool Fits(SwarmThread thread, ShadowCapability one, Rights rights)
    {
        if (one.Target is not SwarmEndpoint endpoint) return true;
        bool isLower = endpoint.LayerValue < thread.Process.LayerValue;
        return rights == Rights.Call ? isLower : rights != Rights.Receive || !isLower;
    }

    static ulong PickReply(SwarmThread thread)
    {
        List<ulong> replies = thread.Process.Replies;
        Random random = thread.Random;
        if (replies.Count != 0 && random.Next(20) != 0) return replies[random.Next(replies.Count)];
        foreach (ulong gone in thread.Process.Gone.Keys) return gone;
        return random.Next(2) == 0 ? 0x8000_0000 : thread.Calling?.Reply ?? 0x8000_0401;
    }

    void Call(SwarmThread thread)
    {
        Random random = thread.Random;
        thread.Number = SystemCall.Call;
        thread.Arguments[0] = Pick(thread, ObjectType.Endpoint, Rights.Call);
        // Who has nobody to call had better wait.
        if (thread.Process.Find(thread.Arguments[0]) is { } via && !Fits(thread, via, Rights.Call)
            && random.Next(20) != 0)
        {
            Receive(thread, 0);
            return;
        }

        int capabilities = random.Next(6) == 0 ? random.Next(1, 4) : 0;
        int leases = random.Next(8) == 0 ? random.Next(1, 3) : 0;
        MessageFlags flags = random.Next(3) == 0 ? MessageFlags.MayBlock : MessageFlags.None;
        if (random.Next(2) == 0) flags |= MessageFlags.Short;
        bool isInline = leases == 1 && capabilities == 0 && (flags & MessageFlags.Short) == 0
            && random.Next(2) == 0;
        if (isInline) flags |= MessageFlags.InlineLease;
        thread.Arguments[1] =
            new MessageInfo((ushort)random.Next(1, 9), capabilities, leases, flags).Value;
        thread.Arguments[2] = Deadline(random);
        if (capabilities + leases != 0 || random.Next(2) == 0)
            thread.Arguments[3] = (ulong)thread.Extras;
        if (thread.Process.Replies.Count != 0 && random.Next(2) == 0)
            thread.Arguments[4] = PickReply(thread);
        ulong token = ++lastToken;
        thread.SetWords(token, number => SwarmCall.Word(token, number));
        SetHandles(thread, capabilities);
        byte* scratch = world.ScratchOf(thread);
        for (int slot = 0; slot < leases; slot++)
        {
            thread.Extras->LeaseWords[slot * 2] = (ulong)scratch;
            thread.Extras->LeaseWords[slot * 2 + 1] = 16 | (ulong)random.Next(4) << 32;
        }

        *(ulong*)scratch = token;
        if (!isInline) return;
        thread.Arguments[9] = (ulong)scratch;
        thread.Arguments[10] = 16 | (ulong)random.Next(4) << 32;
    }

    static void SetHandles(SwarmThread thread, int count)
    {
        *thread.Extras = default;
        for (int slot = 0; slot < count; slot++)
        {
            thread.Extras->Handles[slot] = thread.Random.Next(10) == 0
                ? 0 : Pick(thread, ObjectType.Endpoint, Rights.Pass);
        }
    }

    /// <param name="at">Register of the first argument of the receive.</param>
    void Receive(SwarmThread thread, int at)
    {
        Random random = thread.Random;
        thread.Number = SystemCall.Receive;
        bool isServing = random.Next(4) != 0;
        thread.Arguments[at] = isServing ? Pick(thread, ObjectType.Endpoint, Rights.Receive) : 0;
        thread.Arguments[at + 2] = Deadline(random);
        // Without an endpoint, nothing else might ever wake it.
        if (thread.Arguments[at] == 0 && thread.Arguments[at + 2] == 0)
            thread.Arguments[at + 2] = world.NowNs + LongestWaitNs;
        if (random.Next(4) != 0) thread.Arguments[3] = (ulong)thread.Extras;
        // Whose Closed it says it has dealt with; most often it has not heard of one.
        if (at == 0 && random.Next(2) == 0) thread.Arguments[1] = (ulong)random.Next(5);
    }

    void Answer(SwarmThread thread)
    {
        Random random = thread.Random;
        int choice = random.Next(100);
        ulong reply = PickReply(thread);
        if (choice < 45)
        {
            Receive(thread, 2);
            thread.Number = SystemCall.ReplyReceive;
        }
        else
        {
            thread.Number = choice < 80 ? SystemCall.Reply
                : choice < 87 ? SystemCall.Park
                : choice < 92 ? SystemCall.Close
                : choice < 96 ? SystemCall.LeaseRead : SystemCall.LeaseWrite;
        }

        thread.Arguments[0] = reply;
        if (thread.Number is SystemCall.Reply or SystemCall.ReplyReceive) SetReply(thread);
        else if (thread.Number is SystemCall.LeaseRead or SystemCall.LeaseWrite)
        {
            thread.Arguments[1] = (ulong)random.Next(3);
            thread.Arguments[3] = (ulong)(world.ScratchOf(thread) + 64);
            thread.Arguments[4] = 8;
        }
    }

    void SetReply(SwarmThread thread)
    {
        int capabilities = thread.Random.Next(6) == 0 ? thread.Random.Next(1, 4) : 0;
        SetReplyWords(thread);
        if (capabilities == 0)
        {
            if (thread.Random.Next(5) == 0) SetReplyMint(thread);
            else if (thread.Random.Next(2) == 0) SetReplyBytes(thread);
            return;
        }
        thread.Arguments[1] = new MessageInfo(0, capabilities).Value;
        thread.Arguments[3] = (ulong)thread.Extras;
        SetHandles(thread, capabilities);
    }

    /// <summary>Bytes that come with the answer, where the call has lent room for them.</summary>
    void SetReplyBytes(SwarmThread thread)
    {
        bool hasLease = thread.Process.Held.TryGetValue(thread.Arguments[0], out SwarmCall? call)
            && (call.Flags & MessageFlags.InlineLease) != 0;
        if (!hasLease) return;
        thread.Arguments[1] =
            new MessageInfo(0, leases: 1, flags: MessageFlags.InlineLease).Value;
        thread.Arguments[9] = (ulong)(world.ScratchOf(thread) + 64);
        thread.Arguments[10] = 8 | (ulong)thread.Random.Next(9) << 32;
    }

    /// <summary>A capability that is made with the answer.</summary>
    static void SetReplyMint(SwarmThread thread)
    {
        thread.Arguments[1] = new MessageInfo(0, flags: MessageFlags.Mint).Value;
        if (thread.Number == SystemCall.Reply || thread.Random.Next(3) == 0)
            thread.Arguments[2] = Pick(thread, ObjectType.Endpoint, Rights.Mint);
        thread.Arguments[9] = (ulong)thread.Random.Next(5);
        thread.Arguments[10] = MintedRights(thread.Random);
    }

    static ulong MintedRights(Random random) => (ulong)(Rights.Call | Rights.Pass)
        | (random.Next(3) == 0 ? (ulong)(Rights.Revoke | Rights.Mint) : 0);

    static void SetReplyWords(SwarmThread thread)
    {
        if (thread.Process.Held.TryGetValue(thread.Arguments[0], out SwarmCall? call))
            thread.SetWords(call.ReplyWord(5), call.ReplyWord);
    }

    void Derive(SwarmThread thread)
    {
        Random random = thread.Random;
        if (random.Next(2) == 0)
        {
            thread.Number = SystemCall.Copy;
            thread.Arguments[0] = Pick(thread, ObjectType.Endpoint, Rights.Pass);
            thread.Arguments[1] = random.Next(2) == 0
                ? (ulong)Rights.All : (ulong)random.Next((int)Rights.All + 1);
            return;
        }

        thread.Number = SystemCall.Mint;
        thread.Arguments[0] = Pick(thread, ObjectType.Endpoint, Rights.Mint);
        thread.Arguments[1] = MintedRights(random);
        thread.Arguments[2] = (ulong)random.Next(5);
        if (random.Next(2) == 0) thread.Arguments[3] = PickReply(thread);
    }

    static void Close(SwarmThread thread)
    {
        thread.Number = SystemCall.Close;
        // Whoever has few keeps them, or nothing would be left to do.
        bool isRich = thread.Process.Handles.Count > thread.Process.HandleQuota / 2;
        ObjectType type = thread.Random.Next(3) == 0 ? ObjectType.Endpoint : ObjectType.None;
        if (thread.Process.Handles.Find(static one => one.IsLate) is { } late
            && thread.Random.Next(2) == 0)
        {
            thread.Number = SystemCall.KeepOpen;
            thread.Arguments[0] = late.Handle;
        }
        else if (isRich || thread.Random.Next(4) == 0)
        {
            if (thread.Random.Next(2) == 0) thread.Number = SystemCall.CloseLate;
            thread.Arguments[0] = Pick(thread, type, Rights.None);
        }
        else if (thread.Random.Next(20) == 0)
        {
            thread.Number = SystemCall.KeepOpen;
            thread.Arguments[0] = Pick(thread, type, Rights.None);
        }
        else thread.Number = SystemCall.ClockNow;
    }

    static void Revoke(SwarmThread thread)
    {
        thread.Number = SystemCall.Revoke;
        thread.Arguments[0] = Pick(thread, ObjectType.Endpoint, Rights.Revoke);
    }

    void Make(SwarmThread thread)
    {
        Random random = thread.Random;
        switch (random.Next(4))
        {
            case 0:
                thread.Number = SystemCall.EndpointCreate;
                thread.Arguments[0] = (ulong)random.Next(3);
                thread.Arguments[1] = thread.Process.LayerValue;
                break;
            case 1: thread.Number = SystemCall.NotificationCreate; break;
            case 2: thread.Number = SystemCall.ThreadSelf; break;
            default:
                thread.Number = SystemCall.MemoryCreate;
                thread.Arguments[0] = (ulong)random.Next(1, 4 * Limits.PageBytes);
                break;
        }
    }

    static void Signal(SwarmThread thread)
    {
        Random random = thread.Random;
        switch (random.Next(4))
        {
            case 0:
                thread.Number = SystemCall.NotificationBind;
                thread.Arguments[0] = Pick(thread, ObjectType.Notification, Rights.Wait);
                break;
            case 1:
                thread.Number = SystemCall.CancelCall;
                thread.Arguments[0] = Pick(thread, ObjectType.Thread, Rights.Signal);
                break;
            default:
                thread.Number = SystemCall.NotificationSignal;
                thread.Arguments[0] = Pick(thread, ObjectType.Notification, Rights.Signal);
                thread.Arguments[1] = (ulong)random.Next(256);
                break;
        }
    }

    void Look(SwarmThread thread)
    {
        switch (thread.Random.Next(4))
        {
            case 0:
                thread.Number = SystemCall.AcknowledgeClosed;
                thread.Arguments[0] = Pick(thread, ObjectType.Endpoint, Rights.Receive);
                thread.Arguments[1] = (ulong)thread.Random.Next(5);
                break;
            case 1:
                thread.Number = SystemCall.ListBadges;
                thread.Arguments[0] = Pick(thread, ObjectType.Endpoint, Rights.Mint);
                thread.Arguments[1] = (ulong)world.ScratchOf(thread);
                thread.Arguments[2] = 8;
                break;
            case 2:
                thread.Number = SystemCall.MemoryMap;
                thread.Arguments[0] = Pick(thread, ObjectType.Memory, Rights.Read);
                thread.Arguments[2] = Limits.PageBytes;
                thread.Arguments[3] = (ulong)(Rights.Read | Rights.Write);
                break;
            default:
                thread.Number = SystemCall.DescribeHandle;
                thread.Arguments[0] = Pick(thread, ObjectType.Endpoint, Rights.None);
                break;
        }
    }
}
