// The smallest ELF that the kernel's loader takes. Its code never runs: the simulation plays it.

using System;
using System.Buffers.Binary;

namespace Tests.Simulation;

static class StubImage
{
    public const int LengthBytes = 4096;

    public static void Write(Span<byte> target)
    {
        const ulong address = 0x40_0000, entry = address + 0x200;
        target.Clear();
        "\u007fELF"u8.CopyTo(target);
        target[4] = 2;
        target[5] = target[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(target[16..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(target[18..], 62);
        BinaryPrimitives.WriteUInt32LittleEndian(target[20..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(target[24..], entry);
        BinaryPrimitives.WriteUInt64LittleEndian(target[32..], 64);
        BinaryPrimitives.WriteUInt16LittleEndian(target[52..], 64);
        BinaryPrimitives.WriteUInt16LittleEndian(target[54..], 56);
        BinaryPrimitives.WriteUInt16LittleEndian(target[56..], 1);
        Span<byte> segment = target[64..];
        BinaryPrimitives.WriteUInt32LittleEndian(segment, 1);
        BinaryPrimitives.WriteUInt32LittleEndian(segment[4..], 5);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[16..], address);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[24..], address);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[32..], LengthBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[40..], LengthBytes);
    }
}
