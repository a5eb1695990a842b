// Reads of an open file, some of which need no server: bytes that were read before, or ahead, are
// there while words in shared memory say that they are the same (decision 0056).
//
// Rules: any thread; one that would have to wait for another calls the server. Bytes are kept for
// who reads on, or the same again, from the third read on; who reads here and there calls the
// server each time, and so does who reads much at once, who would gain nothing.

using System;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Files.Keeping;

public sealed class ReadCache : IDisposable
{
    /// <summary>Longer reads are not kept.</summary>
    public const int MaxReadBytes = 8 * 1024;
    /// <summary>What is read at once for who reads on.</summary>
    public const int AheadBytes = 16 * 1024;
    private const int ReadsBefore = 2;

    private readonly IKernel _kernel;
    private readonly FileSystemClient _file;
    private readonly MountCache _mounts;
    private KeptBytes? _kept;
    // Where the last read was, and where one that goes on would be. Threads that read at once may
    // mix them up, which costs them a call.
    private ulong _last, _next = ulong.MaxValue;
    private int _reads;

    internal ReadCache(IKernel kernel, FileSystemClient file, MountCache mounts)
    {
        _kernel = kernel;
        _file = file;
        _mounts = mounts;
    }

    /// <summary>As of IFileSystem. A server that claims to have read more is an IoError.</summary>
    public Result<uint> Read(ulong offset, Span<byte> target)
    {
        bool isKept = target.Length - 1u < MaxReadBytes
            && (_kept is not null || _reads >= ReadsBefore && IsExpected(offset));
        if (isKept && _mounts.Words is { } words) return Read(words, offset, target);
        return Ask(offset, target);
    }

    private Result<uint> Read(MountWords words, ulong offset, Span<byte> target)
    {
        KeptBytes kept = _kept ?? Begin();
        if (!kept.Lock.TryEnter()) return Ask(offset, target);
        try
        {
            if (kept.TryRead(words, offset, target, out uint read))
            {
                Note(offset, target.Length, read);
                return read;
            }
            if (!IsExpected(offset) || !kept.Watch(words)) return Ask(offset, target);
            int wanted = offset == _next ? AheadBytes : target.Length;
            Result<uint> filled = kept.Fill(offset, target, wanted);
            if (filled.IsOk) Note(offset, target.Length, filled.Value);
            return filled;
        }
        finally
        {
            kept.Lock.Exit();
        }
    }

    private KeptBytes Begin()
    {
        KeptBytes made = new(_kernel, _file);
        return Interlocked.CompareExchange(ref _kept, made, null) ?? made;
    }

    private bool IsExpected(ulong offset) => offset == _next || offset == _last;

    private Result<uint> Ask(ulong offset, Span<byte> target)
    {
        Result<uint> read = Ask(_file, offset, target);
        if (read.IsOk) Note(offset, target.Length, read.Value);
        return read;
    }

    internal static Result<uint> Ask(FileSystemClient file, ulong offset, Span<byte> target)
    {
        Result<uint> read = file.Read(offset, target);
        return read.IsOk && read.Value > target.Length ? Status.IoError : read;
    }

    private void Note(ulong offset, int wanted, uint read)
    {
        _last = offset;
        // After the end nobody reads on.
        _next = read == wanted ? offset + read : ulong.MaxValue;
        if (_reads < ReadsBefore) _reads++;
    }

    /// <summary>Lets go of what is kept. Who reads all the same calls the server.</summary>
    public void Dispose()
    {
        if (_kept is not { } kept) return;
        lock (kept.Lock) kept.Dispose();
    }
}
