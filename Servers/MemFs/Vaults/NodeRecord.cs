// A record of the node table as it is now, to read and no more: for who needs many words of it.
//
// Rules: good until the next change of any node.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Shared.Contracts;

namespace Servers.MemFs.Vaults;

internal readonly ref struct NodeRecord(int slot, ReadOnlySpan<ulong> words)
{
    /// <summary>As many words as a record has.</summary>
    public const int Words = (int)VaultLayout.NodeBytes / sizeof(ulong);

    private readonly ReadOnlySpan<ulong> _words = words;

    public ulong Cookie => _words[Node.CookieAt];

    /// <summary>The next entry of the directory that this one is in.</summary>
    public SlotLink Next => Neighbours.Decode(slot, _words[Node.NeighboursAt]).Next;

    /// <summary>In UTF-8.</summary>
    public ReadOnlySpan<byte> Name
    {
        get
        {
            ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(_words[Node.FirstNameAt..]);
            return bytes.Slice(1, bytes[0]);
        }
    }

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
            };
        }
    }
}
