// Makes vaults, hands them from one process to the next, and frees them.
//
// Rules: a vault is alive while it has a capability or an owner; whoever ends either calls Settle.

using System;
using CosmosKernel.Processes;
using Shared.Abi;

namespace CosmosKernel.Memory.Vaults;

// Safety: the base of the direct map is handed on, and never followed here.
public sealed unsafe class VaultTable : IObjectTable
{
    public const ulong MaxBytes = (ulong)FrameList.MaxPages * Limits.PageBytes;

    private readonly FrameTable _frames;
    private readonly byte* _physical;
    private readonly Vault[] _vaults;
    private readonly int[] _free;
    private int _freeCount;
    private Vault? _firstDying;

    public VaultTable(FrameTable frames, byte* physical, int capacity)
    {
        _frames = frames;
        _physical = physical;
        Probe = new VaultProbe(frames, physical);
        _vaults = new Vault[capacity];
        _free = new int[capacity];
        for (int i = capacity - 1; i >= 0; i--)
        {
            _vaults[i] = new Vault(i);
            _free[_freeCount++] = i;
        }
    }

    public VaultProbe Probe { get; }
    public int Capacity => _vaults.Length;
    public int Count => _vaults.Length - _freeCount;
    /// <summary>No record from here on has ever been used.</summary>
    public int End { get; private set; }
    public bool HasDying => _firstDying is not null;
    public Vault this[int index] => _vaults[index];

    /// <summary>An empty vault; the size is rounded up to pages.</summary>
    public Status TryMake(ulong lengthBytes, out Vault made)
    {
        made = null!;
        if (lengthBytes == 0) return Status.BadArgument;
        if (lengthBytes > MaxBytes) return Status.TooLarge;
        _frames.ReclaimUntilFree(in _freeCount);
        if (_freeCount == 0) return Status.QuotaExceeded;
        made = _vaults[_free[--_freeCount]];
        if (made.Index >= End) End = made.Index + 1;
        made.IsUsed = true;
        made.LengthBytes = (lengthBytes + Limits.PageBytes - 1) & ~(Limits.PageBytes - 1UL);
        made.Owner = made.Suspended = null;
        made.LastOwner = default;
        Array.Clear(made.LastOwnerName);
        made.Capabilities = made.HandleCount = 0;
        made.ReclaimPage = 0;
        return Status.Ok;
    }

    /// <summary>
    /// Makes the process the owner, and charges it. Its VaultIndex the caller sets.
    /// </summary>
    public Status TryGiveTo(Vault vault, Process process)
    {
        if (vault.Owner is not null) return Status.AlreadyExists;
        uint free = process.MemoryQuotaPages
            - Math.Min(process.MemoryPages, process.MemoryQuotaPages);
        if (vault.Frames.FrameCount > free) return Status.NoMemory;
        process.MemoryPages += vault.Frames.FrameCount;
        vault.Owner = process;
        vault.LastOwner = process.Id;
        Array.Copy(process.Name, vault.LastOwnerName, ProcessSpec.MaxNameBytes);
        return Status.Ok;
    }

    /// <summary>
    /// The process is dead, or was never started: its vault is free for the next.
    /// </summary>
    public void TakeFrom(Process process)
    {
        if (process.VaultIndex < 0) return;
        Vault vault = _vaults[process.VaultIndex];
        if (vault.Suspended == process) vault.Suspended = null;
        else if (vault.Owner != process) return;
        else
        {
            process.MemoryPages -= vault.Frames.FrameCount + vault.Undo.FrameCount;
            vault.Owner = null;
        }

        Settle(vault);
    }

    /// <summary>
    /// Frame of the page, charged to the owner at first touch; 0 when there is none.
    /// </summary>
    public ulong FrameOf(Vault vault, ulong page)
    {
        Process owner = vault.Owner!;
        uint cost = vault.Frames.CostOf(_physical, (uint)page);
        if (owner.MemoryPages + cost > owner.MemoryQuotaPages) return 0;
        if (cost != 0 && vault.IsProbed && !Probe.TrySave(vault, (uint)page)) return 0;
        uint before = vault.Frames.FrameCount;
        ulong frame = vault.Frames.GetOrTake(_frames, _physical, (uint)page);
        owner.MemoryPages += vault.Frames.FrameCount - before;
        return frame;
    }

    /// <summary>
    /// Frees pages of a vault whose owner no longer has them in its page tables. NoMemory, only
    /// during a probe: a page could not be put aside, so that it and those behind it are as they
    /// were. Who is told so may trust none of them.
    /// </summary>
    public Status Discard(Vault vault, ulong firstPage, ulong count)
    {
        ulong page = firstPage;
        Status status = Status.Ok;
        while (status == Status.Ok && page < firstPage + count)
            status = DiscardPart(vault, ref page, firstPage + count);
        return status;
    }

    /// <summary>Most pages with bytes, and most places without, of one part.</summary>
    private const int PartPages = 128, PartPlaces = 1024;
    /// <summary>A page that is put aside and cleared costs as much as so many freed ones.</summary>
    private const int SavedPages = 4;

    /// <summary>Discard from the page on, as far as one part goes.</summary>
    public Status DiscardPart(Vault vault, ref ulong page, ulong endPage)
    {
        uint at = (uint)page, end = (uint)endPage, before = vault.Frames.FrameCount;
        Status status = Status.Ok;
        int pages = PartPages;
        for (int places = PartPlaces; status == Status.Ok && pages > 0 && places > 0; places--)
        {
            at = vault.Frames.SkipMissing(_physical, at, end);
            if (at >= end) break;
            if (vault.Frames.Get(_physical, at) != 0) pages -= vault.IsProbed ? SavedPages : 1;
            if (vault.IsProbed) status = ClearPage(vault, at);
            else vault.Frames.Discard(_frames, _physical, at);
            if (status == Status.Ok) at++;
        }

        page = Math.Min(at, end);
        vault.Owner!.MemoryPages -= before - vault.Frames.FrameCount;
        return status;
    }

    /// <summary>The old owner has the frame mapped, so it stays where it is.</summary>
    private Status ClearPage(Vault vault, uint page)
    {
        ulong frame = vault.Frames.Get(_physical, page);
        if (frame == 0) return Status.Ok;
        if (!Probe.TrySave(vault, page)) return Status.NoMemory;
        FrameTable.Zero(_physical + frame, Limits.PageBytes);
        return Status.Ok;
    }

    public void Settle(Vault vault)
    {
        if (!vault.IsUsed || vault.IsDying || vault.Capabilities > 0 || vault.Owner is not null
            || vault.Suspended is not null)
        {
            return;
        }

        vault.IsDying = true;
        vault.Maker.Clear(ObjectType.Vault);
        vault.Generation++;
        vault.NextDying = _firstDying;
        _firstDying = vault;
    }

    /// <summary>Next to free. Its capabilities are closed first (Kernel.Memory).</summary>
    public Vault? FirstDying => _firstDying;

    /// <summary>
    /// Frees FirstDying, which has no capabilities in its table, for so many steps of about 10
    /// instructions.
    /// </summary>
    public void ReclaimSlice(ref int steps)
    {
        Vault dying = _firstDying!;
        if (dying.IsProbed)
        {
            steps -= VaultProbe.PartSteps;
            Probe.TryEnd(dying, ProbeEnd.Commit);
            return;
        }

        if (!dying.Frames.ReleaseSlice(_frames, _physical, ref dying.ReclaimPage, ref steps))
            return;
        _firstDying = dying.NextDying;
        dying.IsUsed = dying.IsDying = false;
        dying.NextDying = null;
        _free[_freeCount++] = dying.Index;
    }
}
