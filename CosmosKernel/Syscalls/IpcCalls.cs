// Calls, replies, leases and what an endpoint owes its server.

using CosmosKernel.Arch;
using CosmosKernel.Ipc;
using CosmosKernel.Ipc.Badges;
using CosmosKernel.Threads;
using Shared.Abi;
using System;
using System.Runtime.InteropServices;

namespace CosmosKernel.Syscalls;

public static unsafe class IpcCalls
{
    public static bool Dispatch(Kernel kernel, Thread thread, SystemCall call)
    {
        switch (call)
        {
            case SystemCall.Call: CallPath.Call(kernel, thread); return true;
            case SystemCall.ReplyReceive: ReplyPath.ReplyReceive(kernel, thread); return true;
            case SystemCall.Receive: ReceivePath.Receive(kernel, thread); return true;
            case SystemCall.Reply: ReplyPath.Reply(kernel, thread); return true;
            case SystemCall.Park:
                SystemCallTable.Answer(thread, ReplyPath.Park(kernel, thread));
                return true;
            case SystemCall.CancelCall:
                SystemCallTable.Answer(thread, CancelCall(kernel, thread));
                return true;
            case SystemCall.AcknowledgeClosed:
                SystemCallTable.Answer(thread, AcknowledgeClosed(kernel, thread));
                return true;
            case SystemCall.ListBadges: ListBadges(kernel, thread); return true;
            default: return false;
        }
    }

    static Status CancelCall(Kernel kernel, Thread thread)
    {
        Status status = kernel.Capabilities.Find(
            thread.Process, thread.Frame->A0, ObjectType.Thread, Rights.Signal, out int index);
        if (status != Status.Ok) return status;
        Thread target = kernel.Threads[kernel.Capabilities[index].ObjectIndex];
        if (target.Generation != kernel.Capabilities[index].ObjectGeneration
            || target.State is ThreadState.Free or ThreadState.Dead)
        {
            return Status.Exited;
        }

        CallPath.Cancel(kernel, target);
        return Status.Ok;
    }

    static Status AcknowledgeClosed(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        Status status = FindEndpoint(kernel, thread, Rights.Receive, out Endpoint? endpoint);
        if (status != Status.Ok) return status;
        return kernel.Badges.Acknowledge(endpoint!, new Badge(frame->A1))
            ? Status.Ok : Status.NotFound;
    }

    static void ListBadges(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        Status status = FindEndpoint(kernel, thread, Rights.Mint, out Endpoint? endpoint);
        if (status != Status.Ok)
        {
            SystemCallTable.Answer(thread, status);
            return;
        }

        ulong address = frame->A1, capacity = Math.Min(frame->A2, Limits.Capabilities);
        ulong after = frame->A3;
        if (frame->A2 > Limits.Capabilities || capacity != 0
            && !kernel.UserMemory.IsUserRange(address, capacity * sizeof(ulong)))
        {
            SystemCallTable.Malformed(kernel, thread);
            return;
        }

        Span<ulong> badges = stackalloc ulong[(int)Math.Min(capacity, BadgeTable.ListedAtOnce)];
        bool isEnd = kernel.Badges.List(endpoint!, ref after, badges, out int count);
        if (count == 0 && capacity > 0 && !isEnd)
        {
            // None of those lives; none at all would mean the end.
            frame->A3 = after;
            kernel.Machine.RepeatCall(thread);
            return;
        }

        if (count > 0 && !kernel.UserMemory.TryWrite(
            thread.Process, address, MemoryMarshal.AsBytes(badges[..count])))
        {
            SystemCallTable.Malformed(kernel, thread);
            return;
        }

        frame->A0 = (ulong)count;
        SystemCallTable.Answer(thread, Status.Ok);
    }

    static Status FindEndpoint(
        Kernel kernel, Thread thread, Rights rights, out Endpoint? endpoint)
    {
        Status status = kernel.Capabilities.FindObject(
            thread.Process, thread.Frame->A0, ObjectType.Endpoint, rights, out int index);
        endpoint = status == Status.Ok ? kernel.Endpoints[index] : null;
        return endpoint is { IsVanished: true } ? Status.Revoked : status;
    }
}
