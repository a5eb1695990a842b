// Bytes of a file that a program has, and the words that say that they are still the file's.
//
// Rules: who uses it holds Lock. The words are read before the bytes that they stand for.

using System;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Files.Keeping;

internal sealed class KeptBytes(IKernel kernel, FileSystemClient file)
{
    private byte[] _bytes = [];
    /// <summary>What of the file is in _bytes: offset and length, and whether its end is.</summary>
    private ulong _offset;
    private uint _length;
    private bool _hasEnd;
    /// <summary>Of the bytes; the generation is 0 when there are none.</summary>
    private ulong _generation, _change;
    private readonly FileWatch _watch = new(kernel);
    private bool _isDisposed;

    public Lock Lock { get; } = new();

    /// <summary>False: they have to be read.</summary>
    public bool TryRead(MountWords mounts, ulong offset, Span<byte> target, out uint read)
    {
        read = 0;
        if (_generation == 0 || mounts.Generation != _generation) return false;
        if (_watch.Change != _change) return false;
        // Before the first byte it wraps round, beyond any length.
        ulong skipped = offset - _offset;
        if (skipped > _length) return false;
        read = (uint)Math.Min((ulong)target.Length, _length - skipped);
        if (read < target.Length && !_hasEnd) return false;
        _bytes.AsSpan((int)skipped, (int)read).CopyTo(target);
        return true;
    }

    /// <summary>Reads as much as is wanted, of which the target takes its part.</summary>
    public Result<uint> Fill(ulong offset, Span<byte> target, int wanted)
    {
        _generation = 0;
        if (_bytes.Length < wanted) _bytes = GC.AllocateUninitializedArray<byte>(wanted);
        ulong change = _watch.Change;
        Result<uint> read = ReadCache.Ask(file, offset, _bytes.AsSpan(0, wanted));
        if (!read.IsOk) return read;
        _offset = offset;
        _length = read.Value;
        _hasEnd = read.Value < wanted;
        _change = change;
        _generation = _watch.Generation;
        uint taken = Math.Min(read.Value, (uint)target.Length);
        _bytes.AsSpan(0, (int)taken).CopyTo(target);
        return taken;
    }

    /// <summary>False: nothing can be kept, since there are no words for the file.</summary>
    public bool Watch(MountWords mounts)
    {
        if (_watch.IsOf(mounts.Generation)) return true;
        if (_isDisposed) return false;
        _generation = 0;
        return _watch.Ask(file, mounts);
    }

    /// <summary>Lets go of the page; nothing is kept from now on.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _generation = 0;
        _watch.Forget();
    }
}
