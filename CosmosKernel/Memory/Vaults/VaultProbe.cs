// A probe lets the next version of a server work on a vault before it is decided that it may.
//
// The owner is stopped and keeps the vault mapped; the prober gets the same frames, and each page
// is put aside before its first change. Rules: the end is decided by a call alone: a prober's death
// leaves the probe open, since the decision may have been made already. Until then the old owner
// cannot go on, and nobody else gets the vault.

using CosmosKernel.Processes;
using Shared.Abi;

namespace CosmosKernel.Memory.Vaults;

// Safety: frames lie in the direct map.
public sealed unsafe class VaultProbe(FrameTable frames, byte* physical)
{
    /// <summary>
    /// The owner, which is stopped, or nobody: hands the vault to the prober by TryGiveTo.
    /// </summary>
    public static void Begin(Vault vault)
    {
        if (vault.Owner is { } owner) owner.MemoryPages -= vault.Frames.FrameCount;
        vault.Suspended = vault.Owner;
        vault.Owner = null;
        vault.IsProbed = true;
    }

    /// <summary>
    /// Puts the page aside before its first change. False: there is no frame for that, and the page
    /// must not be changed.
    /// </summary>
    public bool TrySave(Vault vault, uint page)
    {
        if (vault.Undo.Get(physical, page) != 0) return true;
        uint before = vault.Undo.FrameCount;
        Process owner = vault.Owner!;
        ulong frame = vault.Frames.Get(physical, page);
        // The copy and at most two lists.
        if (owner.MemoryPages + 3 > owner.MemoryQuotaPages) return false;
        if (!vault.Undo.TryMakeRoom(frames, physical, page)) return Charge(vault, before, false);
        ulong copy = 0;
        if (frame != 0)
        {
            copy = frames.TryTake();
            if (copy == 0) return Charge(vault, before, false);
            FrameTable.Copy(physical + frame, physical + copy, Limits.PageBytes);
        }

        vault.Undo.Set(physical, page, frame == 0 ? VaultUndo.WasAbsent : copy);
        return Charge(vault, before, true);
    }

    /// <summary>Ends the probe: what the prober has done is the vault now.</summary>
    public void Commit(Vault vault)
    {
        for (uint page = vault.Undo.Next(physical, 0); page < FrameList.MaxPages;
             page = vault.Undo.Next(physical, page + 1))
        {
            ulong saved = vault.Undo.Get(physical, page);
            if (saved != VaultUndo.WasAbsent) frames.Release(saved);
        }

        End(vault);
    }

    /// <summary>
    /// Ends the probe: the vault is as it was, and the old owner's again. The prober is dead.
    /// </summary>
    public void RollBack(Vault vault)
    {
        for (uint page = vault.Undo.Next(physical, 0); page < FrameList.MaxPages;
             page = vault.Undo.Next(physical, page + 1))
        {
            Restore(vault, page, vault.Undo.Get(physical, page));
        }

        End(vault);
        vault.Owner = vault.Suspended;
        vault.Suspended = null;
        if (vault.Owner is { } owner) owner.MemoryPages += vault.Frames.FrameCount;
    }

    /// <summary>The old owner has the page's own frame mapped: its bytes come back there.</summary>
    void Restore(Vault vault, uint page, ulong entry)
    {
        if (entry == VaultUndo.WasAbsent)
        {
            vault.Frames.Discard(frames, physical, page);
            return;
        }

        ulong frame = vault.Frames.Get(physical, page);
        FrameTable.Copy(physical + entry, physical + frame, Limits.PageBytes);
        frames.Release(entry);
    }

    void End(Vault vault)
    {
        if (vault.Owner is { } owner) owner.MemoryPages -= vault.Undo.FrameCount;
        vault.Undo.Clear(frames, physical);
        vault.IsProbed = false;
    }

    bool Charge(Vault vault, uint before, bool isDone)
    {
        vault.Owner!.MemoryPages += vault.Undo.FrameCount - before;
        return isDone;
    }
}
