// Kernel calls with types: capabilities and messages. What they do is in docs/syscalls.md.
//
// One thin method for each call; the value of a Result means something only when it is Ok.

using System;
using System.Runtime.InteropServices;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Native;

namespace Shared.Sdk;

public static partial class KernelCalls
{
    // Capabilities.

    public static Status Close(this IKernel kernel, Handle handle) =>
        Simple(kernel, SystemCall.Close, handle.Value);

    /// <summary>A copy with some of the rights; same parent and badge.</summary>
    public static Result<Handle> Copy(this IKernel kernel, Handle handle, Rights rights) =>
        NewHandle(kernel, SystemCall.Copy, handle.Value, (ulong)rights);

    /// <summary>With a Reply, the child of the capability through which its call came.</summary>
    public static Result<Handle> Mint(
        this IKernel kernel, Handle endpoint, Rights rights, Badge badge, Handle reply = default) =>
        NewHandle(
            kernel, SystemCall.Mint, endpoint.Value, (ulong)rights, badge.Value, reply.Value);

    /// <summary>Ends the authority of all descendants of the handle, not its own.</summary>
    public static Status Revoke(this IKernel kernel, Handle handle) =>
        Simple(kernel, SystemCall.Revoke, handle.Value);

    public static Status MoveToVault(this IKernel kernel, Handle handle) =>
        Simple(kernel, SystemCall.MoveToVault, handle.Value, 1);

    public static Status MoveFromVault(this IKernel kernel, Handle handle) =>
        Simple(kernel, SystemCall.MoveToVault, handle.Value, 0);

    public static Result<HandleDescription> DescribeHandle(this IKernel kernel, Handle handle)
    {
        Registers registers = new(SystemCall.DescribeHandle) { A0 = handle.Value };
        Status status = kernel.Invoke(ref registers).Status;
        return new Result<HandleDescription>(status, new HandleDescription(
            (ObjectType)registers.A0, (Rights)registers.A1, new Badge(registers.A2),
            (uint)registers.A3));
    }

    // Messages. Calls are made by the generated clients, receives by ServerLoop.

    /// <summary>Waits for bits of the bound notification alone. TimedOut, Cancelled.</summary>
    public static Result<ulong> ReceiveNotification(this IKernel kernel, ulong deadlineNs = 0)
    {
        Registers registers = new(SystemCall.Receive) { A2 = deadlineNs };
        Status status = kernel.Invoke(ref registers).Status;
        return new Result<ulong>(status, registers.A5);
    }

    /// <summary>Answers a call with a status and nothing else. CallerGone, BadHandle.</summary>
    public static Status Reply(this IKernel kernel, Handle reply, Status answer) =>
        Simple(kernel, SystemCall.Reply, reply.Value, new MessageInfo((ushort)answer).Value);

    public static Status Park(this IKernel kernel, Handle reply) =>
        Simple(kernel, SystemCall.Park, reply.Value);

    /// <summary>Copies out of a lease, at most 64 KiB. Answers bytes moved.</summary>
    public static Result<uint> LeaseRead(
        this IKernel kernel, Handle reply, int lease, uint offset, Span<byte> target) =>
        LeaseStep(kernel, SystemCall.LeaseRead, reply, lease, offset, target);

    /// <summary>Copies into a lease, at most 64 KiB. Answers bytes moved.</summary>
    public static Result<uint> LeaseWrite(
        this IKernel kernel, Handle reply, int lease, uint offset, ReadOnlySpan<byte> source) =>
        LeaseStep(kernel, SystemCall.LeaseWrite, reply, lease, offset, source);

    public static Status CancelCall(this IKernel kernel, Handle thread) =>
        Simple(kernel, SystemCall.CancelCall, thread.Value);

    public static Status AcknowledgeClosed(this IKernel kernel, Handle endpoint, Badge badge) =>
        Simple(kernel, SystemCall.AcknowledgeClosed, endpoint.Value, badge.Value);

    /// <summary>Live badges greater than one, ascending; answers how many were written.</summary>
    public static Result<uint> ListBadges(
        this IKernel kernel, Handle endpoint, Span<ulong> badges, Badge after = default)
    {
        Registers registers = new(SystemCall.ListBadges)
        {
            A0 = endpoint.Value, A2 = (ulong)badges.Length, A3 = after.Value,
        };
        CallResult result = Pinned.Invoke(
            kernel, ref registers, ref registers.A1, MemoryMarshal.AsBytes(badges));
        return new Result<uint>(result.Status, (uint)registers.A0);
    }

    private static Result<uint> LeaseStep(
        IKernel kernel, SystemCall number, Handle reply, int lease, uint offset,
        ReadOnlySpan<byte> buffer)
    {
        Registers registers = new(number)
        {
            A0 = reply.Value, A1 = (ulong)lease, A2 = offset, A4 = (ulong)buffer.Length,
        };
        CallResult result = Pinned.Invoke(kernel, ref registers, ref registers.A3, buffer);
        return new Result<uint>(result.Status, (uint)registers.A0);
    }

    private static Status Simple(
        IKernel kernel, SystemCall number, ulong a0, ulong a1 = 0, ulong a2 = 0)
    {
        Registers registers = new(number) { A0 = a0, A1 = a1, A2 = a2 };
        return kernel.Invoke(ref registers).Status;
    }

    private static Result<ulong> Value(
        IKernel kernel, SystemCall number, ulong a0 = 0, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0)
    {
        Registers registers = new(number) { A0 = a0, A1 = a1, A2 = a2, A3 = a3 };
        Status status = kernel.Invoke(ref registers).Status;
        return new Result<ulong>(status, registers.A0);
    }

    private static Result<Handle> NewHandle(
        IKernel kernel, SystemCall number, ulong a0 = 0, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0)
    {
        Result<ulong> result = Value(kernel, number, a0, a1, a2, a3);
        return new Result<Handle>(
            result.Status, result.IsOk ? new Handle(result.Value) : Handle.None);
    }
}

/// <summary>What DescribeHandle answers.</summary>
public readonly record struct HandleDescription(
    ObjectType Type, Rights Rights, Badge Badge, uint ObjectIndex);
