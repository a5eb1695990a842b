// A server whose mount is gone writes what it has and exits; how much that is it says first.

using System;
using NUnit.Framework;
using Servers.FatFs;
using Servers.FatFs.Volumes;
using Shared.Abi;
using Shared.Fat;
using Shared.Sdk.Disks;
using Shared.Sdk.Tasks;
using Tests.Disks;

namespace Tests.Unit.Servers.FatFs;

public sealed class RetireTests
{
    private static readonly byte[] s_bytes = new byte[20_000];

    [Test]
    public void Retired_server_exits_when_everything_is_on_the_disk()
    {
        SparseDisk disk = FatVolumes.Make(FatKind.Fat16);
        FatMount mount = new(disk);
        mount.Write("f", s_bytes);
        Assert.That(new FatMount(disk.Copy()).Root.Stat("f").Status, Is.EqualTo(Status.NotFound));
        Assert.That(mount.Retire, Throws.TypeOf<RetiredException>());
        Assert.That(mount.Unwritten, Has.Count.EqualTo(1));
        Assert.That(mount.Unwritten[0], Is.GreaterThan(20_000UL));
        FatMount after = new(disk.Copy());
        Assert.That(after.Log, Is.Empty, "it was left clean");
        Assert.That(after.Read("f"), Is.EqualTo(s_bytes));
    }

    [Test]
    public void Retired_server_whose_disk_fails_goes_on_trying()
    {
        FailingDisk disk = new(FatVolumes.Make(FatKind.Fat12));
        FatMount mount = new(disk);
        mount.Write("f", s_bytes);
        disk.IsFailing = true;
        mount.Retire();
        mount.Machine.Advance(1_000_000_000);
        Assert.That(mount.Unwritten, Has.Count.EqualTo(2));
        disk.IsFailing = false;
        Assert.That(
            () => mount.Machine.Advance(1_000_000_000), Throws.TypeOf<RetiredException>());
    }

    [Test]
    public void Next_incarnation_finishes_what_the_first_could_not()
    {
        SparseDisk disk = FatVolumes.Make(FatKind.Fat32);
        FatMount mount = new(disk);
        mount.Write("f", s_bytes);
        mount.Kill();
        mount.Restart();
        Assert.That(mount.Retire, Throws.TypeOf<RetiredException>());
        Assert.That(new FatMount(disk.Copy()).Read("f"), Is.EqualTo(s_bytes));
    }

    [Test]
    public void Server_that_may_not_write_exits_at_once()
    {
        FatMount mount = new(FatVolumes.Make(FatKind.Fat12), access: Access.ReadOnly);
        Assert.That(mount.Retire, Throws.TypeOf<RetiredException>());
    }
}
