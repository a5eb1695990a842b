// A small static ELF made by hand: text, read-only data, data with bss.

using System;
using System.Buffers.Binary;

namespace Tests.Unit.CosmosKernel.Memory;

public static class TestElf
{
    public const ulong Text = 0x40_1000, ReadOnly = 0x40_2000, Data = 0x40_3E00;
    public const ulong DataFileBytes = 0x300, DataBytes = 0x3300;
    /// <summary>Of BuildLong: a page that the file fills, and one that it fills by half.</summary>
    public const ulong WholeData = Data + 0x200, LastData = WholeData + 0x1000;
    private const int LongFileBytes = 0x5800;
    public const int HeaderBytes = 64, ProgramHeaderBytes = 56, SegmentCount = 4;
    public const ulong Entry = Text + 0x10;

    /// <summary>Byte at offset N of the file, outside the headers, is N * 7 + 3.</summary>
    public static byte ByteAt(int offset) => (byte)(offset * 7 + 3);

    public static byte[] Build()
    {
        byte[] file = new byte[0x3E00 + (int)DataFileBytes];
        for (int i = HeaderBytes + SegmentCount * ProgramHeaderBytes; i < file.Length; i++)
        {
            file[i] = ByteAt(i);
        }

        "\u007fELF"u8.CopyTo(file);
        file[4] = 2;
        file[5] = file[6] = 1;
        Put16(file, 16, 2);
        Put16(file, 18, 62);
        Put32(file, 20, 1);
        Put64(file, 24, Entry);
        Put64(file, 32, HeaderBytes);
        Put16(file, 52, HeaderBytes);
        Put16(file, 54, ProgramHeaderBytes);
        Put16(file, 56, SegmentCount);
        PutSegment(file, 0, 4, 0, 0x40_0000, 0x800, 0x800);
        PutSegment(file, 1, 5, 0x1000, Text, 0x800, 0x800);
        PutSegment(file, 2, 4, 0x2000, ReadOnly, 0x1000, 0x1000);
        PutSegment(file, 3, 6, 0x3E00, Data, DataFileBytes, DataBytes);
        return file;
    }

    /// <summary>The same with a page and a half more of data in the file.</summary>
    public static byte[] BuildLong()
    {
        byte[] file = new byte[LongFileBytes];
        Build().CopyTo(file, 0);
        for (int i = 0x4000; i < file.Length; i++) file[i] = ByteAt(i);
        Put64(file, HeaderBytes + 3 * ProgramHeaderBytes + 32, LongFileBytes - 0x3E00);
        return file;
    }

    private static void PutSegment(
        byte[] file, int index, uint flags, ulong offset, ulong address, ulong fileBytes,
        ulong bytes)
    {
        int at = HeaderBytes + index * ProgramHeaderBytes;
        Put32(file, at, 1);
        Put32(file, at + 4, flags);
        Put64(file, at + 8, offset);
        Put64(file, at + 16, address);
        Put64(file, at + 24, address);
        Put64(file, at + 32, fileBytes);
        Put64(file, at + 40, bytes);
        Put64(file, at + 48, 0x1000);
    }

    public static void Put16(Span<byte> file, int at, ushort value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(file[at..], value);
    public static void Put32(Span<byte> file, int at, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(file[at..], value);
    public static void Put64(Span<byte> file, int at, ulong value) =>
        BinaryPrimitives.WriteUInt64LittleEndian(file[at..], value);
}
