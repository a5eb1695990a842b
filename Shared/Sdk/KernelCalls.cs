// Kernel calls with types: one thin method for each call. What they do is in docs/syscalls.md.
//
// The value of a Result means something only when it is Ok. Messages are sent by the generated
// clients and received by ServerLoop; what is here of them is for special cases.

using System;
using System.Runtime.InteropServices;
using System.Text;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Native;
using Shared.Sdk.Tasks;

namespace Shared.Sdk;

public static class KernelCalls
{
    // Capabilities.

    public static Status Close(this IKernel kernel, Handle handle) =>
        Simple(kernel, SystemCall.Close, handle.Value);

    /// <summary>At the next tick, or when nothing else can run; until then KeepOpen.</summary>
    public static Status CloseLate(this IKernel kernel, Handle handle) =>
        Simple(kernel, SystemCall.CloseLate, handle.Value);

    /// <summary>It is not to be closed. Not Ok: it was, or nobody wanted to.</summary>
    public static Status KeepOpen(this IKernel kernel, Handle handle) =>
        Simple(kernel, SystemCall.KeepOpen, handle.Value);

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

    /// <summary>Somebody has a capability with the badge; true when that is not known.</summary>
    public static bool IsHeld(this IKernel kernel, Handle endpoint, Badge badge)
    {
        ulong found = 0;
        Result<uint> listed = kernel.ListBadges(
            endpoint, new Span<ulong>(ref found), new Badge(badge.Value - 1));
        return !listed.IsOk || (listed.Value == 1 && found == badge.Value);
    }

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

    /// <summary>Ends a probe. NotFound without one; Locked while who must be dead lives.</summary>
    public static Status VaultEndProbe(this IKernel kernel, Handle vault, ProbeEnd end) =>
        Simple(kernel, SystemCall.VaultEndProbe, vault.Value, (ulong)end);

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

    /// <summary>
    /// The memory of a device that moves data itself, zeroed when it is made: the same for each
    /// driver of that device, and never anybody else's.
    /// </summary>
    public static Result<Handle> DmaCreate(
        this IKernel kernel, Handle machine, ushort device, ulong lengthBytes) =>
        NewHandle(kernel, SystemCall.DmaCreate, machine.Value, device, lengthBytes);

    /// <summary>Where the device finds a page of its DMA memory; below 4 GiB.</summary>
    public static Result<ulong> DmaAddress(this IKernel kernel, Handle memory, uint page) =>
        Value(kernel, SystemCall.DmaAddress, memory.Value, page);

    // Clock, log, machine.

    /// <summary>Processes that have died since boot.</summary>
    public static ulong DeathCount(this IKernel kernel) =>
        Value(kernel, SystemCall.DeathCount).Value;

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

    /// <summary>How many rows there are, or there is room for, or came before an error.</summary>
    public static Result<int> InspectAll<T>(
        this IKernel kernel, Handle machine, InspectKind kind, Span<T> rows,
        ProcessId process = default) where T : unmanaged
    {
        int count = 0;
        Result<InspectPage<T>> page;
        ulong cursor = 0;
        do
        {
            page = Inspect(kernel, machine, kind, cursor, rows[count..], process);
            if (!page.IsOk) break;
            count += page.Value.Count;
            cursor = page.Value.NextCursor;
        }
        while (cursor != 0 && count < rows.Length);
        return new Result<int>(page.Status, count);
    }

    /// <summary>
    /// One slice of the audit of revocation, added to the report. The next cursor, 0 at the end.
    /// </summary>
    public static Result<ulong> Audit(
        this IKernel kernel, Handle machine, ulong cursor, ref AuditReport report)
    {
        Registers registers = new(SystemCall.Audit) { A0 = machine.Value, A1 = cursor };
        AuditReport slice = default;
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<AuditReport>(ref slice));
        CallResult result = Pinned.Invoke(kernel, ref registers, ref registers.A2, bytes);
        if (result.Status == Status.Ok) report.Add(slice);
        return new Result<ulong>(result.Status, registers.A0);
    }

    /// <summary>The kernel's trace; its rows are InspectKind.Trace.</summary>
    public static Status SwitchTrace(this IKernel kernel, Handle machine, TraceSwitch wanted) =>
        Simple(kernel, SystemCall.Trace, machine.Value, (ulong)wanted);

    /// <summary>Its table of stretches; the rows are InspectKind.Stretches.</summary>
    public static Status SwitchStretches(
        this IKernel kernel, Handle machine, StretchSwitch wanted) =>
        Simple(kernel, SystemCall.Stretches, machine.Value, (ulong)wanted);

    // Processes.

    /// <summary>Memory capability of an image in the boot archive. NotFound.</summary>
    public static Result<Handle> ImageOpen(this IKernel kernel, Handle machine, string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        Registers registers = new(SystemCall.ImageOpen)
        {
            A0 = machine.Value, A2 = (ulong)bytes.Length,
        };
        CallResult result = Pinned.Invoke(kernel, ref registers, ref registers.A1, bytes);
        return new Result<Handle>(result.Status, new Handle(registers.A0));
    }

    /// <summary>Makes a process that does not run yet.</summary>
    public static Result<CreatedProcess> ProcessCreate(
        this IKernel kernel, Handle machine, in ProcessSpec spec)
    {
        Registers registers = new(SystemCall.ProcessCreate) { A0 = machine.Value };
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<ProcessSpec>(in spec));
        CallResult result = Pinned.Invoke(kernel, ref registers, ref registers.A1, bytes);
        return new Result<CreatedProcess>(result.Status, new CreatedProcess(
            new Handle(registers.A0), new ProcessId((uint)registers.A1)));
    }

    /// <summary>Answers the handle's value in the child, whether it runs already or not.</summary>
    public static Result<Handle> ProcessGive(
        this IKernel kernel, Handle process, Handle own, Rights rights) =>
        NewHandle(kernel, SystemCall.ProcessGive, process.Value, own.Value, (ulong)rights);

    /// <summary>Starts it. The first argument is the program's name, as everywhere.</summary>
    public static Status ProcessStart(
        this IKernel kernel, Handle process, ReadOnlySpan<string> arguments,
        ReadOnlySpan<string> environment)
    {
        StringBlock block = new();
        foreach (string argument in arguments) block.Add(argument);
        foreach (string variable in environment) block.Add(variable);
        return kernel.ProcessStart(process, block, arguments.Length);
    }

    /// <param name="block">The arguments come first.</param>
    public static Status ProcessStart(
        this IKernel kernel, Handle process, StringBlock block, int arguments)
    {
        if (block.Bytes.Length > Limits.StartBlockBytes) return Status.TooLarge;
        Registers registers = new(SystemCall.ProcessStart)
        {
            A0 = process.Value, A2 = (ulong)block.Bytes.Length, A3 = (ulong)arguments,
        };
        return Pinned.Invoke(kernel, ref registers, ref registers.A1, block.Bytes).Status;
    }

    /// <summary>No thread of it runs on return. The cause goes into its record.</summary>
    public static Status ProcessKill(
        this IKernel kernel, Handle process, DeathCause cause = DeathCause.Killed) =>
        Simple(kernel, SystemCall.ProcessKill, process.Value, (ulong)cause);

    /// <summary>Name and incarnation of a living process, as `ps` shows them.</summary>
    public static Status ProcessRename(
        this IKernel kernel, Handle process, ReadOnlySpan<byte> name, uint incarnation)
    {
        Registers registers = new(SystemCall.ProcessRename)
        {
            A0 = process.Value, A2 = (ulong)name.Length, A3 = incarnation,
        };
        return Pinned.Invoke(kernel, ref registers, ref registers.A1, name).Status;
    }

    /// <summary>
    /// Gives a vault to a process that has none. Locked while another has it, who is not stopped
    /// (Probe), and during a probe.
    /// </summary>
    public static Status ProcessAttachVault(
        this IKernel kernel, Handle process, Handle vault, VaultMode mode) =>
        Simple(
            kernel, SystemCall.ProcessAttachVault, process.Value, vault.Value, (ulong)mode);

    /// <summary>
    /// The supervisor's own: does not return when the image takes its place. BadImage; Locked: this
    /// process is on trial itself; NoRight: it is not the supervisor.
    /// </summary>
    public static Status SupervisorReplace(this IKernel kernel, Handle image) =>
        Simple(kernel, SystemCall.SupervisorReplace, image.Value);

    public static Status ProcessStop(this IKernel kernel, Handle process) =>
        Simple(kernel, SystemCall.ProcessStop, process.Value);

    public static Status ProcessContinue(this IKernel kernel, Handle process) =>
        Simple(kernel, SystemCall.ProcessContinue, process.Value);

    /// <summary>
    /// Takes the exit record of a process, or with Handle.None of any dead child; answers the bytes
    /// of last words. WouldBlock when it lives, NotFound when there is none.
    /// </summary>
    public static Result<uint> ProcessCollect(
        this IKernel kernel, Handle process, out DeathRecord record, Span<byte> lastWords,
        CollectMode mode = CollectMode.Take)
    {
        record = default;
        Registers registers = new(SystemCall.ProcessCollect)
        {
            A0 = process.Value, A3 = (ulong)lastWords.Length, A4 = (ulong)mode,
        };
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<DeathRecord>(ref record));
        CallResult result = Pinned.Invoke(
            kernel, ref registers, ref registers.A1, bytes, ref registers.A2, lastWords);
        return new Result<uint>(result.Status, (uint)registers.A0);
    }

    public static Result<Handle> ProcessOpen(
        this IKernel kernel, Handle machine, ProcessId process) =>
        NewHandle(kernel, SystemCall.ProcessOpen, machine.Value, process.Value);

    /// <summary>Kept in the death record of this process; the first call counts.</summary>
    public static Status LastWords(
        this IKernel kernel, ReadOnlySpan<byte> text, DeathCause cause = DeathCause.None)
    {
        Registers registers = new(SystemCall.LastWords)
        {
            A1 = (ulong)text.Length, A2 = (ulong)cause,
        };
        return Pinned.Invoke(kernel, ref registers, ref registers.A0, text).Status;
    }

    /// <summary>
    /// Said before a fault that was injected: the death that follows blames no request.
    /// </summary>
    public static Status BlameNobody(this IKernel kernel) =>
        Simple(kernel, SystemCall.BlameNobody, 0);

    /// <summary>Ends the calling thread alone; returns only on fakes.</summary>
    public static Status ThreadExit(this IKernel kernel) =>
        Simple(kernel, SystemCall.ThreadExit, 0);

    private static Result<uint> LeaseStep(
        IKernel kernel, SystemCall number, Handle reply, int lease, uint offset,
        ReadOnlySpan<byte> buffer)
    {
        // Field by field: an initializer would be made aside and copied, on the way of all data.
        Registers registers = new(number);
        registers.A0 = reply.Value;
        registers.A1 = (ulong)lease;
        registers.A2 = offset;
        registers.A4 = (ulong)buffer.Length;
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

/// <summary>What LogRead answers.</summary>
public readonly record struct LogPage(uint LengthBytes, ulong NextCursor);

/// <summary>What Inspect answers; the cursor is 0 at the end.</summary>
public readonly record struct InspectPage(uint LengthBytes, ulong NextCursor);

/// <summary>What Inspect answers for rows of one type; the cursor is 0 at the end.</summary>
public readonly record struct InspectPage<T>(int Count, ulong NextCursor);

/// <summary>What ProcessCreate answers.</summary>
public readonly record struct CreatedProcess(Handle Process, ProcessId Id);
