// A name as it lies in a record: a byte for its length, then UTF-8, in whole words.
//
// Rules: one is enough for a server; it holds the name that was set last.

using System;
using System.Runtime.InteropServices;
using System.Text;
using Shared.Abi;
using Shared.Sdk.Calls;
using Shared.Sdk.Vaults;

namespace Servers.MemFs.Vaults;

internal sealed class NameWords
{
    public const int MaxWords = (Limits.MaxNameBytes + 1 + sizeof(ulong) - 1) / sizeof(ulong);

    private readonly ulong[] _words = new ulong[MaxWords];
    private int _count;

    public ReadOnlySpan<ulong> Words => _words.AsSpan(0, _count);
    public uint Hash { get; private set; }

    /// <param name="name">Checked with PathRules.</param>
    public void Set(ReadOnlySpan<char> name)
    {
        Span<byte> bytes = MemoryMarshal.AsBytes(_words.AsSpan());
        // Most names are short and ASCII; the runtime's encoder is made for others.
        int length = ShortText.TryNarrow(name, bytes[1..])
            ? name.Length : Encoding.UTF8.GetBytes(name, bytes[1..]);
        bytes[0] = (byte)length;
        _count = CountOf(length);
        bytes[(1 + length)..(_count * sizeof(ulong))].Clear();
        Hash = HashOf(Words);
    }

    /// <summary>Never zero, which stands for no name.</summary>
    public static uint HashOf(ReadOnlySpan<ulong> words) => Checksum.Of(words) | 1;

    /// <summary>Words of a name with so many bytes.</summary>
    public static int CountOf(int lengthBytes) => (lengthBytes + sizeof(ulong)) / sizeof(ulong);
}
