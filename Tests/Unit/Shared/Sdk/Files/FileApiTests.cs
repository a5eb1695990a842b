// Files by path: the whole way from a path as typed, through Vfs, to two mounts, and nothing left.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using NUnit.Framework;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using Tests.Loopback;

namespace Tests.Unit.Shared.Sdk.Files;

public sealed class FileApiTests
{
    private LoopbackMachine _machine = null!;
    private LoopbackKernel _client = null!;
    private FileApi _files = null!;
    private TwoMountVfs _vfs = null!;
    private LoopbackServer _vfsHost = null!;
    private LoopbackServer _mountHost = null!;
    private int _handlesAtStart;

    [SetUp]
    public void Start()
    {
        _machine = new LoopbackMachine();
        FlatFileServer root = new();
        FlatFileServer mount = new();
        LoopbackServer rootHost = _machine.Serve("root", root);
        _mountHost = _machine.Serve("mount", mount);
        _vfs = new TwoMountVfs();
        _vfsHost = _machine.Serve("vfs", _vfs);
        _vfs.Root = rootHost.Connect(_vfsHost.Kernel, new Badge(1));
        _vfs.Mount = _mountHost.Connect(_vfsHost.Kernel, new Badge(1));
        _client = _machine.CreateTask("client");
        _files = new FileApi(_client, _vfsHost.Connect(_client));
        _handlesAtStart = _machine.CountCapabilities(_client);
    }

    [TearDown]
    public void Client_keeps_no_handles()
    {
        _files.Dispose();
        Assert.That(_machine.CountCapabilities(_client), Is.EqualTo(_handlesAtStart));
    }

    [Test]
    public void Vfs_is_asked_for_a_root_once_while_its_version_stays()
    {
        for (int i = 0; i < 5; i++) _files.Stat("/mnt/f");
        Assert.That(_vfs.Resolves, Is.EqualTo(1));
        _vfs.Number++;
        for (int i = 0; i < 5; i++) _files.Stat("/mnt/f");
        Assert.That(_vfs.Resolves, Is.EqualTo(2));
    }

    [Test]
    public void Vfs_is_not_asked_while_the_words_say_that_nothing_has_changed()
    {
        _vfs.Page = _vfsHost.Kernel.MemoryCreate(Limits.PageBytes).Value;
        MountWords words = MountWords.Map(
            _vfsHost.Kernel, _vfs.Page, Rights.Read | Rights.Write)!;
        words.Publish(_vfs.Number);
        _files.Stat("/mnt/f");
        int before = _vfs.Versions;
        for (int i = 0; i < 5; i++) _files.Stat("/mnt/f");
        Assert.That(_vfs.Versions, Is.EqualTo(before));
        // Vfs has not heard of it yet, and then has another version.
        words.NoteChange();
        for (int i = 0; i < 5; i++) _files.Stat("/mnt/f");
        Assert.That(_vfs.Versions, Is.EqualTo(before + 5));
        Assert.That(_vfs.Resolves, Is.EqualTo(1));
        words.Publish(++_vfs.Number);
        words.CatchUp(words.Changes);
        for (int i = 0; i < 5; i++) _files.Stat("/mnt/f");
        Assert.That(_vfs.Versions, Is.EqualTo(before + 5 + 1));
        Assert.That(_vfs.Resolves, Is.EqualTo(2));
    }

    /// <summary>As after umount and mount, before Vfs has heard of it.</summary>
    [Test]
    public void Root_that_was_revoked_is_asked_for_anew()
    {
        _files.WriteAll("/mnt/f", "one"u8);
        FlatFileServer next = new();
        _vfs.Mount = _machine.Serve("next", next).Connect(_vfsHost.Kernel, new Badge(1));
        _mountHost.Kill();
        _mountHost.Owner.Revoke(_mountHost.OwnerEndpoint);
        Assert.That(_files.Stat("/mnt/f").Status, Is.EqualTo(Status.NotFound));
        Assert.That(_files.WriteAll("/mnt/f", "two"u8), Is.EqualTo(Status.Ok));
    }

    [Test]
    public void File_is_read_as_it_was_written()
    {
        byte[] content = new byte[200_000];
        new Random(1).NextBytes(content);
        Assert.That(_files.WriteAll("/mnt/f", content), Is.EqualTo(Status.Ok));
        Assert.That(_files.ReadAll("/mnt/f", 200_000).Value, Is.EqualTo(content));
        Assert.That(_files.ReadAll("/mnt/f", 199_999).Status, Is.EqualTo(Status.TooLarge));
        Assert.That(_files.ReadAll("/f", 10).Status, Is.EqualTo(Status.NotFound));
        Assert.That(_files.Stat("/mnt/f").Value.LengthBytes, Is.EqualTo(200_000));
    }

    [Test]
    public void File_is_read_by_a_relative_path()
    {
        _files.Directory = CanonicalPath.Parse("/mnt").Value;
        Assert.That(_files.WriteAll("f", "one"u8), Is.EqualTo(Status.Ok));
        Assert.That(_files.WriteAll("../f", "two"u8), Is.EqualTo(Status.Ok));
        Assert.That(Text(_files.ReadAll("/mnt/f", 9)), Is.EqualTo("one"));
        Assert.That(Text(_files.ReadAll("/f", 9)), Is.EqualTo("two"));
    }

    [Test]
    public void Rename_is_refused_when_it_crosses_or_moves_a_mount()
    {
        _files.WriteAll("/f", "x"u8);
        Assert.That(_files.Rename("/f", "/mnt/f"), Is.EqualTo(Status.CrossMount));
        Assert.That(_files.Rename("/mnt", "/g"), Is.EqualTo(Status.IsMount));
        Assert.That(_files.Rename("/f", "/mnt"), Is.EqualTo(Status.IsMount));
        Assert.That(_files.Rename("/f", "/g"), Is.EqualTo(Status.Ok));
        Assert.That(_files.Stat("/g").IsOk, Is.True);
        Assert.That(_files.RemoveDirectory("/mnt"), Is.EqualTo(Status.IsMount));
        Assert.That(_files.MakeDirectory("/mnt"), Is.EqualTo(Status.AlreadyExists));
    }

    [Test]
    public void List_has_all_pages_sorted()
    {
        for (int i = 999; i >= 0; i--) _files.WriteAll($"/f{i:d3}", "x"u8);
        Result<List<ListedEntry>> listed = _files.List("/");
        Assert.That(listed.Status, Is.EqualTo(Status.Ok));
        Assert.That(listed.Value.Select(one => one.Name),
            Is.EqualTo(Enumerable.Range(0, 1000).Select(i => $"f{i:d3}")));
    }

    [Test]
    public void Offset_moves_with_reads_and_writes()
    {
        _files.WriteAll("/f", "0123456789"u8);
        using RemoteFile file = _files.Open("/f", OpenMode.Read | OpenMode.Write).Value;
        byte[] part = new byte[4];
        file.Read(part);
        Assert.That(Encoding.UTF8.GetString(part), Is.EqualTo("0123"));
        file.Write("ab"u8);
        file.Read(part);
        Assert.That(Encoding.UTF8.GetString(part), Is.EqualTo("6789"));
        Assert.That(file.Read(part).Value, Is.EqualTo(0));
        Assert.That(file.Append("!"u8).Value, Is.EqualTo(11));
        file.Dispose();
        Assert.That(file.Read(part).Status, Is.EqualTo(Status.BadHandle));
    }

    private static string Text(Result<byte[]> bytes) => Encoding.UTF8.GetString(bytes.Value);
}
