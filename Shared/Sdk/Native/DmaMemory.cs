// Memory that a device reads and writes by itself, mapped here, with the address of each page as
// the device sees it.
//
// Rules: the device may change any byte at any time; pages need not follow each other.

using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Native;

// Safety: the memory is mapped for the life of the process, and every access is checked.
public sealed unsafe class DmaMemory
{
    private readonly byte* _first;
    private readonly ulong[] _pages;

    private DmaMemory(byte* first, ulong[] pages)
    {
        _first = first;
        _pages = pages;
    }

    public static Result<DmaMemory> Map(IKernel kernel, Handle memory, uint pageCount)
    {
        ulong[] pages = new ulong[pageCount];
        for (uint page = 0; page < pageCount; page++)
        {
            Result<ulong> address = kernel.DmaAddress(memory, page);
            if (!address.IsOk) return address.Status;
            pages[page] = address.Value;
        }
        Result<ulong> mapped = kernel.MemoryMap(
            memory, 0, (ulong)pageCount * Limits.PageBytes, Rights.Read | Rights.Write);
        if (!mapped.IsOk) return mapped.Status;
        // Safety: the kernel has mapped that many pages there.
        return new DmaMemory((byte*)mapped.Value, pages);
    }

    public uint LengthBytes => (uint)_pages.Length * Limits.PageBytes;

    /// <summary>Where the device finds the byte; the rest of its page follows there.</summary>
    public uint AddressOf(uint offset) =>
        (uint)_pages[offset / Limits.PageBytes] + offset % Limits.PageBytes;

    public Span<byte> Bytes(uint offset, uint lengthBytes)
    {
        bool isInside = lengthBytes <= LengthBytes && offset <= LengthBytes - lengthBytes;
        if (!isInside) throw new ArgumentOutOfRangeException(nameof(offset));
        // Safety: checked to lie within what is mapped.
        return new Span<byte>(_first + offset, (int)lengthBytes);
    }

    /// <summary>What the device may have changed meanwhile.</summary>
    public ushort ReadShared16(uint offset) =>
        Volatile.Read(ref MemoryMarshal.AsRef<ushort>(Bytes(offset, sizeof(ushort))));

    public byte ReadShared8(uint offset) => Volatile.Read(ref Bytes(offset, 1)[0]);

    public void Write16(uint offset, ushort value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(Bytes(offset, sizeof(ushort)), value);

    public void Write32(uint offset, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(Bytes(offset, sizeof(uint)), value);

    public void Write64(uint offset, ulong value) =>
        BinaryPrimitives.WriteUInt64LittleEndian(Bytes(offset, sizeof(ulong)), value);

    /// <summary>The device sees all that was written before, from now on.</summary>
    public void Publish16(uint offset, ushort value)
    {
        Thread.MemoryBarrier();
        Volatile.Write(ref MemoryMarshal.AsRef<ushort>(Bytes(offset, sizeof(ushort))), value);
        Thread.MemoryBarrier();
    }
}
