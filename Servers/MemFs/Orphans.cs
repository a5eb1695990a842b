// Nodes that were deleted while they were open: a chain in the vault, so that the next incarnation
// finds those whose last holder goes while nobody serves.
//
// Rules: a node without a name is in it, or its chunks are being freed.

using Servers.MemFs.Vaults;

namespace Servers.MemFs;

internal sealed class Orphans(MemVault vault)
{
    public SlotLink First => vault.Head.FirstOrphan;

    public void Add(Node node)
    {
        SlotLink link = SlotLink.To(node.Slot);
        SlotLink first = First;
        node.Parent = default;
        node.IsOrphan = true;
        node.Neighbours = new Neighbours(default, first);
        if (!first.IsNone) SetPrevious(first, link);
        vault.Head.FirstOrphan = link;
    }

    public void Remove(Node node)
    {
        (SlotLink previous, SlotLink next) = node.Neighbours;
        node.IsOrphan = false;
        if (!next.IsNone) SetPrevious(next, previous);
        if (previous.IsNone)
        {
            vault.Head.FirstOrphan = next;
            return;
        }
        Node before = vault.Nodes.Open(previous);
        before.Neighbours = before.Neighbours with { Next = next };
    }

    private void SetPrevious(SlotLink of, SlotLink previous)
    {
        Node node = vault.Nodes.Open(of);
        node.Neighbours = node.Neighbours with { Previous = previous };
    }
}
