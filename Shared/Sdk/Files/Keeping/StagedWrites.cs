// Writes of an open file that its server has not been told of, but has: they are in memory that
// both share, and are the file's whoever dies (StagingArea).
//
// Rules: who uses it holds the lock of WriteBehind. Whatever is not added here is asked of the
// server, which takes what is here before it does that.

using System;
using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Files.Keeping;

internal sealed class StagedWrites : IDisposable
{
    private readonly IKernel _kernel;
    private readonly FileSystemClient _staged;
    private readonly StagingArea _area;
    private readonly bool _isAppending;
    /// <summary>Of the mounts, before the server was last asked.</summary>
    private ulong _generation;
    private ulong _fileBytes;
    private StagedWrite _last;
    private int _count, _places, _nextPlace;

    private StagedWrites(
        IKernel kernel, StagedFile staged, StagingArea area, ulong generation)
    {
        _kernel = kernel;
        _staged = new FileSystemClient(kernel, staged.File.Handle);
        _area = area;
        _isAppending = staged.Mode.HasFlag(OpenMode.Append);
        _fileBytes = staged.LengthBytes;
        _generation = generation;
    }

    /// <summary>How many there ever were.</summary>
    public int Total { get; private set; }

    /// <summary>Null: the server takes none, or the program has no memory for them.</summary>
    public static StagedWrites? Begin(IKernel kernel, FileSystemClient file, MountWords mounts)
    {
        ulong generation = mounts.Generation;
        Result<Handle> memory = kernel.MemoryCreate(StagingArea.LengthBytes);
        if (!memory.IsOk) return null;
        Result<StagingArea> area = StagingArea.Map(kernel, memory.Value);
        Result<StagedFile> staged = area.IsOk
            ? file.Stage(new Capability(memory.Value)) : area.Status;
        kernel.Close(memory.Value);
        if (staged.IsOk) return new StagedWrites(kernel, staged.Value, area.Value, generation);
        if (area.IsOk) area.Value.Dispose();
        return null;
    }

    /// <summary>False: the server has to be asked, and so from now on.</summary>
    /// <param name="end">The offset after the last byte.</param>
    public bool TryWrite(
        MountWords mounts, ulong offset, ReadOnlySpan<byte> source, bool isAtEnd, out ulong end)
    {
        if (isAtEnd || _isAppending) offset = _fileBytes;
        end = offset + (ulong)source.Length;
        // A gap may not be, for how much of the volume it takes.
        if (offset > _fileBytes) return false;
        StagedWrite write = new(offset, _nextPlace, source.Length);
        bool isPlace = _count == 0 || !_last.IsPlaceOf(write);
        bool hasRoom = _count < StagingArea.MaxWrites
            && _nextPlace + source.Length <= StagingArea.RoomBytes
            && (!isPlace || _places < StagingArea.MaxPlaces);
        if (!hasRoom || mounts.Generation != _generation)
        {
            if (!TrySettle(mounts)) return false;
            write = new StagedWrite(offset, _nextPlace, source.Length);
            isPlace = true;
        }
        if (!_area.TryAdd(_count, write, source, _kernel.ClockNow())) return false;
        if (isPlace) _places++;
        _last = write;
        _nextPlace += source.Length;
        _count++;
        Total++;
        if (end > _fileBytes) _fileBytes = end;
        return true;
    }

    /// <summary>The server takes all there is; whoever serves now.</summary>
    private bool TrySettle(MountWords mounts)
    {
        ulong generation = mounts.Generation;
        if (_staged.Settle() != Status.Ok) return false;
        _generation = generation;
        _count = _places = _nextPlace = 0;
        return true;
    }

    /// <summary>What there is the server takes when it hears of it.</summary>
    public void Dispose()
    {
        _area.Dispose();
        _kernel.Close(_staged.Endpoint);
    }
}
