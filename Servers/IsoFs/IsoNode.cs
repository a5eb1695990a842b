// What a capability of this mount stands for, as its badge says it.
//
// Rules: the badge holds the place of the record on the disc, so the server remembers nothing.
// Only this server makes badges, and the disc does not change under it.

using Servers.IsoFs.Directories;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.IsoFs;

/// <param name="Number">Byte of its first record; 0 for the root.</param>
internal readonly record struct IsoNode(ulong Number, FileType Type)
{
    private const ulong RootBadge = 1, FileKind = 2, DirectoryKind = 3, KindMask = 3;
    private const int KindBits = 2;

    public static readonly IsoNode Root = new(0, FileType.Directory);

    public bool IsRoot => Number == 0;

    public static IsoNode Of(IsoEntry entry) => new(entry.Number, entry.Type);

    public Badge ToBadge() => new(IsRoot ? RootBadge
        : Number << KindBits | (Type == FileType.File ? FileKind : DirectoryKind));

    public static bool TryFromBadge(Badge badge, out IsoNode node)
    {
        node = Root;
        if (badge.Value == RootBadge) return true;
        ulong kind = badge.Value & KindMask;
        node = new IsoNode(
            badge.Value >> KindBits, kind == FileKind ? FileType.File : FileType.Directory);
        return kind is FileKind or DirectoryKind && !node.IsRoot;
    }
}
