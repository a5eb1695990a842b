// What List shows of names, whose bytes go from the records to the caller a word at a time.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
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

    private void Make(string name)
    {
        Result<OpenedFile> made = _files.Open(name, OpenMode.Write | OpenMode.Create);
        Assert.That(made.Status, Is.EqualTo(Status.Ok));
        _client.Close(made.Value.File.Handle);
    }

    private List<string> List()
    {
        List<string> names = [];
        byte[] buffer = new byte[4096];
        ulong cookie = 0;
        do
        {
            ListedEntries page = _files.List("", cookie, buffer).Value;
            EntryReader reader = new(buffer.AsSpan(0, (int)page.LengthBytes));
            while (reader.TryRead(out EntryHeader header, out ReadOnlySpan<byte> name))
            {
                names.Add(Encoding.UTF8.GetString(name));
                Assert.That(header.Type, Is.EqualTo(FileType.File));
            }

            cookie = page.NextCookie;
        }
        while (cookie != 0);
        return names;
    }
}
