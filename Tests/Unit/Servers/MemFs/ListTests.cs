// What List shows of names, whose bytes go from the records to the caller a word at a time; and
// that what was listed last is shown again only while it is the same.

using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using Servers.MemFs;
using Servers.MemFs.Vaults;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Tests.Loopback;

namespace Tests.Unit.Servers.MemFs;

public sealed class ListTests
{
    private FileSystemClient _files = null!;
    private LoopbackKernel _client = null!;

    [SetUp]
    public void Start()
    {
        LoopbackMachine machine = new();
        LoopbackServer server = machine.Serve(
            "memfs", new MemFsServer(
                MemFsOptions.Default, () => 1, MemVault.OnHeap(MemFsOptions.Default, nowNs: 1)));
        _client = machine.CreateTask("client");
        _files = new FileSystemClient(_client, server.Connect(_client, OpenObjects.RootBadge));
    }

    [TestCase('x', 1)]
    [TestCase('\u00FC', 2)]
    public void Names_of_every_length_are_listed_as_they_were_made(char letter, int letterBytes)
    {
        string[] names = [.. Enumerable.Range(1, Limits.MaxNameBytes / letterBytes)
            .Select(length => new string(letter, length))];
        foreach (string name in names) Make(name);
        Assert.That(List(), Is.EqualTo(names));
    }

    // What a longer name has left in its record is no part of the shorter one.
    [Test]
    public void Shorter_name_in_the_place_of_a_longer_one_is_listed_alone()
    {
        foreach (int length in (int[])[40, 16, 15, 9, 8, 7, 1])
        {
            Make(new string('y', length + 1));
            string name = new('x', length);
            _files.Rename(new string('y', length + 1), name);
            Assert.That(List(), Is.EqualTo(new[] { name }));
            _files.RemoveFile(name);
        }
    }

    [Test]
    public void Change_of_whatever_is_shown_is_in_the_next_list()
    {
        Make("a");
        Make("b");
        _files.MakeDirectory("d");
        FileSystemClient file = new(
            _client, _files.Open("a", OpenMode.Read | OpenMode.Write).Value.File.Handle);
        (Action Change, string Listed)[] steps =
        [
            (() => file.Write(0, "12345"u8), "a5@1 b0@1 d0@1"),
            (() => file.Append("6"u8), "a6@1 b0@1 d0@1"),
            (() => file.SetLength(2), "a2@1 b0@1 d0@1"),
            (() => _files.SetTime("b", 7), "a2@1 b0@7 d0@1"),
            (() => _files.Rename("b", "c"), "a2@1 d0@1 c0@7"),
            (() => _files.Open("a", OpenMode.Write | OpenMode.Truncate), "a0@1 d0@1 c0@7"),
            (() => Make("d/inner"), "a0@1 d0@1 c0@7"),
            (() => _files.RemoveFile("c"), "a0@1 d0@1"),
            (() => Make("e"), "a0@1 d0@1 e0@1"),
            (() => _files.RemoveFile("d/inner"), "a0@1 d0@1 e0@1"),
            (() => _files.RemoveDirectory("d"), "a0@1 e0@1"),
        ];
        foreach ((Action change, string listed) in steps)
        {
            Assert.That(Describe("", 4096), Is.EqualTo(Describe("", 4096)));
            change();
            Assert.That(Describe("", 4096), Is.EqualTo(listed));
        }
    }

    [Test]
    public void Another_directory_place_or_buffer_is_another_list()
    {
        _files.MakeDirectory("d");
        Make("d/inner");
        Make("a");
        Make("b");
        for (int i = 0; i < 3; i++)
        {
            Assert.That(Describe("", 4096), Is.EqualTo("d0@1 a0@1 b0@1"));
            Assert.That(Describe("d", 4096), Is.EqualTo("inner0@1"));
            Assert.That(Describe("", 90), Is.EqualTo("d0@1 a0@1 b0@1"));
            Assert.That(_files.List("", 0, new byte[8]).Status, Is.EqualTo(Status.TooLarge));
        }
    }

    /// <summary>Names, lengths and times, in as many calls as such a buffer needs.</summary>
    private string Describe(string path, int bufferBytes) =>
        string.Join(' ', Entries(path, bufferBytes).Select(
            entry => $"{entry.Name}{entry.Header.LengthBytes}@{entry.Header.ModifiedNs}"));

    private void Make(string name)
    {
        Result<OpenedFile> made = _files.Open(name, OpenMode.Write | OpenMode.Create);
        Assert.That(made.Status, Is.EqualTo(Status.Ok));
        _client.Close(made.Value.File.Handle);
    }

    private List<string> List()
    {
        List<(EntryHeader Header, string Name)> entries = Entries("", 4096);
        Assert.That(entries.Select(entry => entry.Header.Type), Is.All.EqualTo(FileType.File));
        return [.. entries.Select(entry => entry.Name)];
    }

    private List<(EntryHeader Header, string Name)> Entries(string path, int bufferBytes)
    {
        List<(EntryHeader, string)> entries = [];
        byte[] buffer = new byte[bufferBytes];
        ulong cookie = 0;
        do
        {
            ListedEntries page = _files.List(path, cookie, buffer).Value;
            EntryReader reader = new(buffer.AsSpan(0, (int)page.LengthBytes));
            while (reader.TryRead(out EntryHeader header, out string name))
                entries.Add((header, name));
            cookie = page.NextCookie;
        }
        while (cookie != 0);
        return entries;
    }
}
