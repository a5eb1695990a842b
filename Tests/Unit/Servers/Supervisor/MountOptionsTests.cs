// Words of a mount: what is understood, and what is refused.

using NUnit.Framework;
using Servers.Supervisor.Mounts;
using Shared.Abi;

namespace Tests.Unit.Servers.Supervisor;

[TestFixture]
public sealed class MountOptionsTests
{
    [TestCase("", "rw,ondeath=hold")]
    [TestCase("ro", "ro,ondeath=hold")]
    [TestCase("rw", "rw,ondeath=hold")]
    [TestCase("ondeath=fail", "rw,ondeath=fail")]
    [TestCase("ondeath=vanish,ro", "ro,ondeath=vanish")]
    [TestCase("ro,ro,ondeath=hold", "ro,ondeath=hold")]
    [TestCase("deadline=5", "rw,ondeath=hold,deadline=5")]
    [TestCase("ro,deadline=0.5,ondeath=fail", "ro,ondeath=fail,deadline=0.5")]
    [TestCase("deadline=86400,deadline=86400", "rw,ondeath=hold,deadline=86400")]
    public void Options_are_shown_as_they_were_understood(string text, string shown) =>
        Assert.That(MountOptions.Parse(text)?.ToString(), Is.EqualTo(shown));

    [TestCase("RO")]
    [TestCase("ro,")]
    [TestCase(",")]
    [TestCase("ro rw")]
    [TestCase("ro,rw")]
    [TestCase("ondeath=")]
    [TestCase("ondeath=never")]
    [TestCase("ondeath=hold,ondeath=fail")]
    [TestCase("noatime")]
    [TestCase("deadline")]
    [TestCase("deadline=")]
    [TestCase("deadline=0")]
    [TestCase("deadline=0.0")]
    [TestCase("deadline=0.0001")]
    [TestCase("deadline=-1")]
    [TestCase("deadline=soon")]
    [TestCase("deadline=1e3")]
    [TestCase("deadline=86401")]
    [TestCase("deadline=79228162514264337593543950336")]
    [TestCase("deadline=1,deadline=2")]
    [TestCase("skeleton")]
    public void Options_that_mean_nothing_are_refused(string text) =>
        Assert.That(MountOptions.Parse(text), Is.Null);

    [TestCase("/", Status.Ok)]
    [TestCase("/mnt/a b", Status.Ok)]
    [TestCase("mnt", Status.InvalidName)]
    [TestCase("", Status.InvalidName)]
    [TestCase("/mnt/", Status.InvalidName)]
    [TestCase("/a//b", Status.InvalidName)]
    [TestCase("/a/../b", Status.InvalidName)]
    [TestCase("/a\nb", Status.BadArgument)]
    public void Target_is_canonical_and_one_line(string target, Status status) =>
        Assert.That(MountOptions.CheckTarget(target), Is.EqualTo(status));

    [TestCase("memory", true)]
    [TestCase("none", true)]
    [TestCase("", false)]
    [TestCase("two words", false)]
    [TestCase("line\n", false)]
    public void Source_is_one_word(string source, bool isGood) =>
        Assert.That(MountOptions.IsSource(source), Is.EqualTo(isGood));

    [Test]
    public void Mount_line_is_what_mount_prints()
    {
        MountOptions options = new(Access.ReadOnly, OnDeath.Vanish);
        Mount mount = new(1, "memory", "/mnt", "memfs", options, "ro");
        Assert.That(
            mount.Line(new ProcessId(12)),
            Is.EqualTo("memory on /mnt type memfs (ro,ondeath=vanish) by memfs@/mnt[12]"));
    }
}
