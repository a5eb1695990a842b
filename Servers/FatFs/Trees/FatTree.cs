// Names of one volume: lookup by path, and every change of names.
//
// Rules: paths were checked with PathRules before. Each operation first finds out whether it can be
// done; what it has staged when it fails is aborted by the server.

using System;
using System.Collections.Generic;
using Servers.FatFs.Caching;
using Servers.FatFs.Directories;
using Servers.FatFs.Volumes;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Paths;
using Shared.Fat;

namespace Servers.FatFs.Trees;

/// <param name="commitPiece">Commits the transaction so far; room is made for the next.</param>
internal sealed partial class FatTree(
    FatVolume volume, NodeTable nodes, Orphans orphans, GoneNames gone, Func<ulong> nowNs,
    Action commitPiece)
{
    private readonly SlotWriter _writer = new(volume);

    /// <summary>What a node's entry says now; of a deleted one, what it said.</summary>
    public FatEntry EntryOf(FatNode node)
    {
        NodeState state = node.State;
        if (node != nodes.Root && !state.IsDeleted) return Read(state.Place);
        return new FatEntry
        {
            Place = EntryPlace.None, Type = state.Type, FirstCluster = state.FirstCluster,
            LengthBytes = state.LengthBytes, ModifiedNs = state.ModifiedNs,
            CreatedNs = state.CreatedNs,
        };
    }

    public Status Find(
        FatNode from, ReadOnlySpan<char> path, out FatEntry entry, List<uint>? passed = null)
    {
        entry = EntryOf(from);
        passed?.Add(entry.FirstCluster);
        while (!path.IsEmpty)
        {
            if (!entry.IsDirectory) return Status.NotDirectory;
            if (!from.IsLinked) return Status.NotFound;
            ReadOnlySpan<char> name = PathRules.TakeFirst(ref path);
            if (Lookup(entry.FirstCluster, name) is not { } next) return Status.NotFound;
            entry = next;
            passed?.Add(entry.FirstCluster);
        }
        return Status.Ok;
    }

    /// <summary>An empty file where nothing is; AlreadyExists with what is there.</summary>
    public Status MakeFile(FatNode from, string path, out FatEntry entry)
    {
        Status status = FindVacancy(from, path, out FatEntry parent, out string name, out entry);
        if (status != Status.Ok) return status;
        Span<byte> raw = stackalloc byte[RawEntry.Bytes];
        SetNew(raw, FatAttributes.Archive);
        status = Link(parent, name, raw, BlockClass.Directory, out EntryPlace place);
        if (status == Status.Ok) entry = Read(place);
        return status;
    }

    public Status MakeDirectory(FatNode from, string path)
    {
        Status status = FindVacancy(from, path, out FatEntry parent, out string name, out _);
        if (status != Status.Ok) return status;
        uint cluster = volume.Extend(0);
        if (cluster == 0) return Status.NoSpace;
        volume.ZeroCluster(cluster);
        Span<byte> block = volume.Cache.Change(volume.FirstBlock(cluster), BlockClass.Data);
        Span<byte> self = block[..RawEntry.Bytes], up = block.Slice(RawEntry.Bytes, RawEntry.Bytes);
        SetNew(self, FatAttributes.Directory);
        RawEntry.SetFirstCluster(self, cluster, volume.IsWide);
        self.CopyTo(up);
        ".          "u8.CopyTo(self);
        "..         "u8.CopyTo(up);
        RawEntry.SetFirstCluster(up, UpFrom(parent), volume.IsWide);
        Span<byte> raw = stackalloc byte[RawEntry.Bytes];
        SetNew(raw, FatAttributes.Directory);
        RawEntry.SetFirstCluster(raw, cluster, volume.IsWide);
        return Link(parent, name, raw, BlockClass.Directory, out _);
    }

    public Status RemoveFile(FatNode from, string path)
    {
        Status status = FindWithParent(from, path, out FatEntry parent, out FatEntry entry);
        if (status != Status.Ok) return status;
        if (entry.IsDirectory) return Status.IsDirectory;
        Unlink(parent, entry);
        return Status.Ok;
    }

    public Status RemoveDirectory(FatNode from, string path)
    {
        if (path.Length == 0) return StatusOfUnnamed(from);
        Status status = FindWithParent(from, path, out FatEntry parent, out FatEntry entry);
        if (status != Status.Ok) return status;
        if (!entry.IsDirectory) return Status.NotDirectory;
        if (volume.Scan(entry.FirstCluster).Next()) return Status.NotEmpty;
        RequireNoRename();
        Unlink(parent, entry);
        return Status.Ok;
    }

    public Status SetTime(FatNode from, string path, ulong modifiedNs)
    {
        Status status = Find(from, path, out FatEntry entry);
        if (status != Status.Ok) return status;
        // The root directory has no entry that could keep a time.
        if (entry.Place.IsNone) return from.IsLinked ? Status.NotSupported : Status.NotFound;
        SetModified(entry.Place, modifiedNs == 0 ? nowNs() : modifiedNs);
        return Status.Ok;
    }

    /// <summary>Writes length, first cluster and time of a file where they belong.</summary>
    public void Update(FatNode node, uint firstCluster, uint lengthBytes)
    {
        ulong now = nowNs();
        NodeState state = node.State with
        {
            FirstCluster = firstCluster, LengthBytes = lengthBytes, IsLoose = false,
        };
        if (state.IsDeleted) state = state with { ModifiedNs = FatTime.Of(now).ToNs() };
        nodes.Change(node, state);
        if (state.IsDeleted) return;
        Span<byte> raw = Slot(state.Place, BlockClass.Directory);
        RawEntry.SetFirstCluster(raw, firstCluster, volume.IsWide);
        RawEntry.SetLength(raw, lengthBytes);
        RawEntry.SetModified(raw, FatTime.Of(now));
        raw[11] |= (byte)FatAttributes.Archive;
    }

    /// <summary>The entry at a place that is known to have one.</summary>
    private FatEntry Read(EntryPlace place)
    {
        ReadOnlySpan<byte> raw = RawAt(place);
        bool isDirectory = (RawEntry.Attributes(raw) & FatAttributes.Directory) != 0;
        return new FatEntry
        {
            Place = place,
            Type = isDirectory ? FileType.Directory : FileType.File,
            Attributes = RawEntry.Attributes(raw),
            FirstCluster = RawEntry.FirstCluster(raw, volume.IsWide),
            LengthBytes = isDirectory ? 0 : RawEntry.Length(raw),
            ModifiedNs = RawEntry.Modified(raw).ToNs(),
            CreatedNs = RawEntry.Created(raw).ToNs(),
        };
    }

    private ReadOnlySpan<byte> RawAt(EntryPlace place)
    {
        bool isThere = volume.Directory(place.Directory)
            .TryLocate(place.Slot, out ulong block, out int offset);
        if (!isThere) throw new VolumeDamagedException($"directory {place.Directory} is cut");
        return volume.Cache.Read(block).Slice(offset, RawEntry.Bytes);
    }

    private FatEntry? Lookup(uint directory, ReadOnlySpan<char> name)
    {
        EntryScanner scanner = volume.Scan(directory);
        while (scanner.Next())
        {
            if (!scanner.Has(name)) continue;
            FatEntry entry = scanner.ToEntry();
            bool isBad = entry.IsDirectory && (entry.FirstCluster == volume.RootDirectory
                || !volume.Layout.IsCluster(entry.FirstCluster));
            if (isBad) throw new VolumeDamagedException($"directory {entry.Name} has no cluster");
            return entry;
        }
        return null;
    }

    /// <summary>The status of removing or moving a directory by its empty path.</summary>
    private Status StatusOfUnnamed(FatNode directory) =>
        directory == nodes.Root ? Status.IsMount : Status.InvalidName;

    private Status FindParent(
        FatNode from, string path, out FatEntry parent, out string name, List<uint>? passed = null)
    {
        int split = path.LastIndexOf('/');
        name = path[(split + 1)..];
        Status status = Find(from, path.AsSpan(0, Math.Max(split, 0)), out parent, passed);
        if (status != Status.Ok) return status;
        return parent.IsDirectory ? Status.Ok : Status.NotDirectory;
    }

    private Status FindWithParent(
        FatNode from, string path, out FatEntry parent, out FatEntry entry)
    {
        Status status = FindParent(from, path, out parent, out string name);
        entry = parent;
        if (status != Status.Ok || name.Length == 0) return status;
        if (!from.IsLinked) return Status.NotFound;
        if (Lookup(parent.FirstCluster, name) is not { } found) return Status.NotFound;
        entry = found;
        return Status.Ok;
    }

    /// <summary>
    /// Ok with a directory and a free name in it. AlreadyExists with the entry that has the name.
    /// </summary>
    private Status FindVacancy(
        FatNode from, string path, out FatEntry parent, out string name, out FatEntry entry,
        List<uint>? passed = null)
    {
        Status status = FindParent(from, path, out parent, out name, passed);
        entry = parent;
        if (status != Status.Ok) return status;
        if (name.Length == 0) return Status.AlreadyExists;
        if (!from.IsLinked) return Status.NotFound;
        if (Lookup(parent.FirstCluster, name) is not { } existing) return NameRules.Check(name);
        entry = existing;
        return Status.AlreadyExists;
    }

    private Status Link(
        FatEntry parent, string name, Span<byte> raw, BlockClass kind, out EntryPlace place)
    {
        DirectoryFile directory = volume.Directory(parent.FirstCluster);
        Status status = Add(directory, name, raw, kind, out place);
        if (status == Status.Ok) Touch(parent);
        return status;
    }

    private Status Add(
        DirectoryFile directory, string name, Span<byte> raw, BlockClass kind,
        out EntryPlace place, ReadOnlySpan<ulong> avoided = default)
    {
        Status status = _writer.Add(
            directory, name, raw, kind, gone.ShortNamesOf(directory.First), out place, avoided);
        if (status != Status.Ok) return status;
        gone.RequireNone(name, ShortName.Of(raw), place, BlocksOf(place));
        return Status.Ok;
    }

    private void Erase(FatEntry entry)
    {
        EntryPlace place = entry.Place;
        gone.Add(entry.Name, place, BlocksOf(place), ShortName.Of(RawAt(place)));
        _writer.Remove(volume.Directory(place.Directory), place, BlockClass.Directory);
    }

    private void Unlink(FatEntry parent, FatEntry entry)
    {
        FatNode? node = nodes.At(entry.Place);
        Erase(entry);
        Touch(parent);
        Detach(node, entry);
    }

    /// <summary>Nothing leads to the file any more but its holders.</summary>
    private void Detach(FatNode? node, FatEntry entry)
    {
        if (node is null || entry.IsDirectory) orphans.Add(entry.FirstCluster);
        if (node is null) return;
        nodes.Change(node, node.State with
        {
            IsDeleted = true, ModifiedNs = entry.ModifiedNs, CreatedNs = entry.CreatedNs,
            FirstCluster = entry.IsDirectory ? 0 : node.State.FirstCluster,
        });
    }

    private void Touch(FatEntry directory)
    {
        if (!directory.Place.IsNone) SetModified(directory.Place, nowNs());
    }

    private void SetModified(EntryPlace place, ulong ns) =>
        RawEntry.SetModified(Slot(place, BlockClass.Directory), FatTime.Of(ns));

    private Span<byte> Slot(EntryPlace place, BlockClass kind) =>
        _writer.Slot(volume.Directory(place.Directory), place.Slot, kind);

    private void SetNew(Span<byte> raw, FatAttributes attributes)
    {
        raw.Clear();
        raw[11] = (byte)attributes;
        FatTime now = FatTime.Of(nowNs());
        RawEntry.SetCreated(raw, now);
        RawEntry.SetModified(raw, now);
    }

    /// <summary>
    /// What a directory's ".." says; 0 for the root, also on FAT32 (FAT p. 26).
    /// </summary>
    private uint UpFrom(FatEntry parent) =>
        parent.FirstCluster == volume.RootDirectory ? 0 : parent.FirstCluster;
}
