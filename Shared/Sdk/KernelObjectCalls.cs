// Kernel calls with types: objects, memory, processes, devices, clock, log, machine.

using System;
using System.Runtime.InteropServices;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Native;

namespace Shared.Sdk;

public static partial class KernelCalls
{
    // Objects.

    /// <summary>All rights. The deadline is for calls without MayBlock; 0 means none.</summary>
    public static Result<Handle> EndpointCreate(
        this IKernel kernel, OnDeath onDeath, Layer layer, ulong defaultDeadlineNs = 0) =>
        NewHandle(
            kernel, SystemCall.EndpointCreate, (ulong)onDeath, layer.Value, defaultDeadlineNs);

    public static Result<Handle> NotificationCreate(this IKernel kernel) =>
        NewHandle(kernel, SystemCall.NotificationCreate);

    public static Status NotificationSignal(this IKernel kernel, Handle notification, ulong bits) =>
        Simple(kernel, SystemCall.NotificationSignal, notification.Value, bits);

    /// <summary>From now on Receive of this thread returns its bits too.</summary>
    public static Status NotificationBind(this IKernel kernel, Handle notification) =>
        Simple(kernel, SystemCall.NotificationBind, notification.Value);

    public static Result<Handle> ThreadSelf(this IKernel kernel) =>
        NewHandle(kernel, SystemCall.ThreadSelf);

    // Memory and vaults.

    public static Result<Handle> MemoryCreate(this IKernel kernel, ulong lengthBytes) =>
        NewHandle(kernel, SystemCall.MemoryCreate, lengthBytes);

    /// <summary>Answers the address, chosen by the kernel.</summary>
    public static Result<ulong> MemoryMap(
        this IKernel kernel, Handle memory, ulong offset, ulong lengthBytes, Rights rights) =>
        Value(kernel, SystemCall.MemoryMap, memory.Value, offset, lengthBytes, (ulong)rights);

    public static Status MemoryUnmap(this IKernel kernel, ulong address, ulong lengthBytes) =>
        Simple(kernel, SystemCall.MemoryUnmap, address, lengthBytes);

    public static Result<Handle> VaultCreate(this IKernel kernel, ulong maxBytes) =>
        NewHandle(kernel, SystemCall.VaultCreate, maxBytes);

    public static Status VaultDiscard(this IKernel kernel, ulong offset, ulong lengthBytes) =>
        Simple(kernel, SystemCall.VaultDiscard, offset, lengthBytes);

    // Devices.

    public static Result<Handle> IoPortsCreate(
        this IKernel kernel, Handle machine, ushort firstPort, ushort count) =>
        NewHandle(kernel, SystemCall.IoPortsCreate, machine.Value, firstPort, count);

    /// <summary>Width is 1, 2 or 4 bytes.</summary>
    public static Result<uint> PortRead(
        this IKernel kernel, Handle ports, ushort port, int widthBytes)
    {
        Result<ulong> result = Value(
            kernel, SystemCall.PortRead, ports.Value, port, (ulong)widthBytes);
        return new Result<uint>(result.Status, (uint)result.Value);
    }

    public static Status PortWrite(
        this IKernel kernel, Handle ports, ushort port, int widthBytes, uint value) =>
        Value(kernel, SystemCall.PortWrite, ports.Value, port, (ulong)widthBytes, value).Status;

    public static Result<Handle> InterruptCreate(this IKernel kernel, Handle machine, int line) =>
        NewHandle(kernel, SystemCall.InterruptCreate, machine.Value, (ulong)line);

    public static Status InterruptBind(
        this IKernel kernel, Handle interrupt, Handle notification, ulong bits) =>
        Simple(kernel, SystemCall.InterruptBind, interrupt.Value, notification.Value, bits);

    public static Status InterruptAcknowledge(this IKernel kernel, Handle interrupt) =>
        Simple(kernel, SystemCall.InterruptAcknowledge, interrupt.Value);

    public static Result<Handle> DeviceMemoryCreate(
        this IKernel kernel, Handle machine, ulong physicalAddress, ulong lengthBytes) =>
        NewHandle(
            kernel, SystemCall.DeviceMemoryCreate, machine.Value, physicalAddress, lengthBytes);

    // Clock, log, machine.

    /// <summary>Nanoseconds since boot.</summary>
    public static ulong ClockNow(this IKernel kernel) =>
        Value(kernel, SystemCall.ClockNow).Value;

    /// <summary>One line of the kernel log, at most 1,024 bytes of UTF-8.</summary>
    public static Status LogWrite(this IKernel kernel, Handle log, ReadOnlySpan<byte> text)
    {
        Registers registers = new(SystemCall.LogWrite)
        {
            A0 = log.Value, A2 = (ulong)text.Length,
        };
        return Pinned.Invoke(kernel, ref registers, ref registers.A1, text).Status;
    }

    /// <summary>Whole bytes from a cursor on; the oldest line when the cursor is too old.</summary>
    public static Result<LogPage> LogRead(
        this IKernel kernel, Handle log, ulong cursor, Span<byte> target)
    {
        Registers registers = new(SystemCall.LogRead)
        {
            A0 = log.Value, A1 = cursor, A3 = (ulong)target.Length,
        };
        CallResult result = Pinned.Invoke(kernel, ref registers, ref registers.A2, target);
        return new Result<LogPage>(result.Status, new LogPage((uint)registers.A0, registers.A1));
    }

    /// <summary>Returns only when the right is missing.</summary>
    public static Status PowerOff(this IKernel kernel, Handle machine, byte code) =>
        Simple(kernel, SystemCall.PowerOff, machine.Value, code);

    /// <summary>Returns only when the right is missing.</summary>
    public static Status Reboot(this IKernel kernel, Handle machine) =>
        Simple(kernel, SystemCall.Reboot, machine.Value);

    /// <summary>Rows of a kernel table, as bytes; the next cursor is 0 at the end.</summary>
    public static Result<InspectPage> Inspect(
        this IKernel kernel, Handle machine, InspectKind kind, ulong cursor, Span<byte> rows,
        ProcessId process = default)
    {
        Registers registers = new(SystemCall.Inspect)
        {
            A0 = machine.Value, A1 = (ulong)kind, A2 = cursor, A4 = (ulong)rows.Length,
            A5 = process.Value,
        };
        CallResult result = Pinned.Invoke(kernel, ref registers, ref registers.A3, rows);
        return new Result<InspectPage>(
            result.Status, new InspectPage((uint)registers.A1, registers.A0));
    }

    /// <summary>Rows of a kernel table from a cursor on.</summary>
    public static Result<InspectPage<T>> Inspect<T>(
        this IKernel kernel, Handle machine, InspectKind kind, ulong cursor, Span<T> rows,
        ProcessId process = default) where T : unmanaged
    {
        Result<InspectPage> page = Inspect(
            kernel, machine, kind, cursor, MemoryMarshal.AsBytes(rows), process);
        if (!page.IsOk) return page.Status;
        int rowBytes = MemoryMarshal.AsBytes(rows).Length / Math.Max(1, rows.Length);
        int count = rowBytes == 0 ? 0 : (int)page.Value.LengthBytes / rowBytes;
        return new InspectPage<T>(count, page.Value.NextCursor);
    }
}

/// <summary>What LogRead answers.</summary>
public readonly record struct LogPage(uint LengthBytes, ulong NextCursor);

/// <summary>What Inspect answers; the cursor is 0 at the end.</summary>
public readonly record struct InspectPage(uint LengthBytes, ulong NextCursor);

/// <summary>What Inspect answers for rows of one type; the cursor is 0 at the end.</summary>
public readonly record struct InspectPage<T>(int Count, ulong NextCursor);
