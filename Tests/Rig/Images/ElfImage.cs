// Checks a linked image against what the kernel's loader relies on.
//
// Rules: no segment is writable and executable; file offset and address agree within a page, so
// that text is mapped where the boot archive lies; text shares no page of the file with data.

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Tests.Rig.Images;

public static class ElfImage
{
    private const int PageBytes = 4096;
    private const int HeaderBytes = 64;
    private const int EntryBytes = 56;
    private const uint Load = 1;
    private const uint Execute = 1;
    private const uint Write = 2;

    private sealed record Segment(uint Flags, ulong Offset, ulong Address, ulong FileBytes);

    /// <summary>The first broken rule in words, or null.</summary>
    public static string? FirstFault(ReadOnlySpan<byte> image)
    {
        bool isElf = image.Length >= HeaderBytes && image.StartsWith("\u007fELF"u8);
        if (!isElf) return "not an ELF file";
        int table = (int)BinaryPrimitives.ReadUInt64LittleEndian(image[32..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(image[56..]);
        if (table < HeaderBytes || table + count * EntryBytes > image.Length) return "truncated";
        var segments = new List<Segment>();
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = image.Slice(table + i * EntryBytes, EntryBytes);
            if (BinaryPrimitives.ReadUInt32LittleEndian(entry) != Load) continue;
            segments.Add(new Segment(BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]),
                BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]),
                BinaryPrimitives.ReadUInt64LittleEndian(entry[16..]),
                BinaryPrimitives.ReadUInt64LittleEndian(entry[32..])));
        }
        return segments.Count == 0 ? "nothing to load" : FirstFault(segments);
    }

    public static void Check(string name, string file)
    {
        if (FirstFault(File.ReadAllBytes(file)) is { } fault)
        {
            throw new RigException($"image {name}: {fault}");
        }
    }

    private static string? FirstFault(List<Segment> segments)
    {
        foreach (Segment segment in segments)
        {
            string at = $"segment at {segment.Address:x}";
            if ((segment.Flags & (Write | Execute)) == (Write | Execute))
            {
                return $"{at} is writable and executable";
            }
            if (segment.Offset % PageBytes != segment.Address % PageBytes)
            {
                return $"{at} lies at file offset {segment.Offset:x}, which cannot be mapped";
            }
            bool isText = (segment.Flags & Execute) != 0;
            if (isText && segments.Any(other => other != segment && SharePage(segment, other)))
            {
                return $"{at} shares a page of the file with another one";
            }
        }
        return null;
    }

    private static bool SharePage(Segment first, Segment second) =>
        second.FileBytes > 0
        && first.Offset / PageBytes <= (second.Offset + second.FileBytes - 1) / PageBytes
        && second.Offset / PageBytes <= (first.Offset + first.FileBytes - 1) / PageBytes;
}
