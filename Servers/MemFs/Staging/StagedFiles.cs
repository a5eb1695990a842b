// Writes that programs leave in memory: found again after each start, and taken into the file
// before anybody is answered about it (decision 0066).
//
// Rules: what is taken is committed at once, run by run. Until the record goes, the next
// incarnation takes all of it once more, in the same order: nothing else can have written to the
// file meanwhile, for whoever does ends it first. The record goes with the transaction of who ends
// it; the memory may be gone before, as all of it was committed then.
// A volume has room for all that can be staged; who would take that room ends it first.

using System;
using System.Numerics;
using Servers.MemFs.Vaults;
using Shared.Abi;
using Shared.Sdk;
using Shared.Sdk.Files;
using Shared.Sdk.Vaults;

namespace Servers.MemFs.Staging;

internal sealed class StagedFiles
{
    /// <summary>
    /// What one file may take beyond what it has: at each place both ends of the bytes, with their
    /// path in the tree, and what lies between.
    /// </summary>
    public const int ReservedChunks = StagingArea.MaxPlaces * 2 * ChunkTree.MaxPath
        + ChunkTree.MaxPath + StagingArea.RoomBytes / ChunkStore.ChunkBytes;

    private readonly MemVault _vault;
    private readonly MemTree _tree;
    private readonly FileWords _words;
    private readonly Func<ulong> _nowNs;
    private readonly StagingTable _table;
    private readonly StagedOpenFile?[] _files = new StagedOpenFile?[StagingTable.Records];
    private IKernel? _kernel;

    /// <param name="nowNs">Nanoseconds since 1970.</param>
    public StagedFiles(MemVault vault, MemTree tree, FileWords words, Func<ulong> nowNs)
    {
        _vault = vault;
        _tree = tree;
        _words = words;
        _nowNs = nowNs;
        _table = new StagingTable(vault.Log);
        for (uint used = _table.Used; used != 0; used &= used - 1)
        {
            int record = BitOperations.TrailingZeroCount(used);
            (Badge badge, Handle memory) = _table.Read(record);
            _files[record] = new StagedOpenFile(record, badge, memory);
            Count++;
        }
    }

    public int Count { get; private set; }

    /// <summary>Who has the memory. Before anything is taken.</summary>
    public void Ask(IKernel kernel) => _kernel = kernel;

    /// <summary>
    /// From now on, once it is committed, writes may be in the memory, which is this object's in
    /// any case. Another one of the file has ended.
    /// </summary>
    public Status Begin(IKernel kernel, Node file, Badge badge, Handle memory)
    {
        _kernel = kernel;
        int record = Array.IndexOf(_files, null);
        StagedOpenFile begun = new(record, badge, memory);
        Status status = record < 0 ? Status.QuotaExceeded
            : !HasRoom(ReservedChunks) ? Status.NoSpace : begun.Map(kernel);
        if (status != Status.Ok)
        {
            begun.Close(kernel);
            return status;
        }
        begun.Begin();
        _table.Add(record, badge, memory);
        _files[record] = begun;
        Count++;
        // Who keeps bytes of the file asks from now on, and so ends this.
        _words.NoteChange(file.Number);
        return Status.Ok;
    }

    /// <summary>Bytes that are there are the file's from now on.</summary>
    public Status Take(Node file) => Find(file) is { } staged ? Take(staged) : Status.Ok;

    public Status TakeAll()
    {
        foreach (StagedOpenFile? staged in _files)
        {
            Status status = staged is null ? Status.Ok : Take(staged);
            if (status != Status.Ok) return status;
        }
        return Status.Ok;
    }

    /// <summary>As Take, and with the transaction in progress nothing is staged any more.</summary>
    public Status End(Node file) => Find(file) is { } staged ? End(staged) : Status.Ok;

    /// <summary>Nobody has its capability any more.</summary>
    public void Closed(Badge badge)
    {
        if (Find(badge) is { } staged) End(staged);
    }

    /// <summary>
    /// The program waits for it. NotFound when it has ended, NoSpace when it does now.
    /// </summary>
    public Status Settle(Badge badge)
    {
        if (Find(badge) is not { } staged) return Status.NotFound;
        Status status = Take(staged);
        if (status == Status.Ok && !HasRoom(0)) status = End(staged, Status.NoSpace);
        if (status == Status.Ok) staged.Empty();
        return status;
    }

    /// <summary>For a write that may take so many chunks: all end before it fails.</summary>
    public Status MakeRoom(int chunks)
    {
        if (Count == 0 || HasRoom(chunks)) return Status.Ok;
        foreach (StagedOpenFile? staged in _files)
        {
            Status status = staged is null ? Status.Ok : End(staged);
            if (status != Status.Ok) return status;
        }
        return Status.Ok;
    }

    /// <summary>Ends what nobody has any more, although nobody has told.</summary>
    public void EndGone(OpenObjects objects)
    {
        foreach (StagedOpenFile? staged in _files)
        {
            if (staged is not null && !objects.IsLive(staged.Badge)) End(staged);
        }
    }

    private bool HasRoom(int chunks) =>
        _vault.Chunks.FreeChunks >= Count * ReservedChunks + chunks;

    private StagedOpenFile? Find(Badge badge) =>
        Array.Find(_files, staged => staged is not null && staged.Badge == badge);

    /// <summary>There is one at most: who begins another one has ended it.</summary>
    private StagedOpenFile? Find(Node file) =>
        Array.Find(_files, staged => staged is not null && FileOf(staged) == file);

    private Node? FileOf(StagedOpenFile staged) =>
        _tree.Objects.TryFind(staged.Badge, out OpenObject opened) ? opened.Node : null;

    private Status End(StagedOpenFile staged, Status ended = Status.Ok)
    {
        Status status = Map(staged, out bool isThere);
        if (status != Status.Ok) return status;
        if (isThere)
        {
            staged.End();
            TakeMapped(staged);
        }
        _table.Remove(staged.Record);
        staged.Close(_kernel!);
        _files[staged.Record] = null;
        Count--;
        return ended;
    }

    private Status Take(StagedOpenFile staged)
    {
        Status status = Map(staged, out bool isThere);
        if (isThere) TakeMapped(staged);
        return status;
    }

    private void TakeMapped(StagedOpenFile staged)
    {
        if (FileOf(staged) is not { } file) return;
        if (!staged.TryTake(file.LengthBytes, out StagedWrite run)) return;
        ulong modifiedNs = TimeOf(staged);
        _words.NoteChange(file.Number);
        do
        {
            // Too large for any file: what no program would have written.
            bool isGood = _tree.Bytes.Write(file, run.Offset, staged.BytesOf(run)) == Status.Ok;
            if (!isGood) break;
            if (modifiedNs > file.ModifiedNs) file.ModifiedNs = modifiedNs;
            _vault.Commit();
        }
        while (staged.TryTake(file.LengthBytes, out run));
    }

    /// <summary>
    /// Memory that is gone had nothing that is not committed; memory that cannot be mapped now has
    /// to wait for another request.
    /// </summary>
    private Status Map(StagedOpenFile staged, out bool isThere)
    {
        Status status = _kernel is null ? Status.NoMemory : staged.Map(_kernel);
        isThere = status == Status.Ok;
        bool isForNow = status is Status.NoMemory or Status.QuotaExceeded;
        return isForNow ? status : Status.Ok;
    }

    /// <summary>When the program made the last write, since 1970.</summary>
    private ulong TimeOf(StagedOpenFile staged)
    {
        ulong nowNs = _nowNs(), bootNs = _kernel!.ClockNow();
        ulong ageNs = bootNs - Math.Min(bootNs, staged.LastNs);
        return nowNs - Math.Min(nowNs, ageNs - ageNs % MemFsServer.TimeStepNs);
    }
}
