// Reads and checks an ELF file completely before anything is made of it.
//
// Accepted: static, for x86-64, linked to fixed addresses below 1 GiB, each page of one segment
// only, nothing both writable and executable. Whatever else a file says is BadImage.

using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using CosmosKernel.Memory;
using Shared.Abi;

namespace CosmosKernel.Processes;

public struct ElfSegment
{
    public ulong First, LengthBytes, FileOffset, FileBytes;
    public Protection Protection;

    public readonly ulong FirstPage => First & ~(Limits.PageBytes - 1UL);
    public readonly ulong EndPage => ElfImage.PageUp(First + LengthBytes);
}

[InlineArray(ElfImage.MaxSegments)]
public struct ElfSegments
{
    private ElfSegment _first;
}

public struct ElfImage
{
    public const int MaxSegments = 16;
    private const int MaxHeaders = 64, HeaderBytes = 64, ProgramHeaderBytes = 56;
    private const uint LoadSegment = 1, InterpreterSegment = 3;

    public ulong Entry;
    /// <summary>
    /// Where the program headers lie in memory; libc finds its thread data there.
    /// </summary>
    public ulong HeadersAddress;
    public ushort HeaderCount;
    public ElfSegments Segments;
    public int SegmentCount;

    /// <summary>First page after the last segment.</summary>
    public readonly ulong EndPage => Segments[SegmentCount - 1].EndPage;

    public static ulong PageUp(ulong value) =>
        (value + Limits.PageBytes - 1) & ~(Limits.PageBytes - 1UL);

    public static bool TryParse(MemoryObject image, out ElfImage parsed)
    {
        parsed = default;
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (!image.TryRead(0, header) || !IsStaticX64(header)) return false;

        parsed.Entry = BinaryPrimitives.ReadUInt64LittleEndian(header[24..]);
        ulong table = BinaryPrimitives.ReadUInt64LittleEndian(header[32..]);
        parsed.HeaderCount = BinaryPrimitives.ReadUInt16LittleEndian(header[56..]);
        if (parsed.HeaderCount is 0 or > MaxHeaders || table > image.LengthBytes) return false;

        Span<byte> program = stackalloc byte[ProgramHeaderBytes];
        for (int i = 0; i < parsed.HeaderCount; i++)
        {
            ulong offset = table + (ulong)(i * ProgramHeaderBytes);
            if (!image.TryRead(offset, program)) return false;
            uint type = BinaryPrimitives.ReadUInt32LittleEndian(program);
            if (type == InterpreterSegment) return false;
            if (type == LoadSegment && !parsed.TryAdd(program, image.LengthBytes)) return false;
        }

        return parsed.SegmentCount > 0 && parsed.TryFindHeaders(table) && parsed.IsEntryCode();
    }

    private static bool IsStaticX64(ReadOnlySpan<byte> header)
    {
        // 64 bits, little endian, version 1; ABI none or Linux; EXEC, x86-64; sizes of headers.
        return header[..4].SequenceEqual("\u007fELF"u8)
            && header[4] == 2 && header[5] == 1 && header[6] == 1 && header[7] is 0 or 3
            && BinaryPrimitives.ReadUInt16LittleEndian(header[16..]) == 2
            && BinaryPrimitives.ReadUInt16LittleEndian(header[18..]) == 62
            && BinaryPrimitives.ReadUInt32LittleEndian(header[20..]) == 1
            && BinaryPrimitives.ReadUInt16LittleEndian(header[52..]) == HeaderBytes
            && BinaryPrimitives.ReadUInt16LittleEndian(header[54..]) == ProgramHeaderBytes;
    }

    private bool TryAdd(ReadOnlySpan<byte> program, ulong imageBytes)
    {
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(program[4..]);
        ElfSegment segment = new()
        {
            FileOffset = BinaryPrimitives.ReadUInt64LittleEndian(program[8..]),
            First = BinaryPrimitives.ReadUInt64LittleEndian(program[16..]),
            FileBytes = BinaryPrimitives.ReadUInt64LittleEndian(program[32..]),
            LengthBytes = BinaryPrimitives.ReadUInt64LittleEndian(program[40..]),
        };
        if (segment.LengthBytes == 0) return segment.FileBytes == 0;
        if (SegmentCount == MaxSegments || (flags & ~7u) != 0) return false;
        if ((flags & 1) != 0) segment.Protection |= Protection.Execute;
        if ((flags & 2) != 0) segment.Protection |= Protection.Write;
        if ((flags & 4) != 0) segment.Protection |= Protection.Read;

        ulong end = segment.First + segment.LengthBytes;
        if (Mappings.IsWriteAndExecute(segment.Protection)
            || segment.Protection == Protection.None
            || segment.FileBytes > segment.LengthBytes
            || segment.FileBytes > imageBytes
            || segment.FileOffset > imageBytes - segment.FileBytes
            || segment.FileOffset % Limits.PageBytes != segment.First % Limits.PageBytes
            || end < segment.First || end > AddressMap.UserLowEnd
            || segment.First < AddressMap.UserLowFirst)
        {
            return false;
        }

        if (SegmentCount > 0 && segment.FirstPage < EndPage) return false;
        Segments[SegmentCount++] = segment;
        return true;
    }

    private bool TryFindHeaders(ulong table)
    {
        ulong lengthBytes = (ulong)HeaderCount * ProgramHeaderBytes;
        for (int i = 0; i < SegmentCount; i++)
        {
            ref readonly ElfSegment segment = ref Segments[i];
            if (table < segment.FileOffset || lengthBytes > segment.FileBytes
                || table - segment.FileOffset > segment.FileBytes - lengthBytes)
            {
                continue;
            }

            HeadersAddress = segment.First + (table - segment.FileOffset);
            return true;
        }

        return false;
    }

    private readonly bool IsEntryCode()
    {
        for (int i = 0; i < SegmentCount; i++)
        {
            ElfSegment segment = Segments[i];
            if ((segment.Protection & Protection.Execute) != 0
                && Entry >= segment.First && Entry - segment.First < segment.FileBytes)
            {
                return true;
            }
        }

        return false;
    }
}
