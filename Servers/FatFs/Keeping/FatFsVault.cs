// What outlives this process: dirty blocks, open files, the capabilities for them, chains that are
// being freed, and the requests that were executed.
//
// Rules: Commit is the only transaction; it holds everything that one event has changed. The vault
// belongs to one volume, and is refused when the disk holds another.

using System;
using System.Collections.Generic;
using Servers.FatFs.Caching;
using Servers.FatFs.Trees;
using Servers.FatFs.Volumes;
using Shared.Contracts;
using Shared.Fat;
using Shared.Sdk.Vaults;

namespace Servers.FatFs.Keeping;

internal sealed class FatFsVault
{
    public const int MaxNodes = 2048, MaxBadges = 4096, MaxOrphans = 16;
    /// <summary>Bytes of blocks that wait for the disk at most.</summary>
    public const int DirtyBytes = 4 * 1024 * 1024;
    /// <summary>Blocks that one transaction may change.</summary>
    public const int MaxStagedBlocks = 3072;
    public const ulong VaultBytes = 8 * 1024 * 1024;
    /// <summary>The last digit is the format.</summary>
    private const string Name = "CKFATFS3";
    private const int OtherLogWords = 2048;
    private const int RequestsKept = 256;
    private const ulong StateKey = 1;
    private const int StateBytes = 6 * sizeof(ulong);

    private readonly SmallVault _vault;
    private readonly RecordTable _state;

    public FatFsVault(IVaultMemory memory, BlockGeometry disk)
    {
        int slots = DirtyBytes / (int)disk.BlockBytes;
        _vault = new SmallVault(memory, Name, 2 * MaxStagedBlocks + OtherLogWords);
        _state = new RecordTable(_vault, slots: 1, StateBytes);
        Nodes = new RecordTable(_vault, MaxNodes, NodeRecords.Bytes);
        Badges = new RecordTable(_vault, MaxBadges, OpenObjects.RecordBytes);
        Orphans = new RecordTable(_vault, MaxOrphans, 0);
        Requests = new RequestLog(_vault, RequestsKept);
        Slots = new DirtySlots(_vault, slots, disk.BlockBytes);
        MaxStaged = Math.Min(MaxStagedBlocks, slots * 3 / 4);
        IsNew = _vault.IsNew;
    }

    /// <summary>No earlier incarnation has served this volume.</summary>
    public bool IsNew { get; }
    public int MaxStaged { get; }
    /// <summary>By file number; see NodeRecords.</summary>
    public RecordTable Nodes { get; }
    /// <summary>By badge; see OpenObjects.</summary>
    public RecordTable Badges { get; }
    /// <summary>First clusters of chains that nobody needs, until they are free.</summary>
    public RecordTable Orphans { get; }
    public RequestLog Requests { get; }
    public DirtySlots Slots { get; }

    public static FatFsVault OnHeap(BlockGeometry disk) =>
        new(new HeapVaultMemory(VaultBytes), disk);

    /// <summary>
    /// The volume is the one that this vault was made for; a new vault gets it.
    /// </summary>
    public void Claim(FatLayout layout, VolumeMark mark, ClusterAllocator allocator)
    {
        if (IsNew)
        {
            // FSInfo may be wrong after a power cut; only the number of a clean volume is taken.
            (uint Free, uint Next)? info = mark.IsDirty ? null : mark.ReadInfo();
            allocator.Set(info?.Free, info?.Next ?? 0);
            PutState(layout, allocator);
            return;
        }
        if (!_state.TryGet(StateKey, out ReadOnlySpan<byte> bytes))
        {
            throw new VaultDamagedException("vault of no volume");
        }
        RecordReader reader = new(bytes);
        bool isSame = reader.Number() == layout.VolumeId && reader.Number() == layout.TotalSectors
            && reader.Number() == layout.ClusterBytes;
        if (!isSame) throw new VaultDamagedException("vault is another volume's");
        ulong free = reader.Number();
        allocator.Set(free == ulong.MaxValue ? null : (uint)free, (uint)reader.Number());
    }

    /// <summary>All tables are there; a new vault is one from now on.</summary>
    public void Publish() => _vault.Publish();

    public void PutState(FatLayout layout, ClusterAllocator allocator)
    {
        RecordWriter writer = new(stackalloc byte[StateBytes]);
        writer.Number(layout.VolumeId);
        writer.Number(layout.TotalSectors);
        writer.Number(layout.ClusterBytes);
        writer.Number(allocator.FreeCount ?? ulong.MaxValue);
        writer.Number(allocator.Hint);
        _state.Put(StateKey, writer.Bytes);
    }

    public void Commit() => _vault.Commit();
}
