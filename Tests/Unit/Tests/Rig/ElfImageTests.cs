// Images that the kernel's loader could not map are refused by the build.

using System;
using System.Buffers.Binary;
using NUnit.Framework;
using Tests.Rig.Images;

namespace Tests.Unit.Tests.Rig;

public sealed class ElfImageTests
{
    private const uint ReadExecute = 5;
    private const uint ReadWrite = 6;
    private const uint All = 7;

    [Test]
    public void Image_is_accepted_when_text_and_data_lie_apart() =>
        Assert.That(Fault((ReadExecute, 0x1000, 0x401000), (ReadWrite, 0x2000, 0x402000)), Is.Null);

    [Test]
    public void Image_is_refused_when_a_segment_is_writable_and_executable() =>
        Assert.That(Fault((All, 0x1000, 0x401000)), Does.Contain("writable and executable"));

    [Test]
    public void Image_is_refused_when_offset_and_address_disagree() =>
        Assert.That(Fault((ReadExecute, 0x1010, 0x401000)), Does.Contain("cannot be mapped"));

    [Test]
    public void Image_is_refused_when_text_shares_a_page_with_data() =>
        Assert.That(Fault((ReadExecute, 0x1000, 0x401000), (ReadWrite, 0x1800, 0x402800)),
            Does.Contain("shares a page"));

    [Test]
    public void Image_is_refused_when_it_is_not_an_elf_or_is_cut_off()
    {
        Assert.That(ElfImage.FirstFault("#!/bin/sh"u8), Is.EqualTo("not an ELF file"));
        Assert.That(ElfImage.FirstFault(Image((ReadExecute, 0x1000, 0x401000)).AsSpan(0, 80)),
            Is.EqualTo("truncated"));
    }

    private static string? Fault(params (uint Flags, ulong Offset, ulong Address)[] segments) =>
        ElfImage.FirstFault(Image(segments));

    /// <summary>A header and its segments, each 2 KiB long in the file.</summary>
    private static byte[] Image(params (uint Flags, ulong Offset, ulong Address)[] segments)
    {
        byte[] image = new byte[64 + 56 * segments.Length];
        "\u007fELF"u8.CopyTo(image);
        BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(32), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(56), (ushort)segments.Length);
        for (int i = 0; i < segments.Length; i++)
        {
            Span<byte> entry = image.AsSpan(64 + 56 * i);
            BinaryPrimitives.WriteUInt32LittleEndian(entry, 1);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], segments[i].Flags);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[8..], segments[i].Offset);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[16..], segments[i].Address);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[32..], 2048);
        }
        return image;
    }
}
