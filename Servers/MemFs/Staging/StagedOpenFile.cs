// An open file of which a program leaves writes in memory, and how far they are the file's.

using System;
using System.Runtime.CompilerServices;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Servers.MemFs.Staging;

/// <param name="record">Its own in the vault.</param>
internal sealed class StagedOpenFile(int record, Badge badge, Handle memory)
{
    private StagingArea? _area;
    private int _taken, _places;
    private StagedWrite _last;

    public int Record => record;
    public Badge Badge => badge;

    /// <summary>Of the last write, in nanoseconds since boot.</summary>
    public ulong LastNs => _area!.LastNs;

    /// <summary>
    /// Ok with the memory mapped; NoMemory or QuotaExceeded for now; else it is not there any more.
    /// </summary>
    public Status Map(IKernel kernel)
    {
        if (_area is not null) return Status.Ok;
        Result<StagingArea> mapped = StagingArea.Map(kernel, memory);
        _area = mapped.IsOk ? mapped.Value : null;
        return mapped.Status;
    }

    /// <summary>From now on writes are added. After Map, and before anything is taken.</summary>
    public void Begin() => _area!.Begin();

    /// <summary>No more writes are added.</summary>
    public void End() => _area!.End();

    /// <summary>The program waits for it, and all there was is the file's.</summary>
    public void Empty()
    {
        _area!.Empty();
        _taken = _places = 0;
    }

    /// <summary>
    /// The next bytes that lie together, in the file and in the memory; false after the last. Of
    /// bytes that are written again at once only the last are taken. What no program would have
    /// written ends it.
    /// </summary>
    /// <param name="fileBytes">Length of the file; no gap is left behind it.</param>
    public bool TryTake(ulong fileBytes, out StagedWrite run)
    {
        run = default;
        int count = _area!.Count;
        for (bool isThere = TryPeek(count, out StagedWrite write); isThere;)
        {
            bool isRun = run.LengthBytes > 0;
            if (isRun && !run.IsBefore(write) || !TryBegin(fileBytes, run.End, write)) break;
            _last = write;
            _taken++;
            isThere = TryPeek(count, out StagedWrite next);
            if (!isThere || !write.IsUnder(next)) run = isRun ? run.With(write) : write;
            write = next;
        }
        return run.LengthBytes > 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryPeek(int count, out StagedWrite next)
    {
        next = default;
        return _taken < count && _area!.TryGet(_taken, out next);
    }

    /// <summary>There is no gap before it, and not too much in too many places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryBegin(ulong fileBytes, ulong runEnd, StagedWrite write)
    {
        if (write.Offset > Math.Max(fileBytes, runEnd)) return false;
        if (_taken > 0 && _last.IsPlaceOf(write)) return true;
        if (_places == StagingArea.MaxPlaces) return false;
        _places++;
        return true;
    }

    public StagedSource BytesOf(StagedWrite run) => new(_area!, run);

    /// <summary>Lets go of the memory, for good.</summary>
    public void Close(IKernel kernel)
    {
        _area?.Dispose();
        _area = null;
        kernel.Close(memory);
    }
}

/// <summary>The program may change them while they are copied.</summary>
internal readonly struct StagedSource(StagingArea area, StagedWrite run) : IByteSource
{
    public int LengthBytes => run.LengthBytes;

    public Status CopyTo(int offset, scoped Span<byte> target)
    {
        area.Read(run.Place + offset, target);
        return Status.Ok;
    }
}
