// Images of the boot archive that cannot run are refused by name, in one line.

using System.IO;
using System.Linq;
using NUnit.Framework;
using Tests.Rig;
using Tests.Rig.Images;
using Tests.Rig.Machine;

namespace Tests.Boot.Input;

public sealed class ImageTests : BootTest
{
    private const int TruncatedBytes = 100_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("cosmos-images-").FullName;

    protected override QemuOptions Options => new()
    {
        ArchiveFolder = _folder,
        BootArchive =
        [
            .. ImageProject.All().Select(image => Path.GetFileName(image.ImageFile)),
            "truncated", "text", "tiny",
        ],
    };

    [Test]
    public void Image_that_is_broken_is_refused_by_name()
    {
        foreach (ImageProject image in ImageProject.All())
        {
            File.Copy(image.ImageFile, Path.Combine(_folder, Path.GetFileName(image.ImageFile)));
        }
        byte[] whole = File.ReadAllBytes(Path.Combine(Repository.Images, "hello"));
        File.WriteAllBytes(Path.Combine(_folder, "truncated"), whole[..TruncatedBytes]);
        File.WriteAllText(Path.Combine(_folder, "text"), new string('x', TruncatedBytes));
        File.WriteAllBytes(Path.Combine(_folder, "tiny"), [0x7F, (byte)'E', (byte)'L']);
        foreach (string name in new[] { "truncated", "text", "tiny" })
        {
            Assert.That(
                Fails($"run {name}"), Is.EqualTo($"run: {name}: not an image that can run here"));
        }
        Assert.That(Succeeds("ps"), Does.Not.Contain("truncated").And.Not.Contain("text"));
    }

    [TearDown]
    public void RemoveImages() => Directory.Delete(_folder, recursive: true);
}
