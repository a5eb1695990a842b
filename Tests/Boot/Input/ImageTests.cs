// Images of the boot archive that cannot run are refused by name, in one line.

using System.IO;
using System.Text;
using NUnit.Framework;
using Tests.Rig;
using Tests.Rig.Machine;

namespace Tests.Boot.Input;

public sealed class ImageTests : BootTest
{
    private const int TruncatedBytes = 100_000;

    private readonly OtherImages _images = new();

    protected override QemuOptions Options => _images.Apply(new QemuOptions());

    [Test]
    public void Image_that_is_broken_is_refused_by_name()
    {
        byte[] whole = File.ReadAllBytes(Path.Combine(Repository.Images, "hello"));
        _images.Add("truncated", whole[..TruncatedBytes]);
        _images.Add("text", Encoding.ASCII.GetBytes(new string('x', TruncatedBytes)));
        _images.Add("tiny", [0x7F, (byte)'E', (byte)'L']);
        foreach (string name in new[] { "truncated", "text", "tiny" })
        {
            Assert.That(
                Fails($"run {name}"), Is.EqualTo($"run: {name}: not an image that can run here"));
        }
        Assert.That(Succeeds("ps"), Does.Not.Contain("truncated").And.Not.Contain("text"));
    }

    [TearDown]
    public void RemoveImages() => _images.Dispose();
}
