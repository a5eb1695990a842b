// The pieces of a file: one, or several in consecutive records where it has 4 GiB or more.

using System;
using System.Collections.Generic;
using Servers.IsoFs.Volumes;

namespace Servers.IsoFs.Directories;

internal sealed class FileExtents
{
    /// <summary>Of nearly 4 GiB each: more than any disc has.</summary>
    private const int MaxExtents = 1024;

    private readonly List<(ulong FirstByte, uint LengthBytes)> _extents = [];

    public ulong LengthBytes { get; private set; }
    /// <summary>Where the record after the last one may begin.</summary>
    public ulong EndOfRecords { get; private set; }

    /// <param name="endByte">Of the directory, or of the disc if that is not known.</param>
    public static FileExtents Read(DiscReader disc, DirectoryRecord first, ulong endByte)
    {
        FileExtents extents = new();
        extents.Add(first);
        DirectoryRecord record = first;
        while ((record.Flags & RecordFlags.MoreExtents) != 0)
        {
            record = ReadNext(disc, extents.EndOfRecords, endByte);
            bool isSame = record.Name.AsSpan().SequenceEqual(first.Name)
                && extents._extents.Count < MaxExtents;
            if (!isSame)
                throw new VolumeDamagedException($"the file at {first.Offset} has no last piece");
            extents.Add(record);
        }
        return extents;
    }

    /// <summary>Bytes read, fewer only at the end of the file.</summary>
    public int Read(DiscReader disc, ulong offset, Span<byte> target)
    {
        int done = 0;
        foreach ((ulong firstByte, uint lengthBytes) in _extents)
        {
            if (done == target.Length) break;
            if (offset >= lengthBytes)
            {
                offset -= lengthBytes;
                continue;
            }
            int count = (int)Math.Min((ulong)(target.Length - done), lengthBytes - offset);
            disc.Read(firstByte + offset, target.Slice(done, count));
            done += count;
            offset = 0;
        }
        return done;
    }

    private void Add(DirectoryRecord record)
    {
        _extents.Add((record.FirstByte, record.LengthBytes));
        LengthBytes += record.LengthBytes;
        EndOfRecords = record.Offset + (ulong)record.RecordBytes;
    }

    private static DirectoryRecord ReadNext(DiscReader disc, ulong at, ulong endByte)
    {
        if (at < endByte && DirectoryRecord.Read(disc, at) is { } next) return next;
        // Records do not cross sectors, so one may end early; the next one then begins with it.
        at += IsoVolume.SectorBytes - at % IsoVolume.SectorBytes;
        DirectoryRecord? record = at < endByte ? DirectoryRecord.Read(disc, at) : null;
        return record ?? throw new VolumeDamagedException($"no record follows at {at}");
    }
}
