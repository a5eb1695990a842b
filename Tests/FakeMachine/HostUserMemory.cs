// User memory of processes whose code is host code: their buffers are the host's own memory.
//
// Host addresses lie above what ring 3 may name, so both kinds can be told apart: an address in the
// user's ranges is looked up in the real page tables, and is bad where nothing is mapped.

using CosmosKernel.Memory;
using CosmosKernel.Processes;
using Shared.Abi;
using System;

namespace Tests.FakeMachine;

public sealed unsafe class HostUserMemory(IUserMemory walker) : IUserMemory
{
    const ulong HostEnd = 0x8000_0000_0000;

    static bool IsHost(ulong address, ulong lengthBytes) =>
        address >= AddressMap.UserHighEnd && address < HostEnd
        && lengthBytes <= HostEnd - address;


    public void Attach(PageTables tables, PageFaults faults) => walker.Attach(tables, faults);

    public bool IsUserRange(ulong address, ulong lengthBytes) =>
        IsHost(address, lengthBytes) || AddressMap.IsUser(address, lengthBytes);

    public bool TryRead(Process process, ulong address, Span<byte> target)
    {
        if (!IsHost(address, (ulong)target.Length)) return walker.TryRead(process, address, target);
        // Safety: the test's code has pinned what it names, as a task does in its own memory.
        new ReadOnlySpan<byte>((void*)address, target.Length).CopyTo(target);
        return true;
    }

    public bool TryWrite(Process process, ulong address, ReadOnlySpan<byte> source)
    {
        if (!IsHost(address, (ulong)source.Length))
            return walker.TryWrite(process, address, source);
        // Safety: as in TryRead.
        source.CopyTo(new Span<byte>((void*)address, source.Length));
        return true;
    }

    public CopyResult Copy(
        Process source, ulong sourceAddress, Process target, ulong targetAddress, ulong lengthBytes)
    {
        Span<byte> buffer = new byte[lengthBytes];
        if (!TryRead(source, sourceAddress, buffer)) return CopyResult.BadSource;
        return TryWrite(target, targetAddress, buffer) ? CopyResult.Done : CopyResult.BadTarget;
    }
}
