// One record of a directory, as it lies on the disc (ECMA-119, 9.1).
//
// Rules: lengths are checked here and nowhere else; places are not, who follows one does.

using System;
using System.Buffers.Binary;
using Servers.IsoFs.Volumes;

namespace Servers.IsoFs.Directories;

[Flags]
internal enum RecordFlags : byte
{
    Hidden = 1, Directory = 2, Associated = 4, MoreExtents = 0x80,
}

internal sealed class DirectoryRecord
{
    private const int LeastBytes = 34, NameAt = 33;

    /// <summary>Of the record itself; it is what a file or directory is known by.</summary>
    public ulong Offset { get; private init; }
    public int RecordBytes { get; private init; }
    /// <summary>Where the data begin.</summary>
    public ulong FirstByte { get; private init; }
    public uint LengthBytes { get; private init; }
    public RecordFlags Flags { get; private init; }
    /// <summary>Nanoseconds since 1970; 0 when it says nothing sensible.</summary>
    public ulong TimeNs { get; private init; }
    /// <summary>Pieces of files lie between pieces of others, which is not supported.</summary>
    public bool IsInterleaved { get; private init; }
    public byte[] Name { get; private init; } = [];
    public byte[] SystemUse { get; private init; } = [];

    /// <summary>The names of a directory for itself and for the one above it.</summary>
    public bool IsSelf => Name is [0];
    public bool IsParent => Name is [1];

    /// <summary>The record at this place; null where the rest of the sector is empty.</summary>
    public static DirectoryRecord? Read(DiscReader disc, ulong offset)
    {
        Span<byte> bytes = stackalloc byte[256];
        int room = (int)(IsoVolume.SectorBytes - offset % IsoVolume.SectorBytes);
        disc.ReadRecord(offset, bytes[..1]);
        int length = bytes[0];
        if (length == 0) return null;
        if (length > room) throw Bad(offset);
        disc.ReadRecord(offset, bytes[..length]);
        return Parse(bytes[..length], offset) ?? throw Bad(offset);
    }

    public static DirectoryRecord? Parse(ReadOnlySpan<byte> bytes, ulong offset)
    {
        if (bytes.Length < LeastBytes || bytes[0] < LeastBytes || bytes[0] > bytes.Length)
            return null;
        bytes = bytes[..bytes[0]];
        int nameBytes = bytes[32];
        // The name is padded to an even length, and the padding may be cut off at the end.
        int end = NameAt + nameBytes;
        if (nameBytes == 0 || end > bytes.Length) return null;
        int systemUse = Math.Min(end + (end & 1), bytes.Length);
        ulong block = (ulong)BinaryPrimitives.ReadUInt32LittleEndian(bytes[2..]) + bytes[1];
        return new DirectoryRecord
        {
            Offset = offset,
            RecordBytes = bytes.Length,
            FirstByte = block * IsoVolume.SectorBytes,
            LengthBytes = BinaryPrimitives.ReadUInt32LittleEndian(bytes[10..]),
            Flags = (RecordFlags)bytes[25],
            TimeNs = IsoTime.Read(bytes.Slice(18, 7)),
            IsInterleaved = bytes[26] != 0 || bytes[27] != 0,
            Name = bytes[NameAt..end].ToArray(),
            SystemUse = bytes[systemUse..].ToArray(),
        };
    }

    private static VolumeDamagedException Bad(ulong offset) =>
        new($"the directory record at {offset} is broken");
}
