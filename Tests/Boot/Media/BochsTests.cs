// The ISO in Bochs: another maker's processor, chip set, drive and BIOS.

using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Media;

[TestFixture]
public sealed class BochsTests : IsoTest
{
    protected override BochsOptions Options => new();
}
