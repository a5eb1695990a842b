// A vault that lies in this process, as a server's does: words are reached in place.

using System;
using System.Runtime.InteropServices;
using Shared.Sdk.Native;
using Shared.Sdk.Vaults;

namespace Tests.Unit.Shared.Vaults;

/// <param name="words">Of the vault; as many again lie behind it, and are nobody's.</param>
internal sealed class PlacedVaultMemory(int words) : IVaultMemory
{
    public const ulong Nobodys = 0xDEAD_BEEF_DEAD_BEEF;

    private readonly FixedBuffer _bytes = Make(words);

    public ulong LengthBytes => sizeof(ulong) * (ulong)words;
    public Span<ulong> Words => MemoryMarshal.Cast<byte, ulong>(_bytes.Span)[..words];
    public Span<ulong> Behind => MemoryMarshal.Cast<byte, ulong>(_bytes.Span)[words..];

    public ulong Load(ulong offset) => Words[(int)(offset / sizeof(ulong))];
    public void Store(ulong offset, ulong value) => Words[(int)(offset / sizeof(ulong))] = value;
    public void Read(ulong offset, Span<byte> target) => throw new NotSupportedException();
    public void Write(ulong offset, ReadOnlySpan<byte> source) => throw new NotSupportedException();
    public void Clear(ulong offset, ulong lengthBytes) => throw new NotSupportedException();
    public void Discard(ulong offset, ulong lengthBytes) => throw new NotSupportedException();
    public FixedBytes Fixed(ulong offset, int lengthBytes) => _bytes.First(lengthBytes);

    private static FixedBuffer Make(int words)
    {
        FixedBuffer buffer = new(2 * words * sizeof(ulong));
        Span<ulong> all = MemoryMarshal.Cast<byte, ulong>(buffer.Span);
        all[..words].Clear();
        all[words..].Fill(Nobodys);
        return buffer;
    }
}
