// What a channel makes of drives that are slow to come out of their reset.

using System.Collections.Generic;
using NUnit.Framework;
using Servers.Drivers.Ata;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Disks;
using Shared.Sdk.Disks.Ata;

namespace Tests.Unit.Servers.Drivers.Ata;

public sealed class ChannelTests
{
    private static Channel Open(FakeIde ide)
    {
        PortSpan master = new(ide, Handle.None, FakeIde.Master);
        return new Channel(
            new PortSpan(ide, Handle.None, FakeIde.Command),
            new PortSpan(ide, Handle.None, FakeIde.Control),
            new BusMaster(master, 0, null!), null!,
            new InterruptWait(ide, new List<Handle>(), Handle.None));
    }

    [Test]
    public void Drive_is_found_however_late_its_reset_is_done(
        [Range(1, 40)] int reads, [Values(1, 2)] int resets)
    {
        Channel channel = Open(new FakeIde(reads));
        for (int reset = 0; reset < resets; reset++) channel.Reset();
        Assert.That(channel.KindOf(Drive.First), Is.EqualTo(DriveKind.Disk));
        Assert.That(channel.KindOf(Drive.Second), Is.EqualTo(DriveKind.None));
    }

    [Test]
    public void Command_after_a_reset_reaches_its_drive([Range(1, 40)] int reads)
    {
        FakeIde ide = new(reads);
        Channel channel = Open(ide);
        channel.Reset();
        channel.Execute(Drive.First, new AtaRequest(
            AtaCommand.FlushCache, AtaTransfer.None, 0, 0, 0));
        Assert.That(ide.HasCommand, Is.True);
    }

    [Test]
    public void Drive_that_never_comes_out_of_its_reset_is_none()
    {
        Channel channel = Open(new FakeIde(int.MaxValue));
        channel.Reset();
        Assert.That(channel.KindOf(Drive.First), Is.EqualTo(DriveKind.None));
    }
}
