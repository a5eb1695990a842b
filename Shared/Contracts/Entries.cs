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
    private const int MostOnStack = 1024;
    private readonly Span<byte> _buffer = buffer;

    public uint LengthBytes { get; private set; }
    public uint Count { get; private set; }

    public bool TryWrite(EntryHeader header, string name)
    {
        int mostBytes = Encoding.UTF8.GetMaxByteCount(name.Length);
        Span<byte> bytes = mostBytes <= MostOnStack
            ? stackalloc byte[mostBytes] : new byte[mostBytes];
        return TryWrite(header, bytes[..Encoding.UTF8.GetBytes(name, bytes)]);
    }

    /// <summary>False, and nothing written, when the entry does not fit.</summary>
    /// <param name="name">In UTF-8.</param>
    public bool TryWrite(EntryHeader header, scoped ReadOnlySpan<byte> name)
    {
        header.NameBytes = (ushort)name.Length;
        if (!TryBegin(in header, out Span<ulong> words)) return false;
        // The last word of the padding first: names are seldom whole words.
        if (!name.IsEmpty) words[^1] = 0;
        name.CopyTo(MemoryMarshal.AsBytes(words));
        return true;
    }

    /// <summary>False, and nothing written, when the entry does not fit.</summary>
    /// <param name="header">With the length of the name.</param>
    /// <param name="name">
    /// Where the name belongs, in whole words: for the caller to fill, with zeros at the end.
    /// </param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryBegin(in EntryHeader header, out Span<ulong> name)
    {
        int headerBytes = Unsafe.SizeOf<EntryHeader>();
        int padded = headerBytes + (header.NameBytes + 7 & ~7);
        Span<byte> rest = _buffer[(int)LengthBytes..];
        name = default;
        if (padded > rest.Length) return false;
        MemoryMarshal.Write(rest, in header);
        name = MemoryMarshal.Cast<byte, ulong>(rest[headerBytes..padded]);
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
        bool isThere = TryRead(out header, out ReadOnlySpan<byte> bytes);
        name = isThere ? Encoding.UTF8.GetString(bytes) : "";
        return isThere;
    }

    /// <param name="name">In UTF-8, in the buffer.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(out EntryHeader header, out ReadOnlySpan<byte> name)
    {
        header = default;
        name = default;
        int headerBytes = Unsafe.SizeOf<EntryHeader>();
        if (_rest.Length < headerBytes) return false;
        header = MemoryMarshal.Read<EntryHeader>(_rest);
        int padded = headerBytes + (header.NameBytes + 7 & ~7);
        if (padded > _rest.Length) return false;
        name = _rest.Slice(headerBytes, header.NameBytes);
        _rest = _rest[padded..];
        return true;
    }
}
