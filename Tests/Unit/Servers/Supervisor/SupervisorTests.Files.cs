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
        Result<JobStarted> job = _client.RunFile(
            "/mnt/hello.elf", Bytes(), "a", "/mnt", default, default, default);
        Assert.That(job.Status, Is.EqualTo(Status.Ok));
        FakeProcess process = _processes.Find("hello.1");
        string[] given = [.. process.Environment.Where(one => one.StartsWith("CAP_"))
            .Select(one => one[4..one.IndexOf('=')])];
        Assert.That(
            given, Is.EquivalentTo((string[])["control", "vfs", "console", "pipes"]));
        Assert.That(process.Spec.Image, Is.Not.Zero);
    }

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
