// Walks a directory entry by entry, with long names put together.
//
// Rules: what a damaged directory holds is skipped, not believed: parts of long names without a
// short one, names that no path can say. The directory must not change meanwhile.

using System;
using System.Collections.Generic;
using Servers.FatFs.Caching;
using Servers.FatFs.Volumes;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Paths;
using Shared.Fat;

namespace Servers.FatFs.Directories;

internal sealed class EntryScanner
{
    private readonly FatLayout _layout;
    private readonly BlockCache _cache;
    private readonly DirectoryFile _directory;
    private readonly LongName _long = new();
    private readonly byte[] _block;
    private readonly byte[] _entry = new byte[RawEntry.Bytes];
    private readonly char[] _shortName = new char[RawEntry.NameBytes + 1];
    private readonly List<int> _parts = [];
    private readonly List<int> _stray = [];
    private int _next;
    private int _shortLength;
    private readonly char[] _longName = new char[NameRules.MaxUnits + LongName.UnitsPerSlot];
    private int _longLength;
    private bool _hasStray;

    public EntryScanner(FatLayout layout, BlockCache cache, DirectoryFile directory)
    {
        _layout = layout;
        _cache = cache;
        _directory = directory;
        _block = new byte[cache.BlockBytes];
    }

    /// <summary>Of the entry found last.</summary>
    public EntryPlace Place { get; private set; }
    public ReadOnlySpan<byte> Raw => _entry;
    /// <summary>The long name, or the short one where there is none.</summary>
    public ReadOnlySpan<char> Name =>
        _longLength != 0 ? _longName.AsSpan(0, _longLength) : Short;
    private ReadOnlySpan<char> Short => _shortName.AsSpan(0, _shortLength);

    /// <summary>Slots that were parts of a long name without its short one.</summary>
    public IReadOnlyList<int> StrayParts
    {
        get
        {
            _stray.AddRange(_parts);
            _parts.Clear();
            return _stray;
        }
    }

    /// <summary>False at the end of the directory.</summary>
    public bool Next()
    {
        while (_directory.TryLocate(_next, out ulong block, out int offset))
        {
            if (offset == 0 || _next == 0) _cache.Read(block).CopyTo(_block);
            ReadOnlySpan<byte> slot = _block.AsSpan(offset, RawEntry.Bytes);
            if (slot[0] == RawEntry.EndMark) return false;
            if (Take(slot, _next++)) return true;
        }
        return false;
    }

    /// <summary>Whether the entry has the name, as its long or its short one.</summary>
    public bool Has(ReadOnlySpan<char> name) =>
        NameRules.AreSame(Name, name) || NameRules.AreSame(Short, name);

    public FatEntry ToEntry()
    {
        bool isDirectory = (RawEntry.Attributes(_entry) & FatAttributes.Directory) != 0;
        return new FatEntry
        {
            Place = Place,
            Type = isDirectory ? FileType.Directory : FileType.File,
            FirstCluster = RawEntry.FirstCluster(_entry, _layout.Kind == FatKind.Fat32),
            Attributes = RawEntry.Attributes(_entry),
            LengthBytes = isDirectory ? 0 : RawEntry.Length(_entry),
            ModifiedNs = RawEntry.Modified(_entry).ToNs(),
            CreatedNs = RawEntry.Created(_entry).ToNs(),
            Name = Name.ToString(),
            HasStrayParts = _hasStray,
        };
    }

    private bool Take(ReadOnlySpan<byte> slot, int number)
    {
        if (slot[0] != RawEntry.Deleted && RawEntry.IsLongName(slot))
        {
            _long.Take(slot, number);
            _parts.Add(number);
            return false;
        }
        bool isEntry = slot[0] != RawEntry.Deleted && !RawEntry.IsDots(slot)
            && (RawEntry.Attributes(slot) & FatAttributes.VolumeLabel) == 0;
        if (isEntry) TakeEntry(slot, number);
        foreach (int part in _parts)
        {
            if (!isEntry || part < Place.FirstSlot) _stray.Add(part);
        }
        _parts.Clear();
        _long.Clear();
        return isEntry && PathRules.CheckName(Name) == Status.Ok;
    }

    private void TakeEntry(ReadOnlySpan<byte> slot, int number)
    {
        slot.CopyTo(_entry);
        string shortName = RawEntry.ShortName(slot);
        shortName.CopyTo(_shortName);
        _shortLength = shortName.Length;
        bool hasLong = _long.IsFor(slot);
        _hasStray = !hasLong && _parts.Count != 0;
        bool isLong = hasLong && PathRules.CheckName(_long.Name) == Status.Ok;
        _longLength = isLong ? _long.Name.Length : 0;
        if (isLong) _long.Name.CopyTo(_longName);
        Place = new EntryPlace(_directory.First, hasLong ? _long.FirstSlot : number, number);
    }
}
