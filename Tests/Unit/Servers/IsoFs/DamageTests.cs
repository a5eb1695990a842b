// Discs that are wrong in a way that somebody has thought of; FuzzTests has the others.

using System.Collections.Generic;
using NUnit.Framework;
using Servers.IsoFs.Volumes;
using Shared.Abi;
using Tests.Disks;

namespace Tests.Unit.Servers.IsoFs;

public sealed class DamageTests
{
    private const int First = 68;
    private const uint Sector = IsoVolume.SectorBytes;

    [Test]
    public void Disc_without_a_volume_is_refused_with_a_reason()
    {
        Assert.That(() => IsoVolume.Open(new SparseDisk(64 * 2048, 2048)),
            Refused("no primary volume descriptor"));
        Assert.That(() => IsoVolume.Open(new SparseDisk(8 * 512)), Refused("end of the disc"));
    }

    [Test]
    public void Volume_with_other_blocks_or_no_root_is_refused_with_a_reason()
    {
        Assert.That(() => IsoVolume.Open(Changed(16 * Sector + 128, 0, 2)),
            Refused("512 bytes instead of 2048"));
        Assert.That(() => IsoVolume.Open(Changed(16 * Sector + 156, 0)), Refused("root"));
        Assert.That(() => IsoVolume.Open(Changed(16 * Sector + 156 + 2, 200)),
            Refused("beyond the end"));
        Assert.That(() => IsoVolume.Open(Changed(16 * Sector + 156 + 13, 255)),
            Refused("has 4278192128 bytes"));
        Assert.That(() => IsoVolume.Open(Changed(18 * Sector + 2, 19)),
            Refused("does not begin with itself"));
    }

    [Test]
    public void Directory_that_is_in_itself_is_not_entered_again()
    {
        HandMadeVolume volume = new();
        volume.AddDirectory(20, HandMadeVolume.RootSector);
        volume.AddDirectory(21, 20);
        int at = volume.AddDirectoryEntry(HandMadeVolume.RootSector, First, "A", 20);
        volume.AddDirectoryEntry(HandMadeVolume.RootSector, at, "SELF", HandMadeVolume.RootSector);
        at = volume.AddDirectoryEntry(20, First, "B", 21);
        volume.AddDirectoryEntry(20, at, "FILE", 30);
        volume.AddDirectoryEntry(21, First, "A", 20);
        IsoMount mount = new(volume.Disk);
        Assert.That(mount.Root.Stat("a/b").Status, Is.EqualTo(Status.Ok));
        Assert.That(mount.Root.Stat("a/b/a").Status, Is.EqualTo(Status.IoError));
        Assert.That(mount.Root.Stat("self").Status, Is.EqualTo(Status.IoError));
        Assert.That(mount.Log, Does.Contain("is in itself").And.Not.Contain("\n"));
    }

    [Test]
    public void File_beyond_the_end_is_an_error_where_it_is_read()
    {
        HandMadeVolume volume = new();
        int at = volume.Add(HandMadeVolume.RootSector, First, "CUT", 60, 6 * 2048);
        volume.Add(HandMadeVolume.RootSector, at, "GOOD", 60, 2048);
        IsoMount mount = new(volume.Disk);
        Assert.That(mount.Read("good"), Has.Length.EqualTo(2048));
        Assert.That(mount.TryOpen("cut")!.Read(0, new byte[2048]).Value, Is.EqualTo(2048));
        Assert.That(mount.TryOpen("cut")!.Read(8192, new byte[1]).Status,
            Is.EqualTo(Status.IoError));
    }

    [Test]
    public void File_of_more_than_4_GiB_is_read_across_its_pieces()
    {
        const uint piece = 0xFFFF_F800;
        const uint secondSector = 100 + piece / Sector + 10;
        HandMadeVolume volume = new(sectors: 3_000_000);
        int at = volume.Add(HandMadeVolume.RootSector, First, "BIG", 100, piece, flags: 0x80);
        at = volume.Add(HandMadeVolume.RootSector, at, "BIG", secondSector, 5000);
        volume.Add(HandMadeVolume.RootSector, at, "NEXT", 60, 7);
        volume.Disk.Poke(100UL * Sector + piece - 3, "abc"u8);
        volume.Disk.Poke((ulong)secondSector * Sector, "defg"u8);
        IsoMount mount = new(volume.Disk);
        Assert.That(mount.Names(), Is.EqualTo("big next"));
        Assert.That(mount.Root.Stat("big").Value.LengthBytes, Is.EqualTo(piece + 5000UL));
        byte[] bytes = new byte[7];
        Assert.That(mount.TryOpen("big")!.Read(piece - 3, bytes).Value, Is.EqualTo(7));
        Assert.That(bytes, Is.EqualTo("abcdefg"u8.ToArray()));
        Assert.That(mount.TryOpen("big")!.Read(piece + 4998UL, bytes).Value, Is.EqualTo(2));
        Assert.That(mount.TryOpen("next")!.StatFile().Value.LengthBytes, Is.EqualTo(7));
    }

    [Test]
    public void File_without_its_last_piece_is_an_error()
    {
        HandMadeVolume volume = new();
        volume.Add(HandMadeVolume.RootSector, First, "BIG", 30, 2048, flags: 0x80);
        IsoMount mount = new(volume.Disk);
        Assert.That(mount.Root.Stat("big").Status, Is.EqualTo(Status.IoError));
        Assert.That(mount.Log, Does.Contain("volume is damaged"));
    }

    [Test]
    public void Directory_with_more_records_than_a_request_may_read_is_an_error()
    {
        const uint first = 100, sectors = 8 * 1024;
        HandMadeVolume volume = new(sectors: 20_000);
        volume.AddDirectory(first, HandMadeVolume.RootSector);
        for (uint sector = first; sector < first + sectors; sector++)
        {
            for (int at = First; at < 2000;) at = volume.Add(sector, at, "X", 50, 1, flags: 4);
            if (sector > first) volume.AddDirectory(sector, first);
        }
        volume.Add(
            HandMadeVolume.RootSector, First, "HUGE", first, sectors * Sector, flags: 2);
        IsoMount mount = new(volume.Disk);
        Assert.That(mount.TryList("huge"), Is.Null);
        Assert.That(mount.Log, Does.Contain("too many records"));
        Assert.That(mount.Names(), Is.EqualTo("huge"), "the next request begins anew");
    }

    private static SparseDisk Changed(ulong at, params byte[] bytes)
    {
        HandMadeVolume volume = new();
        volume.Disk.Poke(at, bytes);
        return volume.Disk;
    }

    private static NUnit.Framework.Constraints.IResolveConstraint Refused(string reason) =>
        Throws.TypeOf<VolumeRefusedException>().With.Message.Contains(reason);
}
