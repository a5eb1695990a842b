// Reads and writes spans of a caller's memory that a call has lent to its server.
//
// One copy, at most 64 KiB a step. Whose memory is bad, dies: the caller for its lease, the server
// for its own buffer.

using CosmosKernel.Arch;
using CosmosKernel.Memory;
using CosmosKernel.Processes;
using CosmosKernel.Syscalls;
using CosmosKernel.Threads;
using Shared.Abi;
using System;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Ipc;

public static unsafe class LeasePath
{
    /// <summary>
    /// A lease as its two words say it (MessageExtras). False: no correct program lends so.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryTake(Kernel kernel, ulong address, ulong packed, ref Lease lease)
    {
        uint lengthBytes = (uint)packed;
        ulong rights = packed >> 32;
        if ((rights & ~(ulong)(LeaseRights.Read | LeaseRights.Write)) != 0) return false;
        if (lengthBytes != 0 && !kernel.UserMemory.IsUserRange(address, lengthBytes)) return false;
        lease.Address = address;
        lease.LengthBytes = lengthBytes;
        lease.Rights = (LeaseRights)rights;
        return true;
    }

    /// <summary>SystemCall.LeaseRead and LeaseWrite, as the server sees them.</summary>
    public static void Move(Kernel kernel, Thread thread, SystemCall call)
    {
        LeaseRights needed =
            call == SystemCall.LeaseRead ? LeaseRights.Read : LeaseRights.Write;
        UserFrame* frame = thread.Frame;
        Status status = Replies.Find(
            kernel, thread.Process, frame->A0, out CallRequest? request);
        ulong moved = 0;
        if (request is not null)
        {
            status = frame->A1 >= (ulong)request.Info.Leases ? Status.BadArgument
                : Move(kernel, thread, request, ref request.Leases[(int)frame->A1], needed,
                    frame->A2, frame->A3, frame->A4, out moved);
        }

        if (thread.State == ThreadState.Dead) return;
        if (status == Status.Ok) frame->A0 = moved;
        SystemCallTable.Answer(thread, status);
    }

    /// <summary>
    /// What a reply brings, before it ends the call. Ok, NoRight, BadArgument (beyond the lease);
    /// CallerGone when the caller has died of its bad lease; the server has died if its own bytes
    /// are bad.
    /// </summary>
    public static Status GiveReply(Kernel kernel, Thread thread, CallRequest request)
    {
        ulong lengthBytes = (uint)thread.Frame->A10;
        if (request.Info.Leases == 0) return Status.BadArgument;
        Status status = Move(
            kernel, thread, request, ref request.Leases[0], LeaseRights.Write,
            thread.Frame->A10 >> 32, thread.Frame->A9, lengthBytes, out ulong moved);
        return status == Status.Ok && moved != lengthBytes ? Status.BadArgument : status;
    }

    /// <summary>
    /// GiveReply where nothing is unusual. False, and no more than bytes of the lease have changed.
    /// </summary>
    public static bool TryGiveReply(Kernel kernel, Thread thread, CallRequest request)
    {
        UserFrame* frame = thread.Frame;
        ref Lease lease = ref request.Leases[0];
        ulong lengthBytes = (uint)frame->A10, offset = frame->A10 >> 32;
        return request.Info.Leases != 0 && (lease.Rights & LeaseRights.Write) != 0
            && lengthBytes <= Message.MaxLeaseStepBytes && offset + lengthBytes <= lease.LengthBytes
            && kernel.UserMemory.Copy(
                thread.Process, frame->A9, request.Caller.Process, lease.Address + offset,
                lengthBytes) == CopyResult.Done;
    }

    static Status Move(
        Kernel kernel, Thread thread, CallRequest request, ref Lease lease, LeaseRights needed,
        ulong offset, ulong buffer, ulong lengthBytes, out ulong moved)
    {
        moved = 0;
        if (lengthBytes > Message.MaxLeaseStepBytes) return Status.BadArgument;
        if ((lease.Rights & needed) == 0) return Status.NoRight;
        if (lengthBytes != 0 && !kernel.UserMemory.IsUserRange(buffer, lengthBytes))
        {
            SystemCallTable.Malformed(kernel, thread);
            return Status.BadArgument;
        }

        if (offset < lease.LengthBytes) moved = Math.Min(lengthBytes, lease.LengthBytes - offset);
        if (moved == 0) return Status.Ok;
        Thread caller = request.Caller;
        ulong address = lease.Address + offset;
        bool isRead = needed == LeaseRights.Read;
        CopyResult result = isRead
            ? kernel.UserMemory.Copy(caller.Process, address, thread.Process, buffer, moved)
            : kernel.UserMemory.Copy(thread.Process, buffer, caller.Process, address, moved);
        if (result == CopyResult.Done) return Status.Ok;
        if (result == CopyResult.BadSource == isRead)
        {
            ProcessDeath.ThreadFaulted(kernel, caller, DeathCause.PageFault, address);
            return Status.CallerGone;
        }

        SystemCallTable.Malformed(kernel, thread);
        return Status.BadArgument;
    }
}
