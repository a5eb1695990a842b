// Turns an address of an image into the name of its method.
//
// The text is NAME.sym of the boot archive: lines `hexaddress name`, ascending, made by the build.
// It is read in place; nothing is parsed before somebody asks. Bad lines give no name, never a
// fault.

using System;
using System.Buffers.Text;
using System.Text;

namespace Servers.Supervisor.Reports;

public static class SymbolTable
{
    /// <summary>`name+0xoffset` of the last line at or below the address, or null.</summary>
    public static string? Find(ReadOnlySpan<byte> lines, ulong address)
    {
        int low = 0;
        int high = lines.Length;
        int best = -1;
        // Invariant: lines that start before `low` are at or below the address, those that start
        // at `high` or later are above it.
        while (low < high)
        {
            int middle = LineStart(lines, low, low + (high - low) / 2);
            if (!TryAddress(lines[middle..], out ulong value, out _)) return null;
            if (value <= address)
            {
                best = middle;
                low = NextLine(lines, middle);
            }
            else
            {
                high = middle;
            }
        }
        return best < 0 ? null : Format(lines[best..NextLine(lines, best)], address);
    }

    private static string? Format(ReadOnlySpan<byte> line, ulong address)
    {
        if (!TryAddress(line, out ulong value, out int digits)) return null;
        ReadOnlySpan<byte> name = line[digits..].Trim(" \r\n"u8);
        if (name.IsEmpty) return null;
        return $"{Encoding.UTF8.GetString(name)}+0x{address - value:x}";
    }

    private static bool TryAddress(ReadOnlySpan<byte> line, out ulong value, out int digits) =>
        Utf8Parser.TryParse(line, out value, out digits, 'x') && digits < line.Length
        && line[digits] == ' ';

    private static int LineStart(ReadOnlySpan<byte> lines, int low, int position)
    {
        int end = lines[low..position].LastIndexOf((byte)'\n');
        return end < 0 ? low : low + end + 1;
    }

    private static int NextLine(ReadOnlySpan<byte> lines, int position)
    {
        int end = lines[position..].IndexOf((byte)'\n');
        return end < 0 ? lines.Length : position + end + 1;
    }
}
