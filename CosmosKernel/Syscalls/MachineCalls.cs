// Clock, log and power. What the kernel knows of all objects is in InspectCalls.

using System;
using System.Runtime.InteropServices;
using CosmosKernel.Diagnostics.Auditing;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Syscalls;

public static unsafe class MachineCalls
{
    private const int MaxLogLineBytes = 1024, LogStepBytes = 1024, MaxLogBytes = 32 * 1024;

    public static bool Dispatch(Kernel kernel, Thread thread, SystemCall call)
    {
        switch (call)
        {
            case SystemCall.ClockNow: ReadClock(kernel, thread); return true;
            case SystemCall.DeathCount: AnswerValue(thread, kernel.Counters.Deaths); return true;
            case SystemCall.LogWrite: WriteLog(kernel, thread); return true;
            case SystemCall.LogRead: ReadLog(kernel, thread); return true;
            case SystemCall.PowerOff: PowerOff(kernel, thread); return true;
            case SystemCall.Reboot: Reboot(kernel, thread); return true;
            case SystemCall.Inspect: InspectCalls.Inspect(kernel, thread); return true;
            case SystemCall.Audit: Audit(kernel, thread); return true;
            case SystemCall.Trace: Trace(kernel, thread); return true;
            case SystemCall.Stretches: Stretches(kernel, thread); return true;
            default: return false;
        }
    }

    /// <summary>The time, and how to know it without asking again.</summary>
    private static void ReadClock(Kernel kernel, Thread thread)
    {
        thread.Frame->A1 = kernel.Machine.TscFirst;
        thread.Frame->A2 = kernel.Machine.NsPerTscTick;
        AnswerValue(thread, kernel.NowNs);
    }

    private static void AnswerValue(Thread thread, ulong value)
    {
        thread.Frame->A0 = value;
        SystemCallTable.Answer(thread, Status.Ok);
    }

    private static bool Has(Kernel kernel, Thread thread, ObjectType type, Rights right)
    {
        Status status = kernel.Capabilities.Find(
            thread.Process, thread.Frame->A0, type, right, out _);
        if (status != Status.Ok) SystemCallTable.Answer(thread, status);
        return status == Status.Ok;
    }

    /// <summary>One slice; the report goes to the caller, who sums up.</summary>
    private static void Audit(Kernel kernel, Thread thread)
    {
        if (!Has(kernel, thread, ObjectType.Machine, Rights.Inspect)) return;
        ulong next = Auditor.RunSlice(kernel, thread.Frame->A1, out AuditReport report);
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<AuditReport>(in report));
        if (!kernel.UserMemory.TryWrite(thread.Process, thread.Frame->A2, bytes))
        {
            SystemCallTable.Malformed(kernel, thread);
            return;
        }
        AnswerValue(thread, next);
    }

    private static void Trace(Kernel kernel, Thread thread)
    {
        if (!Has(kernel, thread, ObjectType.Machine, Rights.Inspect)) return;
        ulong wanted = thread.Frame->A1;
        Status status = wanted > (ulong)TraceSwitch.On ? Status.BadArgument : Status.Ok;
        if (status == Status.Ok) kernel.SwitchTrace(wanted == (ulong)TraceSwitch.On);
        SystemCallTable.Answer(thread, status);
    }

    private static void Stretches(Kernel kernel, Thread thread)
    {
        if (!Has(kernel, thread, ObjectType.Machine, Rights.Inspect)) return;
        ulong wanted = thread.Frame->A1;
        Status status = wanted > (ulong)StretchSwitch.On ? Status.BadArgument : Status.Ok;
        if (status == Status.Ok) kernel.Stretches.Switch(wanted == (ulong)StretchSwitch.On);
        SystemCallTable.Answer(thread, status);
    }

    private static void WriteLog(Kernel kernel, Thread thread)
    {
        if (!Has(kernel, thread, ObjectType.Log, Rights.Write)) return;
        if (thread.Frame->A2 > MaxLogLineBytes)
        {
            SystemCallTable.Answer(thread, Status.BadArgument);
            return;
        }
        Span<byte> text = stackalloc byte[(int)thread.Frame->A2];
        if (!kernel.UserMemory.TryRead(thread.Process, thread.Frame->A1, text))
        {
            SystemCallTable.Malformed(kernel, thread);
            return;
        }
        kernel.Log.Write(thread.Process.NameText, text);
        SystemCallTable.Answer(thread, Status.Ok);
    }

    private static void ReadLog(Kernel kernel, Thread thread)
    {
        if (!Has(kernel, thread, ObjectType.Log, Rights.Read)) return;
        ulong cursor = thread.Frame->A1, target = thread.Frame->A2, capacity = thread.Frame->A3;
        if (!kernel.UserMemory.IsUserRange(target, capacity))
        {
            SystemCallTable.Malformed(kernel, thread);
            return;
        }
        capacity = Math.Min(capacity, MaxLogBytes);
        Span<byte> step = stackalloc byte[LogStepBytes];
        ulong done = 0;
        while (done < capacity)
        {
            int wanted = (int)Math.Min(capacity - done, LogStepBytes);
            int count = kernel.Log.Read(cursor, step[..wanted], out cursor);
            if (count == 0) break;
            if (!kernel.UserMemory.TryWrite(thread.Process, target + done, step[..count]))
            {
                SystemCallTable.Malformed(kernel, thread);
                return;
            }
            done += (ulong)count;
        }
        thread.Frame->A0 = done;
        thread.Frame->A1 = cursor;
        SystemCallTable.Answer(thread, Status.Ok);
    }

    private static void PowerOff(Kernel kernel, Thread thread)
    {
        if (!Has(kernel, thread, ObjectType.Machine, Rights.PowerOff)) return;
        kernel.Machine.PowerOff((uint)(thread.Frame->A1 & 0xFF));
    }

    private static void Reboot(Kernel kernel, Thread thread)
    {
        if (!Has(kernel, thread, ObjectType.Machine, Rights.PowerOff)) return;
        kernel.Machine.Reboot();
    }
}
