// Which chunk of the vault has which chunk of a file: a tree of index chunks for each file.
//
// The root of a file of one chunk is that chunk. Otherwise an index chunk has 512 words
// (CheckedWords), each the chunk below plus one, zero for a hole.
// Rules: index chunks are changed by words of the transaction in progress.

using System;
using System.Numerics;
using Shared.Sdk.Vaults;

namespace Servers.MemFs.Vaults;

internal sealed class ChunkTree(MemVault vault)
{
    private const int EntryBits = 9;
    private const int Entries = 1 << EntryBits;
    /// <summary>Chunks from the root of the largest file to one with bytes, with both.</summary>
    public const int MaxPath = 5;

    private readonly ChunkStore _store = vault.Chunks;
    private readonly UndoLog _log = vault.Log;

    /// <summary>None for a hole.</summary>
    public ChunkId Find(Node file, uint chunk)
    {
        int height = file.Height;
        return height < HeightFor(chunk) ? ChunkId.None : Descend(file.Root, height, 0, chunk);
    }

    /// <summary>Find for chunks that follow each other.</summary>
    public void Find(Node file, uint first, Span<ChunkId> found)
    {
        ChunkId root = file.Root;
        int height = file.Height;
        for (int i = 0; i < found.Length;)
        {
            uint chunk = first + (uint)i;
            int count = Math.Min(found.Length - i, Entries - (int)(chunk & (Entries - 1)));
            Span<ChunkId> part = found.Slice(i, count);
            i += count;
            part.Clear();
            if (height == 0)
            {
                if (chunk == 0) part[0] = root;
                continue;
            }
            if (height < HeightFor(chunk)) continue;
            ChunkId index = Descend(root, height, 1, chunk);
            if (index.IsNone) continue;
            ulong place = PlaceOf(index, 1, chunk);
            for (int at = 0; at < count; at++, place += sizeof(ulong)) part[at] = Entry(place);
        }
    }

    /// <summary>Set for chunks that follow each other; those without an id stay.</summary>
    public void Set(Node file, uint first, ReadOnlySpan<ChunkId> ids)
    {
        // From the end, since the last one makes the tree as high as all of them want it.
        ChunkId index = ChunkId.None;
        uint indexed = 0;
        for (int i = ids.Length - 1; i >= 0; i--)
        {
            if (ids[i].IsNone) continue;
            uint chunk = first + (uint)i;
            if (index.IsNone || chunk >> EntryBits != indexed)
            {
                Set(file, chunk, ids[i]);
                indexed = chunk >> EntryBits;
                index = file.Height == 0
                    ? ChunkId.None : Descend(file.Root, file.Height, 1, chunk);
            }
            else
            {
                SetEntry(PlaceOf(index, 1, chunk), ids[i]);
            }
        }
    }

    /// <summary>The caller has seen, with CountMissing, that there is room.</summary>
    public void Set(Node file, uint chunk, ChunkId id)
    {
        ChunkId root = file.Root;
        int height = file.Height;
        if (root.IsNone) height = HeightFor(chunk);
        else Grow(ref root, ref height, HeightFor(chunk));
        if (height == 0)
        {
            file.SetChunks(id, 0);
            return;
        }
        if (root.IsNone) root = _store.Take();
        file.SetChunks(root, height);
        ChunkId index = root;
        for (int level = height; level > 1; level--)
        {
            ulong place = PlaceOf(index, level, chunk);
            ChunkId below = Entry(place);
            if (below.IsNone)
            {
                below = _store.Take();
                SetEntry(place, below);
            }
            index = below;
        }
        SetEntry(PlaceOf(index, 1, chunk), id);
    }

    /// <summary>How many chunks, index and all, a write has to take beyond what is there.</summary>
    /// <param name="found">What Find has found of the chunks that are written.</param>
    public int CountMissing(Node file, uint first, ReadOnlySpan<ChunkId> found)
    {
        if (!found.Contains(ChunkId.None)) return 0;
        uint last = first + (uint)found.Length - 1;
        ChunkId root = file.Root;
        int oldHeight = file.Height;
        int height = Math.Max(root.IsNone ? 0 : oldHeight, HeightFor(last));
        int missing = root.IsNone ? 0 : height - oldHeight;
        missing += found.Count(ChunkId.None);
        for (int level = 1; level <= height; level++)
        {
            int shift = level * EntryBits;
            for (ulong i = (ulong)first >> shift; i <= (ulong)last >> shift; i++)
            {
                if (!IsThere(root, oldHeight, level, i)) missing++;
            }
        }
        return missing;
    }

    /// <summary>
    /// Frees chunks from the end on until so many of the file are left, or the budget is spent;
    /// true when there is nothing left to free.
    /// </summary>
    public bool Cut(Node file, uint keep, ref int budget)
    {
        ChunkId root = file.Root;
        if (root.IsNone) return true;
        if (file.Height == 0)
        {
            if (keep != 0) return true;
            _store.Release(root);
        }
        else
        {
            bool isDone = CutBelow(root, file.Height, 0, keep, ref budget);
            if (!isDone || keep != 0) return isDone;
            _store.Release(root);
        }
        file.SetChunks(ChunkId.None, 0);
        return true;
    }

    /// <summary>All chunks of the file, the index's too; for a check of the whole vault.</summary>
    public void Visit(Node file, Action<ChunkId> visit)
    {
        if (!file.Root.IsNone) Visit(file.Root, file.Height, visit);
    }

    private void Visit(ChunkId id, int level, Action<ChunkId> visit)
    {
        visit(id);
        if (level == 0) return;
        for (int i = 0; i < Entries; i++)
        {
            ChunkId below = Entry(PlaceOf(id, i));
            if (!below.IsNone) Visit(below, level - 1, visit);
        }
    }

    /// <param name="first">The first chunk of the file that lies below this index.</param>
    private bool CutBelow(ChunkId index, int level, ulong first, uint keep, ref int budget)
    {
        int shift = (level - 1) * EntryBits;
        for (int i = Entries - 1; i >= 0; i--)
        {
            ulong begin = first + ((ulong)i << shift);
            ulong end = begin + (1UL << shift);
            if (end <= keep) return true;
            ulong place = PlaceOf(index, i);
            ChunkId below = Entry(place);
            if (below.IsNone) continue;
            if (budget == 0) return false;
            if (level > 1 && !CutBelow(below, level - 1, begin, keep, ref budget)) return false;
            if (begin < keep) return true;
            SetEntry(place, ChunkId.None);
            _store.Release(below);
            budget = Math.Max(0, budget - 1);
        }
        return true;
    }

    private void Grow(ref ChunkId root, ref int height, int wanted)
    {
        for (; height < wanted; height++)
        {
            ChunkId above = _store.Take();
            SetEntry(PlaceOf(above, 0), root);
            root = above;
        }
    }

    /// <summary>Whether an index or chunk was there before, or comes with the growth.</summary>
    private bool IsThere(ChunkId root, int oldHeight, int level, ulong index)
    {
        if (root.IsNone) return false;
        if (level > oldHeight) return index == 0;
        ulong chunk = index << (level * EntryBits);
        bool isInside = chunk >> (oldHeight * EntryBits) == 0;
        return isInside && !Descend(root, oldHeight, level, chunk).IsNone;
    }

    /// <summary>The node of a level on the way to a chunk; none when the way ends before.</summary>
    private ChunkId Descend(ChunkId root, int height, int level, ulong chunk)
    {
        ChunkId id = root;
        for (int above = height; above > level && !id.IsNone; above--)
        {
            id = Entry(PlaceOf(id, above, chunk));
        }
        return id;
    }

    private ChunkId Entry(ulong place) => _store.Checked(_log.LoadChecked(place));

    private void SetEntry(ulong place, ChunkId id) => _log.SetChecked(place, (uint)id.Value);

    private ulong PlaceOf(ChunkId index, int level, ulong chunk) =>
        PlaceOf(index, (int)(chunk >> ((level - 1) * EntryBits)) & (Entries - 1));

    private ulong PlaceOf(ChunkId index, int entry) =>
        _store.PlaceOf(index) + sizeof(ulong) * (ulong)entry;

    private static int HeightFor(uint chunk) =>
        (BitOperations.Log2(chunk) + EntryBits) / EntryBits - (chunk == 0 ? 1 : 0);
}
