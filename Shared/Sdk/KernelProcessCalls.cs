// Kernel calls with types: processes and their ends.

using System;
using System.Runtime.InteropServices;
using System.Text;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Native;

namespace Shared.Sdk;

public static partial class KernelCalls
{
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

    /// <summary>Answers the handle's value in the child. Only before ProcessStart.</summary>
    public static Result<Handle> ProcessGive(
        this IKernel kernel, Handle process, Handle own, Rights rights) =>
        NewHandle(kernel, SystemCall.ProcessGive, process.Value, own.Value, (ulong)rights);

    /// <summary>Starts it. The first argument is the program's name, as everywhere.</summary>
    public static Status ProcessStart(
        this IKernel kernel, Handle process, ReadOnlySpan<string> arguments,
        ReadOnlySpan<string> environment)
    {
        StringBuilder text = new();
        foreach (string argument in arguments) text.Append(argument).Append('\0');
        foreach (string variable in environment) text.Append(variable).Append('\0');
        byte[] block = Encoding.UTF8.GetBytes(text.ToString());
        if (block.Length > Limits.StartBlockBytes) return Status.TooLarge;
        Registers registers = new(SystemCall.ProcessStart)
        {
            A0 = process.Value, A2 = (ulong)block.Length, A3 = (ulong)arguments.Length,
        };
        return Pinned.Invoke(kernel, ref registers, ref registers.A1, block).Status;
    }

    /// <summary>No thread of it runs on return. The cause goes into its record.</summary>
    public static Status ProcessKill(
        this IKernel kernel, Handle process, DeathCause cause = DeathCause.Killed) =>
        Simple(kernel, SystemCall.ProcessKill, process.Value, (ulong)cause);

    public static Status ProcessStop(this IKernel kernel, Handle process) =>
        Simple(kernel, SystemCall.ProcessStop, process.Value);

    public static Status ProcessContinue(this IKernel kernel, Handle process) =>
        Simple(kernel, SystemCall.ProcessContinue, process.Value);

    /// <summary>
    /// Takes the exit record of a process, or with Handle.None of any dead child; answers the bytes
    /// of last words. WouldBlock when it lives, NotFound when there is none.
    /// </summary>
    public static Result<uint> ProcessCollect(
        this IKernel kernel, Handle process, out DeathRecord record, Span<byte> lastWords)
    {
        record = default;
        Registers registers = new(SystemCall.ProcessCollect)
        {
            A0 = process.Value, A3 = (ulong)lastWords.Length,
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

    /// <summary>Ends the calling thread alone; returns only on fakes.</summary>
    public static Status ThreadExit(this IKernel kernel) =>
        Simple(kernel, SystemCall.ThreadExit, 0);
}

/// <summary>What ProcessCreate answers.</summary>
public readonly record struct CreatedProcess(Handle Process, ProcessId Id);
