// Processes that exist: given capabilities, killed, stopped, collected.

using CosmosKernel.Arch;
using CosmosKernel.Capabilities;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using Shared.Abi;
using System;
using System.Runtime.InteropServices;

namespace CosmosKernel.Syscalls;

public static unsafe class ProcessCalls
{
    public static bool Dispatch(Kernel kernel, Thread thread, SystemCall call)
    {
        Status status;
        switch (call)
        {
            case SystemCall.ProcessGive: status = Give(kernel, thread); break;
            case SystemCall.ProcessKill:
                status = Kill(kernel, thread, out Process? killed);
                if (killed is { IsEnding: true } && thread.Process.IsAlive)
                {
                    kernel.Machine.RepeatCall(thread);
                    return true;
                }

                break;
            case SystemCall.ProcessStop: status = Stop(kernel, thread); break;
            case SystemCall.ProcessContinue: status = Continue(kernel, thread); break;
            case SystemCall.ProcessOpen: status = Open(kernel, thread); break;
            case SystemCall.ProcessAttachVault: status = VaultCalls.Attach(kernel, thread); break;
            case SystemCall.SupervisorReplace: status = ReplaceSupervisor(kernel, thread); break;
            case SystemCall.ProcessCollect: Collect(kernel, thread); return true;
            case SystemCall.LastWords: LastWords(kernel, thread); return true;
            case SystemCall.ProcessRename: Rename(kernel, thread); return true;
            case SystemCall.BlameNobody:
                thread.Process.BlamesNobody = true;
                status = Status.Ok;
                break;
            case SystemCall.ThreadExit: ProcessDeath.ThreadExited(kernel, thread, 0); return true;
            default: return ProcessMakingCalls.Dispatch(kernel, thread, call);
        }

        // The caller may have killed, stopped or replaced itself.
        if (thread.Process.IsAlive) SystemCallTable.Answer(thread, status);
        return true;
    }

    /// <summary>Ok with null: the handle is good, and the process has been collected.</summary>
    public static Status Find(
        Kernel kernel, Thread thread, ulong handle, Rights rights, out Process? process)
    {
        process = null;
        Status status = kernel.Capabilities.Find(
            thread.Process, handle, ObjectType.Process, rights, out int index);
        if (status != Status.Ok) return status;
        ref readonly CapabilityRecord record = ref kernel.Capabilities[index];
        Process found = kernel.Processes[record.ObjectIndex];
        if (found.IsUsed && found.Generation == record.ObjectGeneration && !found.IsCollected)
            process = found;
        return Status.Ok;
    }

    static Status Give(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        Status status = Find(kernel, thread, frame->A0, Rights.Create, out Process? target);
        if (status != Status.Ok) return status;
        if (target is null || !target.IsAlive) return Status.Exited;
        status = kernel.Capabilities.Find(thread.Process, frame->A1, out int source);
        if (status != Status.Ok) return status;
        if ((kernel.Capabilities[source].Rights & Rights.Pass) == 0) return Status.NoRight;
        status = CapabilityCalls.Give(kernel, source, target, frame->A2, out ulong handle);
        if (status == Status.Ok) frame->A0 = handle;
        return status;
    }

    /// <summary>
    /// Whoever kills one that has many calls in hand does so in parts: it is told when they are
    /// back in their queues, and the vault is free.
    /// </summary>
    static Status Kill(Kernel kernel, Thread thread, out Process? target)
    {
        DeathCause cause = (DeathCause)thread.Frame->A1;
        Status status = Find(kernel, thread, thread.Frame->A0, Rights.Kill, out target);
        if (status != Status.Ok) return status;
        if (thread.Frame->A1 > byte.MaxValue
            || cause is not (DeathCause.Killed or DeathCause.Hung or DeathCause.Replaced))
        {
            return Status.BadArgument;
        }

        if (target is { IsEnding: true }) kernel.Endings.RunPart();
        else if (target is not null) ProcessDeath.Kill(kernel, target, cause);
        return Status.Ok;
    }

    static Status ReplaceSupervisor(Kernel kernel, Thread thread)
    {
        Status status = kernel.Capabilities.FindObject(
            thread.Process, thread.Frame->A0, ObjectType.Memory, Rights.Execute, out int index);
        if (status != Status.Ok) return status;
        return kernel.Supervisor is { } keeper
            ? keeper.Replace(thread.Process, kernel.MemoryObjects[index]) : Status.NoRight;
    }

    static Status Stop(Kernel kernel, Thread thread)
    {
        Status status = Find(kernel, thread, thread.Frame->A0, Rights.Kill, out Process? target);
        if (status != Status.Ok) return status;
        if (target is null || !target.IsAlive) return Status.Exited;
        SystemCallTable.Answer(thread, Status.Ok);
        ProcessStop.Stop(kernel, target);
        return Status.Ok;
    }

    static Status Continue(Kernel kernel, Thread thread)
    {
        Status status = Find(kernel, thread, thread.Frame->A0, Rights.Kill, out Process? target);
        if (status != Status.Ok) return status;
        if (target is null || !target.IsAlive) return Status.Exited;
        // It may go on when it is decided whose the vault is.
        if (target.VaultIndex >= 0 && kernel.Vaults[target.VaultIndex].Suspended == target)
            return Status.Locked;
        ProcessStop.Continue(kernel, target);
        return Status.Ok;
    }

    static Status Open(Kernel kernel, Thread thread)
    {
        Status status = kernel.Capabilities.Find(
            thread.Process, thread.Frame->A0, ObjectType.Machine, Rights.Create, out _);
        if (status != Status.Ok) return status;
        if (thread.Frame->A1 > uint.MaxValue) return Status.NotFound;
        Process? target = kernel.Processes.FindById(new ProcessId((uint)thread.Frame->A1));
        if (target is null) return Status.NotFound;
        status = kernel.Capabilities.Create(
            thread.Process, ObjectType.Process, target.Index, Rights.All, out Handle handle,
            target.Generation);
        if (status == Status.Ok) thread.Frame->A0 = handle.Value;
        return status;
    }

    /// <summary>A process that was started before its task was known gets its place.</summary>
    static void Rename(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        Status status = Find(kernel, thread, frame->A0, Rights.Create, out Process? target);
        if (status == Status.Ok && (target is null || !target.IsAlive)) status = Status.Exited;
        if (status == Status.Ok && frame->A2 >= ProcessSpec.MaxNameBytes) status = Status.TooLarge;
        if (status == Status.Ok && frame->A3 > uint.MaxValue) status = Status.BadArgument;
        if (status != Status.Ok)
        {
            SystemCallTable.Answer(thread, status);
            return;
        }

        Span<byte> name = stackalloc byte[ProcessSpec.MaxNameBytes];
        name.Clear();
        if (!kernel.UserMemory.TryRead(thread.Process, frame->A1, name[..(int)frame->A2]))
        {
            SystemCallTable.Malformed(kernel, thread);
            return;
        }

        name.CopyTo(target!.Name);
        target.Incarnation = (uint)frame->A3;
        SystemCallTable.Answer(thread, Status.Ok);
    }

    static void Collect(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        if (frame->A4 > (ulong)CollectMode.Look)
        {
            SystemCallTable.Malformed(kernel, thread);
            return;
        }

        Process? target = null;
        Status status = frame->A0 == 0
            ? Status.Ok : Find(kernel, thread, frame->A0, Rights.Kill, out target);
        if (status == Status.Ok)
        {
            if (frame->A0 == 0) target = kernel.Processes.FindDeadChild(thread.Process);
            if (target is null) status = Status.NotFound;
            else if (!target.HasEnded) status = Status.WouldBlock;
        }

        if (status != Status.Ok)
        {
            SystemCallTable.Answer(thread, status);
            return;
        }

        int lastWordsBytes = (int)Math.Min(frame->A3, target!.Death.LastWordsBytes);
        ReadOnlySpan<DeathRecord> record = new(ref target.Death);
        if (!kernel.UserMemory.TryWrite(
                thread.Process, frame->A1, MemoryMarshal.AsBytes(record))
            || lastWordsBytes != 0 && !kernel.UserMemory.TryWrite(
                thread.Process, frame->A2, target.LastWords.AsSpan(0, lastWordsBytes)))
        {
            SystemCallTable.Malformed(kernel, thread);
            return;
        }

        if (frame->A4 == (ulong)CollectMode.Take) kernel.Processes.Collect(target);
        frame->A0 = (ulong)lastWordsBytes;
        SystemCallTable.Answer(thread, Status.Ok);
        kernel.Reclaimer.KeepUp();
    }

    static void LastWords(Kernel kernel, Thread thread)
    {
        UserFrame* frame = thread.Frame;
        Process process = thread.Process;
        if (!process.HasLastWords)
        {
            int lengthBytes = (int)Math.Min(frame->A1, Limits.LastWordsBytes);
            if (frame->A2 > (ulong)DeathCause.UnhandledException
                || lengthBytes != 0 && !kernel.UserMemory.TryRead(
                    process, frame->A0, process.LastWords.AsSpan(0, lengthBytes)))
            {
                SystemCallTable.Malformed(kernel, thread);
                return;
            }

            process.HasLastWords = true;
            process.AnnouncedCause = (DeathCause)frame->A2;
            process.Death.LastWordsBytes = (ushort)lengthBytes;
        }

        SystemCallTable.Answer(thread, Status.Ok);
    }
}
