// A record of the node table as it is now, to read and no more: for who needs many words of it.
//
// Rules: good until the next change of any node.

using System;
using System.Runtime.CompilerServices;
using Shared.Contracts;

namespace Servers.MemFs.Vaults;

internal readonly ref struct NodeRecord(int slot, ReadOnlySpan<ulong> words)
{
    /// <summary>As many words as a record has.</summary>
    public const int Words = (int)VaultLayout.NodeBytes / sizeof(ulong);

    private readonly ReadOnlySpan<ulong> _words = words;

    public ulong Cookie => _words[Node.CookieAt];

    /// <summary>The next entry of the directory that this one is in.</summary>
    public SlotLink Next
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Neighbours.Decode(slot, _words[Node.NeighboursAt]).Next;
    }

    /// <summary>In UTF-8, with zeros up to the end of the last word.</summary>
    /// <param name="target">As many words as the name needs.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CopyName(Span<ulong> target)
    {
        // Behind its length, a byte, and zeros in its own last word.
        int count = NameWords.CountOf(NameBytes);
        ReadOnlySpan<ulong> name = _words.Slice(Node.FirstNameAt, count);
        for (int i = 0; i < target.Length; i++)
        {
            ulong word = name[i] >> 8;
            if (i + 1 < name.Length) word |= name[i + 1] << 56;
            target[i] = word;
        }
    }

    private byte NameBytes => (byte)_words[Node.FirstNameAt];

    public EntryHeader Header
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            ulong keyAndType = _words[Node.KeyAt];
            return new EntryHeader
            {
                LengthBytes = _words[Node.LengthAt],
                ModifiedNs = _words[Node.ModifiedAt],
                FileNumber = new NodeKey(Node.KeyOf(keyAndType)).Number,
                Type = Node.TypeOf(keyAndType),
                NameBytes = NameBytes,
            };
        }
    }
}
