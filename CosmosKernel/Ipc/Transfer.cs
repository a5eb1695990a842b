// Moves what does not fit registers: capabilities and leases of a call, capabilities of a reply.
//
// Sent capabilities are copied when the message is sent, into the in-transit space, and again at
// each delivery: so a message in a queue is revoked like any other, and redelivery has them still.
// A capability that was revoked on its way arrives as a tombstone; Handle.None arrives as itself.

using CosmosKernel.Arch;
using CosmosKernel.Capabilities;
using CosmosKernel.Processes;
using CosmosKernel.Syscalls;
using CosmosKernel.Threads;
using Shared.Abi;
using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CosmosKernel.Ipc;

public static unsafe class Transfer
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CopyWords(UserFrame* source, UserFrame* target)
    {
        target->A5 = source->A5;
        target->A6 = source->A6;
        target->A7 = source->A7;
        target->A8 = source->A8;
        target->A9 = source->A9;
        target->A10 = source->A10;
    }

    /// <summary>The words of a call, as its info says that the receiver gets them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Deliver(ulong info, UserFrame* source, UserFrame* target)
    {
        if ((info & (ulong)MessageFlags.Short << 24) != 0)
        {
            CopyShort(source, target);
            return;
        }

        CopyWords(source, target);
        if ((info & (ulong)MessageFlags.InlineLease << 24) != 0) target->A9 = 0;
    }

    /// <summary>One word; nothing of the receiver's own stays in the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CopyShort(UserFrame* source, UserFrame* target)
    {
        target->A5 = source->A5;
        target->A6 = 0;
        target->A7 = 0;
        target->A8 = 0;
        target->A9 = 0;
        target->A10 = 0;
    }

    /// <summary>
    /// Where a server's bytes lay is not its caller's business; the handle of what it has minted
    /// is.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetInline(CallRequest request, UserFrame* target, ulong minted)
    {
        if ((request.Info.Flags & MessageFlags.Short) != 0) return;
        target->A9 = minted;
        target->A10 = 0;
    }

    public static bool IsExtrasAddress(Kernel kernel, ulong address) =>
        (address & 7) == 0 && kernel.UserMemory.IsUserRange(address, (ulong)sizeof(MessageExtras));

    /// <summary>
    /// Reads the extras of a call into its request. Ok, BadHandle, NoRight, QuotaExceeded; the
    /// process has died if they are malformed.
    /// </summary>
    public static Status TakeFromCaller(Kernel kernel, Thread thread, MessageInfo info)
    {
        UserFrame* frame = thread.Frame;
        if (info.HasInlineLease)
        {
            ref Lease only = ref thread.Request.Leases[0];
            if (LeasePath.TryTake(kernel, frame->A9, frame->A10, ref only)) return Status.Ok;
            SystemCallTable.Malformed(kernel, thread);
            return Status.BadArgument;
        }

        MessageExtras extras = default;
        if (!Read(kernel, thread, frame->A3, ref extras)
            || !TakeLeases(kernel, thread.Request, info.Leases, ref extras))
        {
            SystemCallTable.Malformed(kernel, thread);
            return Status.BadArgument;
        }

        return TakeCapabilities(
            kernel, thread.Process, ref extras, info.Capabilities, thread.Request.SentCapabilities);
    }

    static Span<byte> BytesOf(ref MessageExtras extras) =>
        MemoryMarshal.AsBytes(new Span<MessageExtras>(ref extras));

    static bool Read(Kernel kernel, Thread thread, ulong address, ref MessageExtras extras) =>
        address != 0 && IsExtrasAddress(kernel, address)
        && kernel.UserMemory.TryRead(
            thread.Process, address, BytesOf(ref extras));

    static bool TakeLeases(Kernel kernel, CallRequest request, int count, ref MessageExtras extras)
    {
        for (int slot = 0; slot < count; slot++)
        {
            ulong address = extras.LeaseWords[slot * 2];
            ulong packed = extras.LeaseWords[slot * 2 + 1];
            if (!LeasePath.TryTake(kernel, address, packed, ref request.Leases[slot])) return false;
        }

        return true;
    }

    /// <summary>Checks all, then copies all into the in-transit space.</summary>
    static Status TakeCapabilities(
        Kernel kernel, Process process, ref MessageExtras extras, int count, int[] sent)
    {
        CapabilityTable capabilities = kernel.Capabilities;
        Span<int> sources = stackalloc int[Message.MaxCapabilities];
        Status found = FindSources(capabilities, process, ref extras, count, sources);
        if (found != Status.Ok) return found;
        CapabilitySpace transit = capabilities.SpaceOf(CapabilityTable.InTransitSpace);
        for (int slot = 0; slot < count; slot++)
        {
            sent[slot] = sources[slot] == 0 ? 0 : CopyAliveOrDead(
                capabilities, sources[slot], transit);
            if (sources[slot] == 0 || sent[slot] != 0) continue;
            Drop(capabilities, sent, slot);
            return Status.QuotaExceeded;
        }

        return Status.Ok;
    }

    /// <summary>Which records the handles name; 0 for Handle.None.</summary>
    static Status FindSources(
        CapabilityTable capabilities, Process process, ref MessageExtras extras, int count,
        Span<int> sources)
    {
        for (int slot = 0; slot < count; slot++)
        {
            sources[slot] = 0;
            if (extras.Handles[slot] == 0) continue;
            Status status = capabilities.Find(process, extras.Handles[slot], out int index);
            if (status == Status.BadHandle) return status;
            if (status == Status.Ok && (capabilities[index].Rights & Rights.Pass) == 0)
                return Status.NoRight;
            sources[slot] = index;
        }

        return Status.Ok;
    }

    static int CopyAliveOrDead(CapabilityTable capabilities, int source, CapabilitySpace target) =>
        capabilities.IsAlive(source)
            ? capabilities.Copy(source, Rights.All, target)
            : capabilities.CreateTombstone(target);

    static void Drop(CapabilityTable capabilities, int[] sent, int count)
    {
        for (int slot = 0; slot < count; slot++)
        {
            if (sent[slot] != 0) capabilities.Close(sent[slot]);
            sent[slot] = 0;
        }
    }

    /// <summary>The call is over: the copies that it held go.</summary>
    public static void DropSent(Kernel kernel, CallRequest request) =>
        Drop(kernel.Capabilities, request.SentCapabilities, request.Info.Capabilities);

    /// <summary>
    /// Handles and leases into the receiver's extras. False: the call has ended with QuotaExceeded,
    /// or the receiver's process has died because its extras are not writable.
    /// </summary>
    public static bool GiveToReceiver(Kernel kernel, CallRequest request, Thread receiver)
    {
        // The words say all of a lease that came in words.
        if (receiver.ReceiveExtrasAddress == 0 || request.Info.HasInlineLease) return true;
        MessageExtras extras = default;
        int count = request.Info.Capabilities;
        if (!CopyInto(kernel, receiver.Process, request.SentCapabilities, count, ref extras))
        {
            request.State = RequestState.Parked;
            CallPath.End(kernel, request, Status.QuotaExceeded);
            return false;
        }

        for (int slot = 0; slot < request.Info.Leases; slot++)
        {
            Lease lease = request.Leases[slot];
            extras.LeaseWords[slot * 2 + 1] = lease.LengthBytes | (ulong)lease.Rights << 32;
        }

        if (WriteExtras(kernel, receiver.Process, receiver.ReceiveExtrasAddress, ref extras))
            return true;
        // Its new handles go with the process. The request waits for the next incarnation.
        request.Endpoint!.EnqueueAgain(request);
        SystemCallTable.Malformed(kernel, receiver);
        return false;
    }

    static bool WriteExtras(
        Kernel kernel, Process process, ulong address, ref MessageExtras extras) =>
        kernel.UserMemory.TryWrite(
            process, address, BytesOf(ref extras));

    /// <summary>All or none: false when the process's quota or the table has no room.</summary>
    static bool CopyInto(
        Kernel kernel, Process process, ReadOnlySpan<int> sent, int count,
        ref MessageExtras extras)
    {
        CapabilityTable capabilities = kernel.Capabilities;
        if (count != 0 && process.HandleCount + count > process.HandleQuota) return false;
        for (int slot = 0; slot < count; slot++)
        {
            if (sent[slot] == 0) continue;
            int copy = CopyAliveOrDead(capabilities, sent[slot], process.Handles);
            if (copy == 0)
            {
                while (--slot >= 0)
                {
                    int made = (int)(uint)extras.Handles[slot];
                    if (made != 0) capabilities.Close(made);
                }

                return false;
            }

            extras.Handles[slot] = capabilities.HandleOf(copy).Value;
        }

        return true;
    }

    /// <summary>
    /// Capabilities of a reply, from the server to the caller. Ok; TooLarge when the caller has no
    /// room for them; CallerGone when it has died of its bad extras; BadHandle and NoRight leave
    /// all as it was. The server has died if its own extras are bad (BadArgument).
    /// </summary>
    public static Status GiveReply(
        Kernel kernel, Thread server, ulong extrasAddress, CallRequest request, MessageInfo info)
    {
        int count = info.Capabilities;
        MessageExtras extras = default;
        if (!Read(kernel, server, extrasAddress, ref extras))
        {
            SystemCallTable.Malformed(kernel, server);
            return Status.BadArgument;
        }

        // Given at once, so nothing of it is ever in transit.
        Span<int> sources = stackalloc int[Message.MaxCapabilities];
        Status status = FindSources(
            kernel.Capabilities, server.Process, ref extras, count, sources);
        if (status != Status.Ok) return status;
        Process caller = request.Caller.Process;
        MessageExtras target = default;
        bool isGiven = request.ExtrasAddress == 0
            || CopyInto(kernel, caller, sources, count, ref target);
        if ((info.Flags & MessageFlags.Move) != 0) CloseMoved(kernel, sources[..count]);
        if (!isGiven) return Status.TooLarge;
        if (request.ExtrasAddress == 0
            || WriteExtras(kernel, caller, request.ExtrasAddress, ref target))
        {
            return Status.Ok;
        }

        SystemCallTable.Malformed(kernel, request.Caller);
        return Status.CallerGone;
    }

    /// <summary>
    /// A capability that a reply makes for its caller (MessageFlags.Mint). Ok; TooLarge when the
    /// caller has no room for it, or has named no extras and so expects none. Anything else is the
    /// server's mistake, as of SystemCall.Mint. Nothing has changed unless it is Ok.
    /// </summary>
    public static Status MintReply(
        Kernel kernel, Thread server, CallRequest request, out ulong handle)
    {
        handle = 0;
        Status status = CheckMint(kernel, server, request, out int source);
        return status == Status.Ok ? MintFrom(kernel, server, request, source, out handle) : status;
    }

    /// <summary>As MintReply, after CheckMint.</summary>
    public static Status MintFrom(
        Kernel kernel, Thread server, CallRequest request, int source, out ulong handle)
    {
        handle = 0;
        UserFrame* frame = server.Frame;
        Rights rights = CapabilityCalls.RightsFor(request, (Rights)frame->A10);
        Status status = kernel.Capabilities.Mint(
            server.Process, source, request.ViaCapability, rights, new Badge(frame->A9),
            request.Caller.Process.Handles, out int index);
        if (status != Status.Ok) return Status.TooLarge;
        handle = kernel.Capabilities.HandleOf(index).Value;
        return Status.Ok;
    }

    /// <summary>As MintReply, as far as that depends on server and caller alone.</summary>
    public static Status CheckMint(
        Kernel kernel, Thread server, CallRequest request, out int source)
    {
        UserFrame* frame = server.Frame;
        Status status = CapabilityCalls.FindSource(
            kernel, server.Process, frame->A2, frame->A10, out source);
        if (status != Status.Ok) return status;
        Process caller = request.Caller.Process;
        bool hasRoom = request.ExtrasAddress != 0 && caller.HandleCount < caller.HandleQuota
            && (request.Info.Flags & MessageFlags.Short) == 0;
        return hasRoom ? Status.Ok : Status.TooLarge;
    }

    /// <summary>Nobody takes the reply; what its sender wanted to move goes.</summary>
    public static void DropMoved(Kernel kernel, Thread server, ulong extrasAddress, int count)
    {
        MessageExtras extras = default;
        Span<int> sources = stackalloc int[Message.MaxCapabilities];
        bool isThere = Read(kernel, server, extrasAddress, ref extras)
            && FindSources(kernel.Capabilities, server.Process, ref extras, count, sources)
                == Status.Ok;
        if (isThere) CloseMoved(kernel, sources[..count]);
    }

    static void CloseMoved(Kernel kernel, ReadOnlySpan<int> sources)
    {
        for (int slot = 0; slot < sources.Length; slot++)
        {
            // One that is named twice is closed once.
            bool isNew = sources[slot] != 0 && !sources[..slot].Contains(sources[slot]);
            if (isNew) kernel.Capabilities.Close(sources[slot]);
        }
    }
}
