// The ISO under SeaBIOS: GRUB's half for a PC BIOS.

using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Media;

[TestFixture]
public sealed class BiosTests : IsoTest
{
    protected override QemuOptions Options => new() { Medium = BootMedium.Iso };
}
