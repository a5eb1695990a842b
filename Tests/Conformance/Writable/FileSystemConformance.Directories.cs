// Making, removing and listing directories.

using System;
using System.Collections.Generic;
using System.Linq;
using Shared.Abi;
using Shared.Contracts;

namespace Tests.Conformance.Writable;

public abstract partial class FileSystemConformance
{
    private const int SmallBufferBytes = 100;

    [Test]
    public void Directory_is_made_once()
    {
        _mount.MakeDirectory("d");
        _mount.Make("f");
        Assert.That(_mount.Stat("d").Type, Is.EqualTo(FileType.Directory));
        Assert.That(Root.MakeDirectory("d"), Is.EqualTo(Status.AlreadyExists));
        Assert.That(Root.MakeDirectory("f"), Is.EqualTo(Status.AlreadyExists));
        Assert.That(Root.MakeDirectory(""), Is.EqualTo(Status.AlreadyExists));
    }

    [Test]
    public void Directory_is_removed_when_it_is_empty()
    {
        _mount.MakeDirectory("d");
        _mount.Make("d/f");
        Assert.That(Root.RemoveDirectory("d"), Is.EqualTo(Status.NotEmpty));
        Assert.That(Root.RemoveFile("d/f"), Is.EqualTo(Status.Ok));
        Assert.That(Root.RemoveDirectory("d"), Is.EqualTo(Status.Ok));
        Assert.That(Root.Stat("d").Status, Is.EqualTo(Status.NotFound));
        Assert.That(Root.RemoveDirectory("d"), Is.EqualTo(Status.NotFound));
    }

    [Test]
    public void Removing_asks_for_the_right_kind()
    {
        _mount.MakeDirectory("d");
        _mount.Make("f");
        Assert.That(Root.RemoveFile("d"), Is.EqualTo(Status.IsDirectory));
        Assert.That(Root.RemoveFile(""), Is.EqualTo(Status.IsDirectory));
        Assert.That(Root.RemoveDirectory("f"), Is.EqualTo(Status.NotDirectory));
        Assert.That(_mount.Names(""), Is.EquivalentTo(new[] { "d", "f" }));
    }

    [Test]
    public void Root_of_the_mount_can_be_neither_removed_nor_moved()
    {
        _mount.MakeDirectory("d");
        Assert.That(Root.RemoveDirectory(""), Is.EqualTo(Status.IsMount));
        Assert.That(Root.Rename("", "x"), Is.EqualTo(Status.IsMount));
        Assert.That(Root.Rename("d", ""), Is.EqualTo(Status.IsMount));
    }

    [Test]
    public void Directory_is_not_removed_by_its_own_empty_path()
    {
        _mount.MakeDirectory("d");
        using OpenObject directory = _mount.OpenDirectory("d");
        Assert.That(directory.Calls.RemoveDirectory(""), Is.EqualTo(Status.InvalidName));
        Assert.That(directory.Calls.Rename("", "x"), Is.EqualTo(Status.InvalidName));
        Assert.That(_mount.Stat("d").Type, Is.EqualTo(FileType.Directory));
    }

    [Test]
    public void Removed_directory_is_empty_for_those_who_hold_it()
    {
        _mount.MakeDirectory("d");
        using OpenObject directory = _mount.OpenDirectory("d");
        Root.RemoveDirectory("d");
        Assert.That(directory.Calls.Stat("").Value.Links, Is.Zero);
        ulong cookie = 0;
        Assert.That(MountedFileSystem.ListOnce(directory.Calls, "", ref cookie, 512), Is.Empty);
        Assert.That(directory.Calls.MakeDirectory("x"), Is.EqualTo(Status.NotFound));
        Assert.That(directory.Calls.Open("x", Writing).Status, Is.EqualTo(Status.NotFound));
        Assert.That(_mount.Names(""), Is.Empty);
    }

    [Test]
    public void Listing_says_of_each_entry_what_Stat_says()
    {
        _mount.Make("f", "text");
        _mount.MakeDirectory("d");
        byte[] buffer = new byte[1024];
        Result<ListedEntries> listed = Root.List("", 0, buffer);
        Assert.That(listed.Value.Count, Is.EqualTo(2));
        Assert.That(listed.Value.NextCookie, Is.Zero);
        EntryReader reader = new(buffer.AsSpan(0, (int)listed.Value.LengthBytes));
        while (reader.TryRead(out EntryHeader entry, out string name))
        {
            FileStat stat = _mount.Stat(name);
            Assert.That(entry.Type, Is.EqualTo(stat.Type), name);
            Assert.That(entry.LengthBytes, Is.EqualTo(stat.LengthBytes), name);
            Assert.That(entry.FileNumber, Is.EqualTo(stat.FileNumber), name);
            Assert.That(entry.ModifiedNs, Is.EqualTo(stat.ModifiedNs), name);
        }
    }

    [Test]
    public void Listing_in_small_steps_gives_each_entry_once()
    {
        List<string> expected = [];
        for (int i = 0; i < 300; i++) expected.Add($"file-{i}");
        // The root of some volumes cannot grow.
        _mount.MakeDirectory("d");
        foreach (string name in expected) _mount.Make($"d/{name}");
        Assert.That(_mount.Names("d", SmallBufferBytes), Is.EquivalentTo(expected));
        Assert.That(_mount.Names("d", 64 * 1024), Is.EquivalentTo(expected));
        Assert.That(_mount.Names("d", 1024 * 1024), Is.EquivalentTo(expected));
    }

    [Test]
    public void Listing_gives_what_stays_once_whatever_goes_and_comes()
    {
        for (int i = 0; i < 100; i++) _mount.Make($"f{i}");
        Random random = new(7);
        HashSet<string> gone = [];
        List<string> seen = [];
        ulong cookie = 0;
        int added = 0;
        do
        {
            seen.AddRange(MountedFileSystem.ListOnce(Root, "", ref cookie, SmallBufferBytes));
            string victim = $"f{random.Next(100)}";
            if (gone.Add(victim)) Root.RemoveFile(victim);
            // Fewer come than are listed, or the listing would never end.
            if (added < 20) _mount.Make($"new{added++}");
        }
        while (cookie != 0);
        Assert.That(seen, Is.Unique);
        IEnumerable<string> stayed =
            Enumerable.Range(0, 100).Select(i => $"f{i}").Where(name => !gone.Contains(name));
        Assert.That(stayed, Is.SubsetOf(seen));
    }

    [Test]
    public void Listing_goes_on_after_the_entry_of_its_cookie_is_removed()
    {
        for (int i = 0; i < 10; i++) _mount.Make($"f{i}");
        ulong cookie = 0;
        List<string> seen = MountedFileSystem.ListOnce(Root, "", ref cookie, SmallBufferBytes);
        Root.RemoveFile(seen[^1]);
        while (cookie != 0)
        {
            seen.AddRange(MountedFileSystem.ListOnce(Root, "", ref cookie, SmallBufferBytes));
        }
        Assert.That(seen, Is.EquivalentTo(Enumerable.Range(0, 10).Select(i => $"f{i}")));
    }

    [Test]
    public void Listing_ends_when_all_that_was_left_is_removed()
    {
        for (int i = 0; i < 10; i++) _mount.Make($"f{i}");
        ulong cookie = 0;
        MountedFileSystem.ListOnce(Root, "", ref cookie, SmallBufferBytes);
        for (int i = 0; i < 10; i++) Root.RemoveFile($"f{i}");
        Assert.That(
            MountedFileSystem.ListOnce(Root, "", ref cookie, SmallBufferBytes), Is.Empty);
        Assert.That(cookie, Is.Zero);
    }

    [TestCase(0)]
    [TestCase(39)]
    public void Buffer_without_room_for_one_entry_is_TooLarge(int bufferBytes)
    {
        _mount.Make("f");
        Status status = Root.List("", 0, new byte[bufferBytes]).Status;
        Assert.That(status, Is.EqualTo(Status.TooLarge));
    }

    [Test]
    public void Listing_of_what_is_no_directory_fails()
    {
        _mount.Make("f");
        byte[] buffer = new byte[512];
        Assert.That(Root.List("f", 0, buffer).Status, Is.EqualTo(Status.NotDirectory));
        Assert.That(Root.List("x", 0, buffer).Status, Is.EqualTo(Status.NotFound));
    }

    [TestCase(1_000_000ul)]
    [TestCase(ulong.MaxValue)]
    public void Cookie_that_nobody_gave_does_no_harm(ulong cookie)
    {
        _mount.Make("f");
        Result<ListedEntries> listed = Root.List("", cookie, new byte[512]);
        Assert.That(listed.Status, Is.EqualTo(Status.Ok));
        Assert.That(listed.Value.NextCookie, Is.Zero);
    }
}
