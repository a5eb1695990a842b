// Reads a directory entry by entry, as readdir(3) does; '.' and '..' come first.
//
// Rules: one thread at a time. It keeps a capability for the directory, so renames of a parent do
// not disturb it. What is added or removed meanwhile may be seen or not; all else is seen once.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Shared.Abi;
using Shared.Contracts;
using Shared.Runtime.Errors;
using Shared.Sdk;

namespace Shared.Runtime.Names;

public sealed class DirectoryReader(IKernel kernel, Handle directory)
{
    private const int BufferBytes = 16 * 1024;

    private readonly FileSystemClient _client = new(kernel, directory);
    private readonly byte[] _buffer = new byte[BufferBytes];
    private int _next;
    private int _end;
    private ulong _cookie;
    private bool _isLastPage;
    private int _dotsGiven;

    /// <summary>
    /// 1 with an entry, 0 at the end. The name lies in this reader until the next call.
    /// </summary>
    public long Read(out ReadOnlySpan<byte> name, out FileType type)
    {
        type = FileType.Directory;
        if (_dotsGiven < 2)
        {
            name = _dotsGiven++ == 0 ? "."u8 : ".."u8;
            return 1;
        }
        while (!TryTake(out name, out type))
        {
            if (_isLastPage) return 0;
            Result<ListedEntries> page = _client.List("", _cookie, _buffer);
            if (!page.IsOk) return Answer.Of(page.Status);
            _next = 0;
            _end = (int)Math.Min(page.Value.LengthBytes, BufferBytes);
            _cookie = page.Value.NextCookie;
            // A page without entries would repeat for ever.
            _isLastPage = _cookie == 0 || page.Value.Count == 0;
        }
        return 1;
    }

    public void Close() => kernel.Close(directory);

    /// <summary>A server that lies about lengths ends the page, no more.</summary>
    private bool TryTake(out ReadOnlySpan<byte> name, out FileType type)
    {
        name = default;
        type = FileType.File;
        int headerBytes = Unsafe.SizeOf<EntryHeader>();
        ReadOnlySpan<byte> rest = _buffer.AsSpan(_next, _end - _next);
        if (rest.Length < headerBytes) return false;
        EntryHeader header = MemoryMarshal.Read<EntryHeader>(rest);
        int entryBytes = headerBytes + (header.NameBytes + 7 & ~7);
        if (entryBytes > rest.Length) return false;
        name = rest.Slice(headerBytes, header.NameBytes);
        type = header.Type;
        _next += entryBytes;
        return true;
    }
}
