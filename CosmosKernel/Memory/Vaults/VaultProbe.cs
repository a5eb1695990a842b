// A probe lets the next version of a server work on a vault before it is decided that it may.
//
// The owner is stopped and keeps the vault mapped; the prober gets the same frames, and each page
// is put aside before its first change. Rules: the end is decided by a call alone: a prober's death
// leaves the probe open, since the decision may have been made already. Until then the old owner
// cannot go on, and nobody else gets the vault. An end is done in parts; the first one decides.

using System;
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
    /// Puts the page aside before its first change, as long as that may be taken back. False: there
    /// is no frame for it, and the page must not be changed.
    /// </summary>
    public bool TrySave(Vault vault, uint page)
    {
        if (vault.Ending is not null || vault.Undo.Get(physical, page) != 0) return true;
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

    /// <summary>What one part deals with, of some 600 instructions each; a list at most.</summary>
    public const int PartPages = 64;
    /// <summary>Of the reclaimer, for a part of a Commit: some 10 instructions each.</summary>
    public const int PartSteps = 500;

    /// <summary>
    /// A part of the end that has begun, or begins. Commit: what the prober has done is the vault
    /// now. RollBack: the vault is as it was, and the old owner's again; the prober is dead. False:
    /// there is more to do.
    /// </summary>
    public bool TryEnd(Vault vault, ProbeEnd end)
    {
        vault.Ending ??= end;
        uint before = vault.Undo.FrameCount;
        bool isDone = TryEndPart(vault);
        if (vault.Owner is { } owner) owner.MemoryPages -= before - vault.Undo.FrameCount;
        if (isDone) Ended(vault);
        return isDone;
    }

    bool TryEndPart(Vault vault)
    {
        uint page = vault.Undo.Next(physical, vault.EndingPage);
        uint listEnd = (page / VaultUndo.PerFrame + 1) * VaultUndo.PerFrame;
        for (int left = PartPages; page < Math.Min(listEnd, FrameList.MaxPages) && left > 0; left--)
        {
            ulong saved = vault.Undo.Take(physical, page);
            if (vault.Ending == ProbeEnd.RollBack) Restore(vault, page, saved);
            if (saved != VaultUndo.WasAbsent) frames.Release(saved);
            page = vault.Undo.Next(physical, page + 1);
        }

        vault.EndingPage = page;
        if (page < FrameList.MaxPages) return false;
        vault.Undo.Clear(frames, physical);
        return true;
    }

    /// <summary>All parts of the end. Where nobody can wait for them.</summary>
    public void End(Vault vault, ProbeEnd end)
    {
        while (!TryEnd(vault, end))
        {
        }
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
    }

    static void Ended(Vault vault)
    {
        vault.IsProbed = false;
        if (vault.Ending == ProbeEnd.RollBack)
        {
            vault.Owner = vault.Suspended;
            vault.Suspended = null;
            if (vault.Owner is { } owner) owner.MemoryPages += vault.Frames.FrameCount;
        }

        vault.Ending = null;
        vault.EndingPage = 0;
    }

    bool Charge(Vault vault, uint before, bool isDone)
    {
        vault.Owner!.MemoryPages += vault.Undo.FrameCount - before;
        return isDone;
    }
}
