// The ISO under SeaBIOS: GRUB's half for a PC BIOS, and the medium that it came from.

using System;
using System.IO;
using System.Security.Cryptography;
using NUnit.Framework;
using Tests.Rig;
using Tests.Rig.Machine;

namespace Tests.Boot.Media;

[TestFixture]
public sealed class BiosTests : IsoTest
{
    protected override QemuOptions Options => new() { Medium = BootMedium.Iso };

    [Test]
    public void Boot_medium_itself_can_be_mounted_and_has_every_byte()
    {
        string image = Path.Combine(Repository.Images, "hello");
        string expected = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(image)));
        Until("lsblk", "ata2");
        Succeeds("mount -t iso /dev/ata2 /mnt");
        Succeeds("kill iso@/mnt");
        Assert.That(Succeeds("run sha256sum /mnt/cosmos/hello", 60), Does.StartWith(expected));
    }
}
