// How the kernel reaches the memory of processes. UserMemory walks page tables; on the host user
// threads are host code, and their buffers are the host's memory.
//
// Every pointer from ring 3 goes through here, with its whole length. Nothing else follows one.

using CosmosKernel.Processes;
using System;

namespace CosmosKernel.Memory;

public enum CopyResult : byte
{
    Done = 0,
    /// <summary>The source process has no such memory: it is to blame.</summary>
    BadSource = 1,
    /// <summary>The target process has no such memory that it may write: it is to blame.</summary>
    BadTarget = 2,
}

public interface IUserMemory
{
    /// <summary>
    /// Once, before the first process: the kernel makes its tables after this object.
    /// </summary>
    void Attach(PageTables tables, PageFaults faults);

    /// <summary>
    /// Whether ring 3 may name this span at all; says nothing about what is mapped.
    /// </summary>
    bool IsUserRange(ulong address, ulong lengthBytes);

    /// <summary>Faults missing pages in. False: not readable memory of the process.</summary>
    bool TryRead(Process process, ulong address, Span<byte> target);

    /// <summary>Faults missing pages in. False: not writable memory of the process.</summary>
    bool TryWrite(Process process, ulong address, ReadOnlySpan<byte> source);

    /// <summary>Moves bytes between two processes in one copy.</summary>
    CopyResult Copy(
        Process source, ulong sourceAddress, Process target, ulong targetAddress,
        ulong lengthBytes);
}
