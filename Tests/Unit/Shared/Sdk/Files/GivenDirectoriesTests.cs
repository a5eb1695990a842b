// A program that has directories instead of the name space: what its paths find.

using System.Collections.Generic;
using NUnit.Framework;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using Tests.Loopback;

namespace Tests.Unit.Shared.Sdk.Files;

public sealed class GivenDirectoriesTests
{
    private LoopbackMachine _machine = null!;
    private LoopbackKernel _client = null!;
    private FileApi _files = null!;
    private int _handlesAtStart;

    [SetUp]
    public void Start()
    {
        _machine = new LoopbackMachine();
        _client = _machine.CreateTask("client");
        Dictionary<string, string> environment = new() { ["CWD"] = "/mnt/a" };
        foreach ((int number, string path) in (List<(int, string)>)[(0, "/mnt"), (1, "/mnt/a/b")])
        {
            Handle root = _machine.Serve($"server{number}", new FlatFileServer())
                .Connect(_client, new Badge(1));
            environment[$"dir{number}"] = path;
            environment[$"CAP_dir{number}"] = $"{root.Value:x}";
        }
        _files = FileApi.Open(new TaskContext(_client, "program", [], environment));
        _handlesAtStart = _machine.CountCapabilities(_client);
    }

    [TearDown]
    public void Client_keeps_no_handles() =>
        Assert.That(_machine.CountCapabilities(_client), Is.EqualTo(_handlesAtStart));

    [Test]
    public void Path_is_found_in_the_innermost_directory()
    {
        Assert.That(_files.WriteAll("/mnt/f", "outer"u8), Is.EqualTo(Status.Ok));
        Assert.That(_files.WriteAll("b/f", "inner"u8), Is.EqualTo(Status.Ok));
        Assert.That(_files.ReadAll("/mnt/a/b/f", 9).Value, Is.EqualTo("inner"u8.ToArray()));
        Assert.That(_files.ReadAll("../f", 9).Value, Is.EqualTo("outer"u8.ToArray()));
        Assert.That(_files.List("/mnt").Value, Has.Count.EqualTo(1));
    }

    [TestCase("/")]
    [TestCase("/proc")]
    [TestCase("/mntx")]
    [TestCase("/mnt/../etc")]
    [TestCase("../../f")]
    public void Path_outside_is_NotFound(string path)
    {
        Assert.That(_files.Stat(path).Status, Is.EqualTo(Status.NotFound));
        Assert.That(_files.Rename("/mnt/f", path), Is.EqualTo(Status.NotFound));
    }

    [Test]
    public void Directories_are_as_mounts_to_each_other()
    {
        _files.WriteAll("/mnt/f", "x"u8);
        Assert.That(_files.Rename("/mnt/f", "/mnt/a/b/f"), Is.EqualTo(Status.CrossMount));
        Assert.That(_files.RemoveDirectory("/mnt"), Is.EqualTo(Status.IsMount));
    }

    [Test]
    public void Program_without_any_has_the_name_space() => Assert.That(
        GivenDirectories.Of(
            new TaskContext(_client, "program", [], new Dictionary<string, string>())),
        Is.Null);
}
