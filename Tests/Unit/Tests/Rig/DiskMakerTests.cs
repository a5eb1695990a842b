// `run --make-disk`: the disk is what mkfs.fat makes, and nothing that was there is lost.

using System.IO;
using System.Threading.Tasks;
using NUnit.Framework;
using Tests.Rig;
using Tests.Rig.Machine;

namespace Tests.Unit.Tests.Rig;

public sealed class DiskMakerTests
{
    private string _folder = null!;
    private string Disk => Path.Combine(_folder, "disk.img");

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("cosmos-disk-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task Disk_is_a_good_FAT32_volume_of_its_size()
    {
        await DiskMaker.Make(Disk, "64M");
        Assert.That(new FileInfo(Disk).Length, Is.EqualTo(64 * 1024 * 1024));
        ToolResult check = await Tool.Run("/usr/sbin/fsck.fat", ["-n", "-v", Disk]);
        Assert.That(check.ExitCode, Is.Zero, check.Output);
        Assert.That(check.Output, Does.Contain("32 bit entries").Or.Contain("FAT32"));
    }

    [Test]
    public void File_that_is_there_is_not_touched()
    {
        File.WriteAllText(Disk, "mine");
        Assert.That(() => DiskMaker.Make(Disk, "64M"), Refused("is there already"));
        Assert.That(File.ReadAllText(Disk), Is.EqualTo("mine"));
        Assert.That(() => DiskMaker.Make(Path.Combine(Disk, "x"), "64M"),
            Refused("no such directory"));
    }

    [TestCase("")]
    [TestCase("64")]
    [TestCase("M")]
    [TestCase("-64M")]
    [TestCase("64 M")]
    [TestCase("6.4G")]
    [TestCase("99999999999999999999G")]
    public void Size_that_is_no_number_with_a_unit_is_refused(string size) =>
        Assert.That(() => DiskMaker.Make(Disk, size), Refused("a number with K, M or G"));

    [TestCase("39M")]
    [TestCase("0G")]
    [TestCase("2048G")]
    [TestCase("9223372036854775807G")]
    public void Size_that_is_no_FAT32_disk_is_refused(string size) =>
        Assert.That(() => DiskMaker.Make(Disk, size), Refused("40M to 2047G"));

    private static NUnit.Framework.Constraints.IResolveConstraint Refused(string reason) =>
        Throws.TypeOf<RigException>().With.Message.Contains(reason);
}
