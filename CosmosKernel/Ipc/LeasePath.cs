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

namespace CosmosKernel.Ipc;

public static unsafe class LeasePath
{
    /// <summary>SystemCall.LeaseRead and LeaseWrite; isRead as the server sees it.</summary>
    public static void Move(Kernel kernel, Thread thread, LeaseRights needed)
    {
        UserFrame* frame = thread.Frame;
        Status status = Decode(kernel, thread, needed, out CallRequest? request, out Lease lease);
        if (status != Status.Ok)
        {
            SystemCallTable.Answer(thread, status);
            return;
        }

        ulong offset = frame->A2, buffer = frame->A3, lengthBytes = frame->A4;
        if (!kernel.UserMemory.IsUserRange(buffer, lengthBytes) && lengthBytes != 0)
        {
            SystemCallTable.Malformed(kernel, thread);
            return;
        }

        ulong moved = offset >= lease.LengthBytes
            ? 0 : Math.Min(lengthBytes, lease.LengthBytes - offset);
        Thread caller = request!.Caller;
        bool isRead = needed == LeaseRights.Read;
        CopyResult result = moved == 0 ? CopyResult.Done : isRead
            ? kernel.UserMemory.Copy(
                caller.Process, lease.Address + offset, thread.Process, buffer, moved)
            : kernel.UserMemory.Copy(
                thread.Process, buffer, caller.Process, lease.Address + offset, moved);
        if (result == CopyResult.Done)
        {
            frame->A0 = moved;
            SystemCallTable.Answer(thread, Status.Ok);
            return;
        }

        if (result == CopyResult.BadSource == isRead)
        {
            ProcessDeath.ThreadFaulted(
                kernel, caller, DeathCause.PageFault, lease.Address + offset);
            SystemCallTable.Answer(thread, Status.CallerGone);
            return;
        }

        SystemCallTable.Malformed(kernel, thread);
    }

    static Status Decode(
        Kernel kernel, Thread thread, LeaseRights needed, out CallRequest? request,
        out Lease lease)
    {
        lease = default;
        UserFrame* frame = thread.Frame;
        Status status = Replies.Find(kernel, thread.Process, frame->A0, out request);
        if (request is null) return status;
        if (frame->A1 >= (ulong)request.Info.Leases || frame->A4 > Message.MaxLeaseStepBytes)
            return Status.BadArgument;
        lease = request.Leases[(int)frame->A1];
        return (lease.Rights & needed) != 0 ? Status.Ok : Status.NoRight;
    }
}
