// A vault's bytes on the heap of this process: for tests, and for a server that was given no vault.
//
// Rules: lives as long as the object; pages are made when they are first written.

using System;
using System.Buffers.Binary;
using Shared.Abi;

namespace Shared.Sdk.Vaults;

public sealed class HeapVaultMemory : IVaultMemory
{
    private readonly byte[]?[] _pages;

    public HeapVaultMemory(ulong lengthBytes)
    {
        _pages = new byte[]?[checked((int)((lengthBytes + Limits.PageBytes - 1)
            / Limits.PageBytes))];
        LengthBytes = (ulong)_pages.Length * Limits.PageBytes;
    }

    public ulong LengthBytes { get; }

    /// <summary>Pages that take memory now.</summary>
    public int UsedPages => _pages.Length - _pages.AsSpan().Count((byte[]?)null);

    public ulong Load(ulong offset) => _pages[PageOf(offset)] is { } page
        ? BinaryPrimitives.ReadUInt64LittleEndian(page.AsSpan(InPage(offset)))
        : 0;

    public void Store(ulong offset, ulong value)
    {
        byte[] page = _pages[PageOf(offset)] ??= new byte[Limits.PageBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(InPage(offset)), value);
    }

    /// <summary>Pages lie anywhere, so there is one for the bytes of one page.</summary>
    public Span<byte> Window(ulong offset, int lengthBytes)
    {
        if (InPage(offset) + lengthBytes > Limits.PageBytes) return default;
        byte[] page = _pages[PageOf(offset)] ??= new byte[Limits.PageBytes];
        return page.AsSpan(InPage(offset), lengthBytes);
    }

    public void Read(ulong offset, Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            int count = Math.Min(target.Length, Limits.PageBytes - InPage(offset));
            if (_pages[PageOf(offset)] is { } page)
            {
                page.AsSpan(InPage(offset), count).CopyTo(target);
            }
            else
            {
                target[..count].Clear();
            }
            target = target[count..];
            offset += (ulong)count;
        }
    }

    public void Write(ulong offset, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            int count = Math.Min(source.Length, Limits.PageBytes - InPage(offset));
            byte[] page = _pages[PageOf(offset)] ??= new byte[Limits.PageBytes];
            source[..count].CopyTo(page.AsSpan(InPage(offset)));
            source = source[count..];
            offset += (ulong)count;
        }
    }

    public void Clear(ulong offset, ulong lengthBytes)
    {
        while (lengthBytes != 0)
        {
            int count = (int)Math.Min(lengthBytes, (ulong)(Limits.PageBytes - InPage(offset)));
            _pages[PageOf(offset)]?.AsSpan(InPage(offset), count).Clear();
            offset += (ulong)count;
            lengthBytes -= (ulong)count;
        }
    }

    public void Discard(ulong offset, ulong lengthBytes)
    {
        if ((offset | lengthBytes) % Limits.PageBytes != 0)
        {
            throw new ArgumentException("only whole pages can be discarded");
        }
        _pages.AsSpan(PageOf(offset), (int)(lengthBytes / Limits.PageBytes)).Clear();
    }

    private static int PageOf(ulong offset) => checked((int)(offset / Limits.PageBytes));

    private static int InPage(ulong offset) => (int)(offset % Limits.PageBytes);
}
