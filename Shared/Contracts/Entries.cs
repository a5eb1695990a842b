// Writes and reads what IFileSystem.List fills a buffer with: EntryHeader, name, padding to 8.
//
// Rules: the reader trusts nothing; a server that lies about lengths ends the list, no more.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Shared.Contracts;

/// <summary>Fills a buffer with entries, whole ones only.</summary>
public ref struct EntryWriter(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;

    public uint LengthBytes { get; private set; }
    public uint Count { get; private set; }

    /// <summary>False, and nothing written, when the entry does not fit.</summary>
    public bool TryWrite(EntryHeader header, string name)
    {
        int headerBytes = Unsafe.SizeOf<EntryHeader>();
        int nameBytes = Encoding.UTF8.GetByteCount(name);
        int padded = headerBytes + (nameBytes + 7 & ~7);
        Span<byte> rest = _buffer[(int)LengthBytes..];
        if (padded > rest.Length) return false;
        header.NameBytes = (ushort)nameBytes;
        MemoryMarshal.Write(rest, in header);
        Encoding.UTF8.GetBytes(name, rest[headerBytes..]);
        rest[(headerBytes + nameBytes)..padded].Clear();
        LengthBytes += (uint)padded;
        Count++;
        return true;
    }
}

/// <summary>Walks the entries of a buffer that List has filled.</summary>
public ref struct EntryReader(ReadOnlySpan<byte> buffer)
{
    private ReadOnlySpan<byte> _rest = buffer;

    public bool TryRead(out EntryHeader header, out string name)
    {
        header = default;
        name = "";
        int headerBytes = Unsafe.SizeOf<EntryHeader>();
        if (_rest.Length < headerBytes) return false;
        header = MemoryMarshal.Read<EntryHeader>(_rest);
        int padded = headerBytes + (header.NameBytes + 7 & ~7);
        if (padded > _rest.Length) return false;
        name = Encoding.UTF8.GetString(_rest.Slice(headerBytes, header.NameBytes));
        _rest = _rest[padded..];
        return true;
    }
}
