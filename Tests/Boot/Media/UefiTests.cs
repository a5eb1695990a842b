// The ISO under OVMF: GRUB's half for UEFI, RAM with holes, and a card without a text screen.

using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Media;

[TestFixture]
public sealed class UefiTests : IsoTest
{
    protected override QemuOptions Options => new()
    {
        Medium = BootMedium.Iso, Firmware = Firmware.Uefi, Screen = Screen.Hidden,
    };
}
