// A file or a directory of the tree, linked or not.
//
// Rules: only MemTree changes links; a node without a parent is deleted, and lives on while open.

namespace Servers.MemFs;

internal abstract class MemNode(ulong number)
{
    /// <summary>Never used twice in one tree.</summary>
    public ulong Number { get; } = number;
    public ulong ModifiedNs { get; set; }
    /// <summary>Null for the root, and for what was deleted.</summary>
    public MemDirectory? Parent { get; set; }
    public string Name { get; set; } = "";
    /// <summary>Position in the parent's listing; grows with each entry that is added.</summary>
    public ulong Cookie { get; set; }
    /// <summary>How many live capabilities name this node.</summary>
    public int OpenCount { get; set; }
}
