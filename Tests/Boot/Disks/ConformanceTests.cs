// The conformance suite of file systems in the guest: the cases of Tests/Conformance/Writable, over
// the real kernel, Vfs, servers and disk drivers.

using System.Threading.Tasks;
using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Disks;

[TestFixtureSource(typeof(DiskTest), nameof(AnyBus))]
public sealed class ConformanceTests(DiskBus bus) : DiskTest(bus)
{
    private const int Minutes = 60;

    [Test]
    public void Memfs_keeps_the_contract_in_the_guest()
    {
        Succeeds("mount -t memfs none /mnt");
        Passes("memfs@/mnt any");
    }

    [TestCase("12", 8, 8)]
    [TestCase("16", 16, 4)]
    [TestCase("32", 34, 1)]
    public async Task Fat_keeps_the_contract_in_the_guest(string kind, int megabytes, int sectors)
    {
        HostVolume volume = await HostVolume.Make(
            Folder, megabytes * 1024, "-F", kind, "-s", $"{sectors}");
        HostDisk disk = HostDisk.Whole(Folder, volume);
        Attach(disk);
        Succeeds($"mount -t fat {Device(0)} /mnt");
        Passes("fat@/mnt fat");
        Succeeds("umount /mnt");
        PowerOff();
        await disk.Volume().RequireClean();
    }

    /// <summary>
    /// Names of FAT are not those of a memfs: the suite sees that it is told wrong.
    /// </summary>
    [Test]
    public void Suite_says_what_is_otherwise()
    {
        Succeeds("mount -t memfs none /mnt");
        string[] answer = Run("run conformance /mnt memfs@/mnt fat Names_differ").Split('\n');
        Assert.That(
            answer[0],
            Does.EndWith("_differ(A, a): open a: expected Ok, found NotFound"));
        Assert.That(answer[^1], Does.Match("^[1-9] passed, [1-9] failed$"));
        Assert.That(Run("run conformance /none x any; echo $?"), Is.EqualTo("3"));
    }

    private void Passes(string server)
    {
        string answer = Succeeds($"run conformance /mnt {server}", 3 * Minutes);
        Assert.That(answer, Does.Match(@"^\d\d\d passed, 0 failed$"), answer);
    }
}
