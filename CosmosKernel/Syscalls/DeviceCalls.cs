// Ports, interrupts and device memory: what a driver may touch, and nothing else.

using CosmosKernel.Memory;
using CosmosKernel.Boot;
using CosmosKernel.Devices;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Syscalls;

public static unsafe class DeviceCalls
{
    private const ulong PortEnd = 0x1_0000;
    private const ushort Com1First = 0x3F8, Com1End = 0x400;

    public static bool Dispatch(Kernel kernel, Thread thread, SystemCall call)
    {
        switch (call)
        {
            case SystemCall.IoPortsCreate: CreatePorts(kernel, thread); return true;
            case SystemCall.PortRead: Read(kernel, thread); return true;
            case SystemCall.PortWrite: Write(kernel, thread); return true;
            case SystemCall.InterruptCreate: CreateInterrupt(kernel, thread); return true;
            case SystemCall.InterruptBind: Bind(kernel, thread); return true;
            case SystemCall.InterruptAcknowledge: Acknowledge(kernel, thread); return true;
            case SystemCall.DeviceMemoryCreate: CreateMemory(kernel, thread); return true;
            case SystemCall.DmaCreate: CreateDma(kernel, thread); return true;
            case SystemCall.DmaAddress: AnswerDmaAddress(kernel, thread); return true;
            default: return false;
        }
    }

    /// <summary>Whether argument 0 is a Machine capability that may make things.</summary>
    private static bool MayCreate(Kernel kernel, Thread thread)
    {
        Status status = kernel.Capabilities.Find(
            thread.Process, thread.Frame->A0, ObjectType.Machine, Rights.Create, out _);
        if (status != Status.Ok) SystemCallTable.Answer(thread, status);
        return status == Status.Ok;
    }

    private static void Give(
        Kernel kernel, Thread thread, ObjectType type, int index, Rights rights)
    {
        Status status = kernel.Capabilities.Create(
            thread.Process, type, index, rights, out Handle handle);
        if (status == Status.Ok) thread.Frame->A0 = handle.Value;
        SystemCallTable.Answer(thread, status);
    }

    private static void CreatePorts(Kernel kernel, Thread thread)
    {
        if (!MayCreate(kernel, thread)) return;
        ulong first = thread.Frame->A1, count = thread.Frame->A2;
        if (count == 0 || first >= PortEnd || count > PortEnd - first)
        {
            SystemCallTable.Answer(thread, Status.BadArgument);
            return;
        }
        int index = kernel.Devices.CreatePorts((ushort)first, (uint)count);
        if (index < 0) SystemCallTable.Answer(thread, Status.QuotaExceeded);
        else Give(kernel, thread, ObjectType.IoPorts, index, Rights.All);
    }

    private static bool MayAccess(Kernel kernel, Thread thread, Rights right)
    {
        ulong port = thread.Frame->A1, widthBytes = thread.Frame->A2;
        Status status = kernel.Capabilities.FindObject(
            thread.Process, thread.Frame->A0, ObjectType.IoPorts, right, out int index);
        if (status == Status.Ok && !kernel.Devices.Allows(index, port, widthBytes))
            status = Status.BadArgument;
        if (status != Status.Ok) SystemCallTable.Answer(thread, status);
        return status == Status.Ok;
    }

    private static void Read(Kernel kernel, Thread thread)
    {
        if (!MayAccess(kernel, thread, Rights.Read)) return;
        thread.Frame->A0 = kernel.Machine.ReadPort((ushort)thread.Frame->A1, (int)thread.Frame->A2);
        SystemCallTable.Answer(thread, Status.Ok);
    }

    private static void Write(Kernel kernel, Thread thread)
    {
        if (!MayAccess(kernel, thread, Rights.Write)) return;
        ushort port = (ushort)thread.Frame->A1;
        if (port is >= Com1First and < Com1End)
            kernel.Log.IsOnSerial = kernel.CommandLine.WantsLogOnSerial;
        kernel.Machine.WritePort(port, (int)thread.Frame->A2, (uint)thread.Frame->A3);
        SystemCallTable.Answer(thread, Status.Ok);
    }

    private static void CreateInterrupt(Kernel kernel, Thread thread)
    {
        if (!MayCreate(kernel, thread)) return;
        if (thread.Frame->A1 >= DeviceTable.LineCount)
            SystemCallTable.Answer(thread, Status.BadArgument);
        else
            Give(kernel, thread, ObjectType.Interrupt, (int)thread.Frame->A1, Rights.All);
    }

    private static void Bind(Kernel kernel, Thread thread)
    {
        Status status = kernel.Capabilities.FindObject(
            thread.Process, thread.Frame->A0, ObjectType.Interrupt, Rights.Wait, out int line);
        int notification = 0;
        if (status == Status.Ok)
        {
            status = kernel.Capabilities.FindObject(thread.Process, thread.Frame->A1,
                ObjectType.Notification, Rights.Signal, out notification);
        }
        if (status == Status.Ok)
        {
            status = kernel.Devices.Line(line).Bind(
                thread.Process.Id, kernel.Notifications[notification], thread.Frame->A2);
        }
        thread.Process.HasInterrupts |= status == Status.Ok;
        SystemCallTable.Answer(thread, status);
    }

    private static void Acknowledge(Kernel kernel, Thread thread)
    {
        Status status = kernel.Capabilities.FindObject(
            thread.Process, thread.Frame->A0, ObjectType.Interrupt, Rights.Wait, out int line);
        if (status == Status.Ok) kernel.Devices.Line(line).Acknowledge(thread.Process.Id);
        SystemCallTable.Answer(thread, status);
    }

    private static void CreateMemory(Kernel kernel, Thread thread)
    {
        if (!MayCreate(kernel, thread)) return;
        ulong first = thread.Frame->A1, lengthBytes = thread.Frame->A2;
        if (!IsDeviceSpan(kernel, first, lengthBytes))
        {
            SystemCallTable.Answer(thread, Status.BadArgument);
            return;
        }
        Status status = kernel.MemoryObjects.TryMakeFixed(
            MemoryObjectKind.Device, first, lengthBytes, out MemoryObject made);
        if (status != Status.Ok)
        {
            SystemCallTable.Answer(thread, status);
            return;
        }
        Give(kernel, thread, ObjectType.DeviceMemory, made.Index, Rights.All);
        kernel.MemoryObjects.Settle(made);
    }

    private static void CreateDma(Kernel kernel, Thread thread)
    {
        if (!MayCreate(kernel, thread)) return;
        ulong device = thread.Frame->A1, lengthBytes = thread.Frame->A2;
        MemoryObject made = null!;
        Status status = device > ushort.MaxValue ? Status.BadArgument
            : kernel.MemoryObjects.TryMakeDma(
                thread.Process, (ushort)device, lengthBytes, out made);
        if (status == Status.Ok)
            Give(kernel, thread, ObjectType.Memory, made.Index, Rights.All);
        else SystemCallTable.Answer(thread, status);
    }

    private static void AnswerDmaAddress(Kernel kernel, Thread thread)
    {
        ulong page = thread.Frame->A1;
        Status status = kernel.Capabilities.FindObject(
            thread.Process, thread.Frame->A0, ObjectType.Memory, Rights.Write, out int index);
        if (status == Status.Ok)
        {
            MemoryObject memory = kernel.MemoryObjects[index];
            if (!memory.IsDma) status = Status.WrongType;
            else if (page >= memory.PageCount) status = Status.BadArgument;
            else thread.Frame->A0 = memory.FrameOf(kernel.Frames, page);
        }
        SystemCallTable.Answer(thread, status);
    }

    /// <summary>Whole pages that are neither the kernel's frames nor the boot archive.</summary>
    private static bool IsDeviceSpan(Kernel kernel, ulong first, ulong lengthBytes)
    {
        const ulong PhysicalEnd = 1UL << 46, LowEnd = 0x10_0000, LowFirst = 0xA_0000;
        if (lengthBytes == 0 || first % Limits.PageBytes != 0 || lengthBytes % Limits.PageBytes != 0
            || first >= PhysicalEnd || lengthBytes > PhysicalEnd - first) return false;
        ulong end = first + lengthBytes;
        // Below 1 MiB only the screen and the ROMs; above it all but RAM, whoever uses that.
        if (first < LowEnd) return first >= LowFirst && end <= LowEnd;
        foreach (RamRange range in kernel.Boot.Installed)
        {
            if (first < range.PhysicalEnd && end > range.PhysicalFirst) return false;
        }
        return true;
    }
}
