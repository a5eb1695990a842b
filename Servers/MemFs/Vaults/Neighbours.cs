// The two links of a chain that goes through node records, in a word with a check of its own: who
// joins or leaves the chain changes his neighbours' records in this word only.
//
// Rules: the check depends on the record. None and none is zero, as in a record never used.

using System.Runtime.CompilerServices;
using Shared.Sdk.Vaults;

namespace Servers.MemFs.Vaults;

internal readonly record struct Neighbours(SlotLink Previous, SlotLink Next)
{
    private const int LinkBits = NodeKey.SlotBits + 1;
    private const ulong LinkMask = (1UL << LinkBits) - 1;
    private const int CheckShift = 2 * LinkBits;
    private const ulong Multiplier = 0x9E37_79B9_7F4A_7C15;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Neighbours Decode(int slot, ulong word)
    {
        ulong links = word & (1UL << CheckShift) - 1;
        if (word != WordOf(slot, links)) Refuse(slot);
        return new Neighbours(
            new SlotLink((uint)(links & LinkMask)), new SlotLink((uint)(links >> LinkBits)));
    }

    public ulong Encode(int slot) => WordOf(slot, (ulong)Next.Value << LinkBits | Previous.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong WordOf(int slot, ulong links) => links == 0
        ? 0 : ((ulong)slot << 40 ^ links) * Multiplier >> CheckShift << CheckShift | links;

    private static void Refuse(int slot) =>
        throw new VaultDamagedException($"the neighbours of node {slot} are damaged");
}
