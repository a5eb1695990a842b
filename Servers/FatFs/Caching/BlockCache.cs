// Blocks of the volume in memory: clean ones, dirty ones (which are in the vault, too), and those
// that the transaction in progress has changed.
//
// Rules: a transaction is everything between two calls of Stage or Abort. Spans are good until the
// next call. Nothing that a transaction changes is on the disk before it is committed.

using System;
using System.Collections.Generic;
using Servers.FatFs.Volumes;
using Shared.Sdk.Disks;

namespace Servers.FatFs.Caching;

internal sealed class BlockCache
{
    private const int NoSlot = -1;

    private sealed class CachedBlock(byte[] bytes)
    {
        public byte[] Bytes = bytes;
        public int Slot = NoSlot;
        public BlockClass Class;
        /// <summary>Used since the eviction looked at it last.</summary>
        public bool IsWarm = true;
        public bool IsQueued;
        public bool IsDirty => Slot != NoSlot;
    }

    private readonly record struct Staged(byte[] Bytes, BlockClass Class);

    private readonly DirtySlots _slots;
    private readonly int _blockBytes;
    private readonly int _maxClean;
    private readonly Dictionary<ulong, CachedBlock> _blocks = [];
    private readonly Queue<ulong> _evictable = new();
    private readonly SortedDictionary<ulong, Staged> _staged = [];
    private readonly List<int> _replacedSlots = [];
    /// <summary>Dirty blocks of the FAT as they are on the disk.</summary>
    private readonly Dictionary<ulong, byte[]> _onDisk = [];
    private int _dirtyCount;

    /// <param name="maxCleanBytes">Of blocks that can be read again.</param>
    public BlockCache(IDisk disk, DirtySlots slots, int maxCleanBytes)
    {
        Disk = disk;
        _slots = slots;
        _blockBytes = (int)disk.Geometry.BlockBytes;
        _maxClean = Math.Max(maxCleanBytes / _blockBytes, 16);
        foreach ((int slot, ulong block, BlockClass kind) in slots.Restore())
        {
            byte[] bytes = new byte[_blockBytes];
            slots.Read(slot, bytes);
            _blocks.Add(block, new CachedBlock(bytes) { Slot = slot, Class = kind });
            _dirtyCount++;
        }
    }

    public IDisk Disk { get; }
    public int BlockBytes => _blockBytes;
    public int StagedCount => _staged.Count;
    public int DirtyCount => _dirtyCount;
    /// <summary>Blocks that the transaction in progress may still change.</summary>
    public int Room => _slots.FreeCount - _staged.Count;

    public ReadOnlySpan<byte> Read(ulong block) =>
        _staged.TryGetValue(block, out Staged staged) ? staged.Bytes : Find(block).Bytes;

    /// <summary>The block's bytes, to be changed in place by this transaction.</summary>
    public Span<byte> Change(ulong block, BlockClass kind)
    {
        if (IsCircle(DirtyClass(block), kind)) throw new WriteBackNeededException();
        if (_staged.TryGetValue(block, out Staged staged))
        {
            BlockClass merged = Merge(staged.Class, kind);
            if (merged != staged.Class) _staged[block] = staged with { Class = merged };
            return staged.Bytes;
        }
        CachedBlock found = Find(block);
        return Stage(block, (byte[])found.Bytes.Clone(), found, kind);
    }

    /// <summary>As Change for a block whose bytes do not matter: zeros.</summary>
    public Span<byte> Fresh(ulong block, BlockClass kind)
    {
        if (_staged.ContainsKey(block))
        {
            Span<byte> bytes = Change(block, kind);
            bytes.Clear();
            return bytes;
        }
        _blocks.TryGetValue(block, out CachedBlock? found);
        return Stage(block, new byte[_blockBytes], found, kind);
    }

    /// <summary>
    /// When a block that this transaction has changed is to go to the disk, whatever was said
    /// before in this transaction.
    /// </summary>
    public void SetClass(ulong block, BlockClass kind)
    {
        if (IsCircle(DirtyClass(block), kind)) throw new WriteBackNeededException();
        BlockClass merged = DirtyClass(block) is { } old ? Merge(old, kind) : kind;
        // One that this transaction has made new stays what it is.
        if (_staged[block].Class == BlockClass.Data) merged = BlockClass.Data;
        _staged[block] = _staged[block] with { Class = merged };
    }

    /// <summary>
    /// Reads blocks that are not here yet in one step, and some behind them with it.
    /// </summary>
    /// <param name="needed">When all of these are here, nothing is read.</param>
    public void Prefetch(ulong block, int needed, int count)
    {
        int held = 0;
        while (held < needed && IsHeld(block + (ulong)held)) held++;
        if (held == needed) return;
        while (count > 0 && IsHeld(block))
        {
            block++;
            count--;
        }
        int missing = 0;
        while (missing < count && !IsHeld(block + (ulong)missing)) missing++;
        if (missing <= 1) return;
        byte[] bytes = new byte[missing * _blockBytes];
        Disk.Read(block, bytes);
        for (int i = 0; i < missing; i++)
        {
            Insert(block + (ulong)i, bytes.AsSpan(i * _blockBytes, _blockBytes).ToArray());
        }
    }

    /// <summary>
    /// Zeros for blocks that nothing on the disk leads to; at once, and not in a transaction.
    /// </summary>
    public void ZeroNow(ulong block, int count)
    {
        byte[] zeros = new byte[count * _blockBytes];
        Disk.Write(block, zeros);
        for (int i = 0; i < count; i++, block++)
        {
            if (!_blocks.TryGetValue(block, out CachedBlock? found)) continue;
            // The old bytes of a dirty block must not come after the zeros.
            if (found.IsDirty) MarkWritten(block);
            found.Bytes = new byte[_blockBytes];
        }
    }

    /// <summary>The block as the disk has it, whatever was changed since.</summary>
    public ReadOnlySpan<byte> OnDisk(ulong block)
    {
        if (_onDisk.TryGetValue(block, out byte[]? bytes)) return bytes;
        CachedBlock found = Find(block);
        if (!found.IsDirty) return found.Bytes;
        bytes = new byte[_blockBytes];
        Disk.Read(block, bytes);
        _onDisk.Add(block, bytes);
        return bytes;
    }

    /// <summary>Class of a dirty block (not of a staged one); null when it is clean.</summary>
    public BlockClass? DirtyClass(ulong block) =>
        _blocks.TryGetValue(block, out CachedBlock? found) && found.IsDirty ? found.Class : null;

    public bool HasDirty(BlockClass kind)
    {
        foreach (CachedBlock block in _blocks.Values)
        {
            if (block.IsDirty && block.Class == kind) return true;
        }
        return false;
    }

    public List<ulong> DirtyOf(Func<BlockClass, bool> wanted)
    {
        List<ulong> found = [];
        foreach ((ulong block, CachedBlock cached) in _blocks)
        {
            if (cached.IsDirty && wanted(cached.Class)) found.Add(block);
        }
        found.Sort();
        return found;
    }

    /// <summary>Puts the changed blocks into the vault's transaction.</summary>
    public void Stage()
    {
        foreach ((ulong block, Staged staged) in _staged)
        {
            CachedBlock? old = _blocks.GetValueOrDefault(block);
            if (old is { IsDirty: true })
            {
                _slots.Clear(old.Slot);
                _replacedSlots.Add(old.Slot);
            }
            else if (old is not null && staged.Class == BlockClass.Fat)
            {
                _onDisk[block] = old.Bytes;
            }
            if (old is not { IsDirty: true }) _dirtyCount++;
            if (old is null) _blocks.Add(block, old = new CachedBlock(staged.Bytes));
            old.Bytes = staged.Bytes;
            old.Class = staged.Class;
            old.Slot = _slots.Fill(block, staged.Class, staged.Bytes);
        }
        _staged.Clear();
    }

    /// <summary>The vault's transaction is committed.</summary>
    public void Settle()
    {
        foreach (int slot in _replacedSlots) _slots.Release(slot);
        _replacedSlots.Clear();
    }

    /// <summary>The transaction in progress has never been.</summary>
    public void Abort() => _staged.Clear();

    /// <summary>The disk holds what OnDisk is to say from now on.</summary>
    public void SetOnDisk(ulong block, byte[] bytes) => _onDisk[block] = bytes;

    /// <summary>The driver has answered for the block: it is clean.</summary>
    public void MarkWritten(ulong block)
    {
        CachedBlock found = _blocks[block];
        _slots.Drop(found.Slot);
        found.Slot = NoSlot;
        _dirtyCount--;
        _onDisk.Remove(block);
        MakeEvictable(block, found);
    }

    /// <summary>Memory of the vault that nothing needs is given back.</summary>
    public void DiscardSlots() => _slots.Discard();

    private Span<byte> Stage(ulong block, byte[] bytes, CachedBlock? old, BlockClass kind)
    {
        BlockClass merged = old is { IsDirty: true } ? Merge(old.Class, kind) : kind;
        _staged.Add(block, new Staged(bytes, merged));
        return bytes;
    }

    /// <summary>The block would have to be on the disk both before and after another.</summary>
    private static bool IsCircle(BlockClass? old, BlockClass added) =>
        (old, added) is (BlockClass.Late, BlockClass.Target)
        or (BlockClass.Target, BlockClass.Late);

    private static BlockClass Merge(BlockClass old, BlockClass added)
    {
        // Nothing on the disk leads to it, or it is only bytes of a file: it may stay early.
        if (old == BlockClass.Data) return BlockClass.Data;
        return added > old ? added : old;
    }

    private bool IsHeld(ulong block) => _staged.ContainsKey(block) || _blocks.ContainsKey(block);

    private CachedBlock Find(ulong block)
    {
        if (_blocks.TryGetValue(block, out CachedBlock? found))
        {
            found.IsWarm = true;
            return found;
        }
        byte[] bytes = new byte[_blockBytes];
        Disk.Read(block, bytes);
        return Insert(block, bytes);
    }

    private CachedBlock Insert(ulong block, byte[] bytes)
    {
        while (_blocks.Count - _dirtyCount >= _maxClean) EvictOne();
        CachedBlock added = new(bytes);
        _blocks.Add(block, added);
        MakeEvictable(block, added);
        return added;
    }

    private void MakeEvictable(ulong block, CachedBlock cached)
    {
        if (!cached.IsQueued) _evictable.Enqueue(block);
        cached.IsQueued = true;
    }

    private void EvictOne()
    {
        ulong block = _evictable.Dequeue();
        CachedBlock found = _blocks[block];
        found.IsQueued = false;
        if (found.IsDirty) return;
        if (!found.IsWarm) _blocks.Remove(block);
        else MakeEvictable(block, found);
        found.IsWarm = false;
    }
}
