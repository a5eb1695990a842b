// What follows the name in a record: fields of SUSP 1.12 and Rock Ridge (RRIP 1.12).
//
// Rules: of continuations, at most MaxAreas of at most a sector are read, so that no loop of them
// lasts. What is not known, or is too short, is skipped.

using System;
using System.Buffers.Binary;
using System.IO;
using Servers.IsoFs.Volumes;

namespace Servers.IsoFs.Directories;

internal sealed class SystemUse
{
    private const int MaxAreas = 16, MaxNameBytes = 1024, HeadBytes = 4;
    private const uint TypeMask = 0xF000, RegularFile = 0x8000, Directory = 0x4000;

    private readonly MemoryStream _name = new();
    private (ulong Offset, int Count)? _next;

    /// <summary>From SP, which only a root has; null: the volume has no such fields.</summary>
    public int? SkippedBytes { get; private set; }
    public bool IsRockRidge { get; private set; }
    /// <summary>UTF-8; empty when there is none.</summary>
    public ReadOnlySpan<byte> Name => _name.GetBuffer().AsSpan(0, (int)_name.Length);
    /// <summary>A symbolic link, a device, a pipe: nothing that can be read.</summary>
    public bool IsSpecial { get; private set; }
    /// <summary>The place of a deep directory that was put elsewhere.</summary>
    public ulong? MovedTo { get; private set; }
    /// <summary>The entry stands for where such a directory was put, and is not shown.</summary>
    public bool IsMoved { get; private set; }

    public static SystemUse Read(DiscReader disc, ReadOnlySpan<byte> area, int skippedBytes)
    {
        SystemUse use = new();
        if (skippedBytes < area.Length) use.Take(area[skippedBytes..]);
        for (int i = 0; i < MaxAreas && use._next is { } next; i++)
        {
            byte[] more = new byte[next.Count];
            use._next = null;
            disc.ReadRecord(next.Offset, more);
            use.Take(more);
        }
        return use;
    }

    private void Take(ReadOnlySpan<byte> area)
    {
        while (area.Length >= HeadBytes)
        {
            int length = area[2];
            if (length < HeadBytes || length > area.Length) return;
            ReadOnlySpan<byte> field = area[..length];
            area = area[length..];
            if (field.StartsWith("ST"u8)) return;
            Use(field);
        }
    }

    private void Use(ReadOnlySpan<byte> field)
    {
        switch ((char)field[0], (char)field[1])
        {
            case ('S', 'P') when field.Length >= 7 && field[4] == 0xBE && field[5] == 0xEF:
                SkippedBytes = field[6];
                break;
            case ('E', 'R') when field.Length >= 8:
                ReadOnlySpan<byte> id = field[8..Math.Min(field.Length, 8 + field[4])];
                IsRockRidge |= id.StartsWith("RRIP_"u8) || id.StartsWith("IEEE_"u8);
                break;
            case ('N', 'M') when field.Length > 5 && (field[4] & 6) == 0:
                if (_name.Length + field.Length <= MaxNameBytes) _name.Write(field[5..]);
                break;
            case ('P', 'X') when field.Length >= 12:
                uint type = Number(field, 4) & TypeMask;
                IsSpecial |= type is not (RegularFile or Directory or 0);
                break;
            case ('S', 'L') or ('P', 'N'):
                IsSpecial = true;
                break;
            case ('C', 'L') when field.Length >= 12:
                MovedTo = (ulong)Number(field, 4) * IsoVolume.SectorBytes;
                break;
            case ('R', 'E'):
                IsMoved = true;
                break;
            case ('C', 'E') when field.Length >= 28:
                ulong offset = (ulong)Number(field, 4) * IsoVolume.SectorBytes + Number(field, 12);
                _next = (offset, (int)Math.Min(Number(field, 20), IsoVolume.SectorBytes));
                break;
        }
    }

    private static uint Number(ReadOnlySpan<byte> field, int at) =>
        BinaryPrimitives.ReadUInt32LittleEndian(field[at..]);
}
