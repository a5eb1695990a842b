// A name as it lies in a record: a byte for its length, then UTF-8, in whole words.
//
// Rules: one is enough for a server; it holds the name that was set last.

using System;
using System.Runtime.InteropServices;
using Shared.Abi;
using Shared.Contracts.Paths;
using Shared.Sdk.Vaults;

namespace Servers.MemFs.Vaults;

internal sealed class NameWords
{
    public const int MaxWords = (Limits.MaxNameBytes + 1 + sizeof(ulong) - 1) / sizeof(ulong);

    private readonly ulong[] _words = new ulong[MaxWords];
    private int _count;

    public ReadOnlySpan<ulong> Words => _words.AsSpan(0, _count);
    public uint Hash { get; private set; }

    /// <param name="name">UTF-8, checked with PathRules.</param>
    public void Set(ReadOnlySpan<byte> name)
    {
        _count = CountOf(name.Length);
        if (name.Length < sizeof(ulong))
        {
            _words[0] = ByteWords.OfFew(name) << 8 | (uint)name.Length;
        }
        else
        {
            _words[_count - 1] = 0;
            Span<byte> bytes = MemoryMarshal.AsBytes(_words.AsSpan());
            bytes[0] = (byte)name.Length;
            name.CopyTo(bytes[1..]);
        }
        Hash = HashOf(Words);
    }

    /// <summary>Never zero, which stands for no name.</summary>
    public static uint HashOf(ReadOnlySpan<ulong> words) => Checksum.Of(words) | 1;

    /// <summary>Words of a name with so many bytes.</summary>
    public static int CountOf(int lengthBytes) => (lengthBytes + sizeof(ulong)) / sizeof(ulong);
}
