// Writes to an open file, most of which need no call: who writes little, again and again, leaves it
// in memory that the server has too (decision 0066).
//
// Rules: any thread; one that would have to wait for another calls the server. A call for the bytes
// of the file, whoever makes it, ends that; who reads and writes in turn comes back to it more and
// more seldom.

using System;
using System.Runtime.CompilerServices;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Files.Keeping;

public sealed class WriteBehind : IDisposable
{
    /// <summary>Longer writes are calls.</summary>
    public const int MaxWriteBytes = 8 * 1024;
    /// <summary>So many calls cost what it costs to begin.</summary>
    private const int CallsBefore = 8, MostCallsBefore = 64 * 1024;
    /// <summary>It was worth it.</summary>
    private const int WritesWorth = 32;

    private readonly IKernel _kernel;
    private readonly FileSystemClient _file;
    private readonly MountCache _mounts;
    private readonly Lock _lock = new();
    private StagedWrites? _staged;
    // Threads that write at once may miscount.
    private int _calls, _callsBefore = CallsBefore;
    private bool _isDisposed;

    internal WriteBehind(IKernel kernel, FileSystemClient file, MountCache mounts)
    {
        _kernel = kernel;
        _file = file;
        _mounts = mounts;
    }

    /// <summary>As of IFileSystem.</summary>
    public Result<uint> Write(ulong offset, ReadOnlySpan<byte> source)
    {
        if (MayStage(source) && TryStage(offset, source, isAtEnd: false, out _))
            return (uint)source.Length;
        return _file.Write(offset, source);
    }

    /// <summary>As of IFileSystem.</summary>
    public Result<ulong> Append(ReadOnlySpan<byte> source)
    {
        if (MayStage(source) && TryStage(0, source, isAtEnd: true, out ulong end)) return end;
        return _file.Append(source);
    }

    /// <summary>A short one, after enough others; counts them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool MayStage(ReadOnlySpan<byte> source) =>
        source.Length - 1u < MaxWriteBytes && (_staged is not null || ++_calls > _callsBefore);

    private bool TryStage(
        ulong offset, ReadOnlySpan<byte> source, bool isAtEnd, out ulong end)
    {
        end = 0;
        if (_mounts.Words is not { } words || !_lock.TryEnter()) return false;
        try
        {
            _staged ??= Begin(words);
            if (_staged is null) return false;
            if (_staged.TryWrite(words, offset, source, isAtEnd, out end)) return true;
            End(_staged.Total >= WritesWorth);
            return false;
        }
        finally
        {
            _lock.Exit();
        }
    }

    private StagedWrites? Begin(MountWords words)
    {
        StagedWrites? begun = _isDisposed ? null : StagedWrites.Begin(_kernel, _file, words);
        if (begun is null) End(wasWorth: false);
        return begun;
    }

    private void End(bool wasWorth)
    {
        _staged?.Dispose();
        _staged = null;
        _calls = 0;
        _callsBefore = wasWorth ? CallsBefore : Math.Min(2 * _callsBefore, MostCallsBefore);
    }

    /// <summary>What was written the server takes before anything else is asked of it.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            End(wasWorth: false);
        }
    }
}
