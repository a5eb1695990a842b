// Programs and file servers whose bytes come from a file: what they are given, and that they come
// back from the bytes that were kept.

using System.Linq;
using NUnit.Framework;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Tests.Unit.Servers.Supervisor;

public sealed partial class SupervisorTests
{
    /// <summary>Any capability will do: the processes here are none.</summary>
    private Capability Bytes() =>
        new(_shell.EndpointCreate(OnDeath.Hold, Layer.Shell).Value);

    [Test]
    public void Program_of_a_file_is_given_the_name_space_the_console_and_no_more()
    {
        Result<JobStarted> job = _client.RunNarrow(
            "/mnt/hello.elf", Bytes(), "a", "/mnt", NameSpaceAccess.Full, 0, default, default,
            default);
        Assert.That(job.Status, Is.EqualTo(Status.Ok));
        FakeProcess process = _processes.Find("hello.1");
        Assert.That(
            Given(process), Is.EquivalentTo((string[])["control", "vfs", "console", "pipes"]));
        Assert.That(process.Spec.Image, Is.Not.Zero);
    }

    [TestCase(NameSpaceAccess.ReadOnly, "control vfs console pipes", Rights.Call | Rights.Pass)]
    [TestCase(NameSpaceAccess.Full, "control vfs console pipes", Rights.Use)]
    public void Program_of_the_archive_with_less_is_no_master_of_tasks(
        NameSpaceAccess access, string expected, Rights rights)
    {
        Result<JobStarted> job = _client.RunNarrow(
            "hold", default, "a", "/mnt", access, 0, default, default, default);
        Assert.That(job.Status, Is.EqualTo(Status.Ok));
        FakeProcess process = _processes.Find("hold.1");
        Assert.That(Given(process), Is.EquivalentTo(expected.Split(' ')));
        Assert.That(process.Capability("vfs")!.Rights, Is.EqualTo(rights));
    }

    [TestCase(NameSpaceAccess.Full, Rights.Use)]
    [TestCase(NameSpaceAccess.ReadOnly, Rights.Call | Rights.Pass)]
    public void Program_in_directories_has_them_and_no_way_to_others(
        NameSpaceAccess access, Rights rights)
    {
        ulong set = _client.Bring(0, "/mnt/a", Bytes()).Value;
        Assert.That(_client.Bring(set, "/tmp", Bytes()).Value, Is.EqualTo(set));
        Assert.That(Narrowed(access, set), Is.EqualTo(Status.Ok));
        FakeProcess process = _processes.Find("hold.1");
        Assert.That(
            Given(process),
            Is.EquivalentTo((string[])["control", "console", "pipes", "dir0", "dir1"]));
        Assert.That(process.Capability("dir0")!.Rights, Is.EqualTo(rights));
        Assert.That(process.Environment, Does.Contain("dir0=/mnt/a").And.Contain("dir1=/tmp"));
        Assert.That(Narrowed(access, set), Is.EqualTo(Status.NotMounted), "used twice");
    }

    [Test]
    public void Directories_that_a_supervisor_has_forgotten_start_nothing()
    {
        ulong set = _client.Bring(0, "/mnt/a", Bytes()).Value;
        _server.Kill();
        _machine.Advance(Ms);
        _server.Restart(Make);
        Assert.That(_client.Bring(set, "/tmp", Bytes()).Status, Is.EqualTo(Status.NotMounted));
        Assert.That(Narrowed(NameSpaceAccess.Full, set), Is.EqualTo(Status.NotMounted));
        Assert.That(_processes.IsRunning("hold.1"), Is.False);
        ulong next = _client.Bring(0, "/mnt/a", Bytes()).Value;
        Assert.That(next, Is.Not.EqualTo(set));
        Assert.That(Narrowed(NameSpaceAccess.Full, next), Is.EqualTo(Status.Ok));
    }

    [Test]
    public void Directories_are_bounded_and_go_when_they_are_of_no_use()
    {
        int before = _machine.CountCapabilities(_server.Kernel);
        Assert.That(_client.Bring(0, "a/b", Bytes()).Status, Is.EqualTo(Status.InvalidName));
        Assert.That(_client.Bring(0, "/a", default).Status, Is.EqualTo(Status.BadArgument));
        Assert.That(_machine.CountCapabilities(_server.Kernel), Is.EqualTo(before));
        ulong first = _client.Bring(0, "/a", Bytes()).Value;
        Assert.That(_client.Bring(first, "/a", Bytes()).Status, Is.EqualTo(Status.AlreadyExists));
        for (int i = 1; i < Limits.DirectoriesOfProgram; i++)
            Assert.That(_client.Bring(first, $"/a{i}", Bytes()).Status, Is.EqualTo(Status.Ok));
        Assert.That(_client.Bring(first, "/z", Bytes()).Status, Is.EqualTo(Status.QuotaExceeded));
        for (int i = 0; i < 20; i++) _client.Bring(0, "/a", Bytes());
        Assert.That(_client.Bring(first, "/z", Bytes()).Status, Is.EqualTo(Status.NotMounted));
        Assert.That(
            _machine.CountCapabilities(_server.Kernel), Is.LessThan(before + 10));
    }

    private Status Narrowed(NameSpaceAccess access, ulong set) => _client.RunNarrow(
        "hold", default, "a", "/", access, set, default, default, default).Status;

    private static string[] Given(FakeProcess process) =>
    [
        .. process.Environment.Where(one => one.StartsWith("CAP_"))
            .Select(one => one[4..one.IndexOf('=')]),
    ];

    [Test]
    public void File_server_of_a_file_is_started_again_from_the_same_bytes()
    {
        Assert.That(
            _client.MountFile("none", "/mnt", "my.elf", "", Bytes()), Is.EqualTo(Status.Ok));
        ulong image = _processes.Find("my.elf@/mnt").Spec.Image;
        Crash("my.elf@/mnt");
        FakeProcess next = _processes.Find("my.elf@/mnt");
        Assert.That(next.Spec.Incarnation, Is.EqualTo(1));
        Assert.That(next.Spec.Image, Is.EqualTo(image));
        Assert.That(_client.Unmount("/mnt").Status, Is.EqualTo(Status.Ok));
    }

    [TestCase("memfs", Status.AlreadyExists)]
    [TestCase("", Status.BadArgument)]
    [TestCase("a b", Status.BadArgument)]
    [TestCase("a@b", Status.BadArgument)]
    [TestCase("a/b", Status.BadArgument)]
    public void File_server_of_a_file_has_a_name_of_its_own(string type, Status expected)
    {
        Assert.That(
            _client.MountFile("none", "/mnt", type, "", Bytes()), Is.EqualTo(expected));
        Assert.That(Mounts, Has.None.Contain("/mnt"));
    }
}
