// Random work on a mount over a disk that is traced, with what a power cut must leave of it.
//
// Rules: the work is fixed by its seed. What it knows of a cut: files that were on the disk at the
// last answered SyncAll or Flush and were not changed since are there, whole; one that was only
// renamed since is there under its old or its new name.

using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Tests.Disks;

namespace Tests.Unit.Servers.FatFs;

internal sealed class CutWork(FatMount mount, TraceDisk disk, int seed)
{
    private const int MaxFileBytes = 12_000;
    private static readonly string[] s_directories = ["", "d/", "A directory with a name/", "d/e/"];
    private static readonly string[] s_names =
        ["F", "g.txt", "a longer name.text", new string('n', 60), new string('w', 230), "H", "i"];

    private enum Kind { Change, Rename }

    private sealed record Change(int Events, Kind Kind, string Source, string Target);

    private sealed record Synced(int Events, int Changes, Dictionary<string, byte[]> Files);

    private readonly Random _random = new(seed);
    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly List<Change> _changes = [];
    private readonly List<Synced> _synced = [new(0, 0, [])];

    /// <summary>What is there now, by path.</summary>
    public IReadOnlyDictionary<string, byte[]> Files => _files;

    public void Run(int steps)
    {
        foreach (string directory in s_directories.Skip(1))
        {
            Require(mount.Root.MakeDirectory(directory.TrimEnd('/')));
        }
        for (int step = 0; step < steps; step++) Step();
        Sync();
    }

    private void Step()
    {
        int dice = _random.Next(100);
        if (dice < 40) Write(Path());
        else if (dice < 55) Cut(Path());
        else if (dice < 67) Remove(Path());
        else if (dice < 87) Rename(Path(), Path());
        else if (dice < 92) MoveDirectory();
        else if (dice < 96) mount.Idle();
        else Sync();
    }

    private void Write(string path)
    {
        byte[] bytes = new byte[_random.Next(1, MaxFileBytes)];
        _random.NextBytes(bytes);
        byte[] old = _files.GetValueOrDefault(path) ?? [];
        int offset = _random.Next(3) switch { 0 => 0, 1 => old.Length, _ => _random.Next(9000) };
        Result<OpenedFile> opened = mount.Root.Open(path, FatMount.Both | OpenMode.Create);
        if (opened.Status == Status.NotFound) return;
        Require(opened.Status);
        FileSystemClient file = new(mount.Client, opened.Value.File.Handle);
        Note(Kind.Change, path);
        Require(file.Write((ulong)offset, bytes).Status);
        // A copy: what was synced has the old one.
        old = [.. old, .. new byte[Math.Max(0, offset + bytes.Length - old.Length)]];
        bytes.CopyTo(old, offset);
        _files[path] = old;
        mount.Close(file);
    }

    private void Cut(string path)
    {
        if (!_files.TryGetValue(path, out byte[]? bytes)) return;
        int length = _random.Next(3) == 0 ? 0 : _random.Next(MaxFileBytes);
        Note(Kind.Change, path);
        FileSystemClient file = mount.Open(path, FatMount.Both);
        Require(file.SetLength((ulong)length));
        Array.Resize(ref bytes, length);
        _files[path] = bytes;
        mount.Close(file);
    }

    private void Remove(string path)
    {
        if (!_files.Remove(path)) return;
        Note(Kind.Change, path);
        bool isHeld = _random.Next(3) == 0;
        FileSystemClient? held = isHeld ? mount.Open(path, OpenMode.Read) : null;
        Require(mount.Root.RemoveFile(path));
        // It is closed with its client at last: some stay open beyond the cut.
        if (held is not null && _random.Next(2) == 0) mount.Close(held);
    }

    private void Rename(string source, string target)
    {
        if (!_files.TryGetValue(source, out byte[]? bytes) || source == target) return;
        Status status = mount.Root.Rename(source, target);
        if (status == Status.NotFound) return;
        Require(status);
        if (_files.ContainsKey(target)) Note(Kind.Change, target);
        Note(Kind.Rename, source, target);
        _files.Remove(source);
        _files[target] = bytes;
    }

    /// <summary>From d to the other directory and back.</summary>
    private void MoveDirectory()
    {
        const string inside = "d/e/", outside = "A directory with a name/e/";
        bool isInside = mount.Root.Stat("d/e").IsOk;
        (string source, string target) = isInside ? (inside, outside) : (outside, inside);
        Require(mount.Root.Rename(source.TrimEnd('/'), target.TrimEnd('/')));
        Note(Kind.Rename, source, target);
        foreach (string path in _files.Keys.Where(path => path.StartsWith(source)).ToArray())
        {
            _files.Remove(path, out byte[]? bytes);
            _files[target + path[source.Length..]] = bytes!;
        }
    }

    private void Sync()
    {
        Require(mount.Root.SyncAll());
        _synced.Add(new Synced(disk.Events, _changes.Count, new(_files)));
    }

    /// <summary>Files that a cut behind so many events has lost; empty: none.</summary>
    public string Verify(FatMount after, int events)
    {
        Synced synced = _synced.Last(one => one.Events <= events);
        IEnumerable<Change> since =
            _changes.Skip(synced.Changes).TakeWhile(change => change.Events <= events);
        List<string> lost = [];
        foreach ((string path, byte[] bytes) in synced.Files)
        {
            HashSet<string>? places = PlacesOf(path, since);
            if (places is null) continue;
            bool isThere = places.Any(place => after.Root.Stat(place).IsOk
                && after.Read(place).AsSpan().SequenceEqual(bytes));
            if (!isThere) lost.Add(path);
        }
        return string.Join(", ", lost);
    }

    /// <summary>Where an unchanged file may be; null when it was changed.</summary>
    private static HashSet<string>? PlacesOf(string path, IEnumerable<Change> since)
    {
        HashSet<string> places = [path];
        foreach (Change change in since)
        {
            if (change.Kind == Kind.Change && places.Contains(change.Source)) return null;
            if (change.Kind != Kind.Rename) continue;
            foreach (string place in places.ToArray())
            {
                bool isInside = change.Source.EndsWith('/') && place.StartsWith(change.Source);
                if (place == change.Source) places.Add(change.Target);
                else if (isInside) places.Add(change.Target + place[change.Source.Length..]);
            }
        }
        // A file may have come to its new place, and the directory around it not yet.
        foreach (Change change in since.Where(change => change.Source.EndsWith('/')))
        {
            foreach (string place in places.Where(one => one.StartsWith(change.Target)).ToArray())
            {
                places.Add(change.Source + place[change.Target.Length..]);
            }
        }
        return places;
    }

    private string Path() => s_directories[_random.Next(s_directories.Length)]
        + s_names[_random.Next(s_names.Length)];

    private void Note(Kind kind, string source, string target = "") =>
        _changes.Add(new Change(disk.Events, kind, source, target));

    private static void Require(Status status) =>
        Assert.That(status, Is.EqualTo(Status.Ok));
}
