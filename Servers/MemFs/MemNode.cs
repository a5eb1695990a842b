// A file or a directory of the tree, linked or not.
//
// Rules: only MemTree changes links; a node without a parent is deleted, and lives on while open.

namespace Servers.MemFs;

internal abstract class MemNode(ulong number, int slot, NodeTable table)
{
    /// <summary>Never used twice in one tree.</summary>
    public ulong Number { get; } = number;
    /// <summary>Its record in the vault.</summary>
    public int Slot { get; } = slot;
    public ulong ModifiedNs { get; private set; }
    /// <summary>Null for the root, and for what was deleted.</summary>
    public MemDirectory? Parent { get; set; }
    public string Name { get; set; } = "";
    /// <summary>Position in the parent's listing; grows with each entry that is added.</summary>
    public ulong Cookie { get; set; }
    /// <summary>How many live capabilities name this node.</summary>
    public int OpenCount { get; set; }

    /// <summary>Its part in the vault's sum, as of the last commit; NodeTable's.</summary>
    public ulong Hash { get; set; }
    /// <summary>Changed by the transaction in progress; NodeTable's.</summary>
    public bool IsChanged { get; set; }

    protected NodeTable Table => table;

    public void Touch(ulong modifiedNs)
    {
        ModifiedNs = modifiedNs;
        table.SetModified(this, modifiedNs);
    }

    /// <summary>Takes over what its record says; changes nothing in the vault.</summary>
    public virtual void Restore(in NodeRecord record)
    {
        ModifiedNs = record.ModifiedNs;
        Name = record.Name;
        Cookie = record.Cookie;
    }
}
