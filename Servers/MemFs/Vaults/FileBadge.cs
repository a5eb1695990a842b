// What the badge of an open file or directory says: where its record is, how it was opened, and a
// serial of its own. So the vault need not know who has opened what.
//
// Rules: badge 1 is the root for ever: the record 0, opened for nothing, of the first serial. A
// badge names the node of its record only if that is older than the badge. In the order of badges
// those of one node lie together.

using Shared.Abi;
using Shared.Contracts;

namespace Servers.MemFs.Vaults;

internal readonly record struct FileBadge(ulong Value)
{
    private const int SlotShift = VaultHead.SerialBits + ModeBits;
    private const int ModeBits = 3;
    private const ulong ModeMask = (1UL << ModeBits) - 1;
    private const ulong PlainModes = (ulong)(OpenMode.Read | OpenMode.Write);
    private const int AppendShift = 3;

    public FileBadge(int slot, OpenMode mode, ulong serial)
        : this((ulong)slot << SlotShift | Encode(mode) << VaultHead.SerialBits | serial)
    {
    }

    public Badge Badge => new(Value);
    public int Slot => (int)(Value >> SlotShift);
    public ulong Serial => Value & (1UL << VaultHead.SerialBits) - 1;

    /// <summary>What of it counts while the file is open.</summary>
    public OpenMode Mode
    {
        get
        {
            ulong bits = Value >> VaultHead.SerialBits & ModeMask;
            return (OpenMode)(bits & PlainModes | (bits & ~PlainModes) << AppendShift);
        }
    }

    /// <summary>Smaller than all badges of a record, greater than those of lower ones.</summary>
    public static Badge Before(int slot) => new((ulong)slot << SlotShift);

    private static ulong Encode(OpenMode mode) =>
        (ulong)mode & PlainModes | (ulong)(mode & OpenMode.Append) >> AppendShift;
}
