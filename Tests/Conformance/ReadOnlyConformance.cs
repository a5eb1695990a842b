// What every file server must do whose mount cannot be written to.
//
// Rules: what is there is what the inheritor says; nothing of it ever changes.

using System.Collections.Generic;
using NUnit.Framework;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Tests.Conformance.Hosted;
using Tests.Conformance.Writable;
using Tests.Loopback;

namespace Tests.Conformance;

public abstract class ReadOnlyConformance
{
    protected LoopbackMount Mounted { get; private set; } = null!;

    protected FileSystemClient Root => Mounted.Root;

    /// <summary>A directory in the root.</summary>
    protected abstract string Directory { get; }

    protected abstract LoopbackMount Mount(LoopbackMachine machine);

    [SetUp]
    public void StartServer() => Mounted = Mount(new LoopbackMachine());

    [Test]
    public void Volume_says_that_it_is_read_only()
    {
        Result<VolumeStat> volume = Root.DescribeVolume();
        Assert.That(volume.Value.Flags, Is.EqualTo(VolumeFlags.ReadOnly));
        Assert.That(Root.SyncAll(), Is.EqualTo(Status.Ok));
    }

    [TestCase("new")]
    [TestCase(null)]
    public void Every_change_of_names_is_ReadOnly(string? name)
    {
        string path = name ?? Directory;
        List<string> before = Mounted.Names("");
        Assert.That(Root.MakeDirectory(path), Is.EqualTo(Status.ReadOnly));
        Assert.That(Root.RemoveDirectory(path), Is.EqualTo(Status.ReadOnly));
        Assert.That(Root.RemoveFile(path), Is.EqualTo(Status.ReadOnly));
        Assert.That(Root.Rename(path, "other"), Is.EqualTo(Status.ReadOnly));
        Assert.That(Root.Rename(Directory, path), Is.EqualTo(Status.ReadOnly));
        Assert.That(Root.SetTime(path, 1), Is.EqualTo(Status.ReadOnly));
        Assert.That(Mounted.Names(""), Is.EqualTo(before));
    }

    [TestCase(OpenMode.Write)]
    [TestCase(OpenMode.Read | OpenMode.Write)]
    [TestCase(OpenMode.Write | OpenMode.Create)]
    [TestCase(OpenMode.Write | OpenMode.Create | OpenMode.Exclusive)]
    [TestCase(OpenMode.Write | OpenMode.Truncate)]
    [TestCase(OpenMode.Read | OpenMode.Create)]
    public void Opening_to_change_is_ReadOnly(OpenMode mode) =>
        Assert.That(Root.Open("new", mode).Status, Is.EqualTo(Status.ReadOnly));

    [Test]
    public void Bad_path_is_InvalidName_before_it_is_ReadOnly()
    {
        foreach (string path in new[] { "a/", "..", "/a" })
        {
            Assert.That(Root.MakeDirectory(path), Is.EqualTo(Status.InvalidName));
            Assert.That(Root.Rename(Directory, path), Is.EqualTo(Status.InvalidName));
            Assert.That(Root.Stat(path).Status, Is.EqualTo(Status.InvalidName));
        }
    }

    [Test]
    public void Missing_path_is_NotFound()
    {
        Assert.That(Root.Stat("no-such").Status, Is.EqualTo(Status.NotFound));
        Assert.That(Root.Open("no-such", OpenMode.Read).Status, Is.EqualTo(Status.NotFound));
        Assert.That(Root.OpenDirectory("no-such").Status, Is.EqualTo(Status.NotFound));
        Assert.That(Root.Stat(Directory + "/no-such").Status, Is.EqualTo(Status.NotFound));
    }

    [Test]
    public void Directory_is_listed_whole_in_every_step_width()
    {
        List<string> all = Mounted.Names("", 64 * 1024);
        Assert.That(all, Does.Contain(Directory));
        Assert.That(all, Is.Unique);
        Assert.That(Mounted.Names("", 48), Is.EqualTo(all));
        Assert.That(Mounted.Names("", 200), Is.EqualTo(all));
        foreach (string name in all) Assert.That(Root.Stat(name).Status, Is.EqualTo(Status.Ok));
        Assert.That(Root.List("", 0, new byte[39]).Status, Is.EqualTo(Status.TooLarge));
    }

    [Test]
    public void Directory_capability_shows_the_same_as_the_path()
    {
        using OpenObject directory = Mounted.OpenDirectory(Directory);
        ulong cookie = 0;
        List<string> names = MountedFileSystem.ListOnce(directory.Calls, "", ref cookie, 4096);
        Assert.That(names, Is.EqualTo(Mounted.Names(Directory)));
        Assert.That(
            directory.Calls.Stat("").Value.FileNumber,
            Is.EqualTo(Mounted.Stat(Directory).FileNumber));
        Assert.That(directory.Calls.Read(0, new byte[4]).Status, Is.EqualTo(Status.IsDirectory));
        Assert.That(Root.Open(Directory, OpenMode.Read).Status, Is.EqualTo(Status.IsDirectory));
    }

    [Test]
    public void Opening_and_closing_leaves_nothing_behind()
    {
        Mounted.OpenDirectory(Directory).Dispose();
        int before = Mounted.Machine.CountCapabilities(Mounted.Server.Kernel);
        for (int i = 0; i < 100; i++)
        {
            Mounted.OpenDirectory(Directory).Dispose();
        }
        Assert.That(
            Mounted.Machine.CountCapabilities(Mounted.Server.Kernel), Is.EqualTo(before));
    }
}
