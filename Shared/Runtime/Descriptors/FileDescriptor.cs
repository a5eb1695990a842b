// An open file: its capability at the file server, and the offset that only this program knows.
//
// Rules: reads and writes with an offset take no lock; those without share the offset under one.
// A death of the server is not seen here: the kernel gives the call to its next incarnation.

using System;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Runtime.Errors;
using Shared.Runtime.Names;
using Shared.Sdk;
using Shared.Sdk.Files;
using Shared.Sdk.Files.Keeping;

namespace Shared.Runtime.Descriptors;

/// <param name="path">As it was opened, canonical: for what has no operation by capability.</param>
/// <param name="kept">If it may be had back after it was closed.</param>
public sealed class FileDescriptor(
    IKernel kernel, FileSystemClient client, ReadCache cache, FileApi files,
    string path, uint mountId, NameSpace names, KeptFile? kept) : Descriptor
{
    private const uint LockShared = 1, LockExclusive = 2, LockNone = 8;
    private const int StepBytes = Message.MaxLeaseStepBytes;

    private readonly Lock _offsetLock = new();
    private ulong _offset;
    /// <summary>Null until something is written.</summary>
    private WriteBehind? _writes;

    public override long Read(Span<byte> target)
    {
        lock (_offsetLock)
        {
            long read = ReadAt(_offset, target);
            if (read > 0) _offset += (ulong)read;
            return read;
        }
    }

    public override long Write(ReadOnlySpan<byte> source)
    {
        lock (_offsetLock)
        {
            long written = WriteAt(_offset, source);
            if (written > 0) _offset += (ulong)written;
            return written;
        }
    }

    /// <summary>All that is asked for, up to the end of the file.</summary>
    public override long ReadAt(ulong offset, Span<byte> target)
    {
        int done = 0;
        while (done < target.Length)
        {
            Span<byte> step = target[done..Math.Min(target.Length, done + StepBytes)];
            Result<uint> read = cache.Read(offset + (ulong)done, step);
            if (!read.IsOk) return done > 0 ? done : Answer.Of(read.Status);
            done += (int)read.Value;
            if (read.Value < step.Length) break;
        }
        return done;
    }

    /// <summary>One for all threads: what is left in memory has one order.</summary>
    private WriteBehind Writes => Volatile.Read(ref _writes)
        ?? Interlocked.CompareExchange(ref _writes, files.WritesFor(client), null) ?? _writes;

    /// <summary>All that is given; fewer when the volume is full in the middle.</summary>
    public override long WriteAt(ulong offset, ReadOnlySpan<byte> source)
    {
        int done = 0;
        while (done < source.Length)
        {
            ReadOnlySpan<byte> step = source[done..Math.Min(source.Length, done + StepBytes)];
            Result<uint> written = Writes.Write(offset + (ulong)done, step);
            if (!written.IsOk) return done > 0 ? done : Answer.Of(written.Status);
            done += (int)Math.Min(written.Value, (uint)step.Length);
            if (written.Value < step.Length) break;
        }
        return done;
    }

    public override long Seek(long offset, SeekFrom from)
    {
        lock (_offsetLock)
        {
            ulong origin = 0;
            if (from == SeekFrom.Current) origin = _offset;
            if (from == SeekFrom.End)
            {
                Result<FileStat> stat = client.StatFile();
                if (!stat.IsOk) return Answer.Of(stat.Status);
                origin = stat.Value.LengthBytes;
            }
            long target = (long)origin + offset;
            if (target < 0) return Answer.Of(Errno.Invalid);
            _offset = (ulong)target;
            return target;
        }
    }

    public override long Describe(out FileDescription description)
    {
        Result<FileStat> stat = client.StatFile();
        description = FileDescription.Of(stat.Value, mountId);
        return Answer.Of(stat.Status);
    }

    public override long SetLength(ulong lengthBytes) => Answer.Of(client.SetLength(lengthBytes));

    public override long Reserve(ulong endBytes)
    {
        Result<FileStat> stat = client.StatFile();
        if (!stat.IsOk) return Answer.Of(stat.Status);
        Result<VolumeStat> volume = names.DescribeVolume(path);
        if (!volume.IsOk) return Answer.Of(volume.Status);
        if (endBytes > volume.Value.MaxFileBytes) return Answer.Of(Errno.TooBig);
        ulong free = volume.Value.TotalBytes - volume.Value.UsedBytes;
        bool fits = endBytes <= stat.Value.LengthBytes || endBytes - stat.Value.LengthBytes <= free;
        return fits ? Answer.Ok : Answer.Of(Errno.NoSpace);
    }

    public override long Flush() => Answer.Of(client.Flush());

    public override long Lock(uint operation) =>
        (operation & (LockShared | LockExclusive | LockNone)) switch
        {
            LockShared => Lock(LockMode.Shared),
            LockExclusive => Lock(LockMode.Exclusive),
            LockNone => Lock(LockMode.None),
            _ => Answer.Of(Errno.Invalid),
        };

    private long Lock(LockMode mode)
    {
        Status status = client.Lock(mode);
        kept?.Locked(mode, status);
        return Answer.Of(status);
    }

    /// <summary>Times are set by path: only while the path still names this file.</summary>
    public override long SetTime(ulong modifiedNs)
    {
        long answer = Describe(out FileDescription mine);
        if (answer < 0) return answer;
        answer = names.Describe(path, out FileDescription there);
        if (answer < 0) return answer;
        bool isSame = mine.FileNumber == there.FileNumber && mine.MountId == there.MountId;
        return isSame ? names.SetTime(path, modifiedNs) : Answer.Of(Errno.NotSupported);
    }

    public override void Close()
    {
        _writes?.Dispose();
        if (kept is null || !kept.TryClose()) kernel.Close(client.Endpoint);
        cache.Dispose();
    }
}
