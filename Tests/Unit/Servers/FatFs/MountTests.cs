// What a mount costs and checks: no scan of a clean FAT, bounded dirty blocks, read-ahead, damage,
// marks on the disk, disks that fail.

using System;
using NUnit.Framework;
using Servers.FatFs;
using Servers.FatFs.Checking;
using Servers.FatFs.Keeping;
using Servers.FatFs.Trees;
using Servers.FatFs.Volumes;
using Shared.Abi;
using Shared.Contracts;
using Shared.Fat;
using Shared.Sdk;
using Shared.Sdk.Disks;
using Tests.Disks;

namespace Tests.Unit.Servers.FatFs;

public sealed class MountTests
{
    private const int MiB = 1024 * 1024;

    [Test]
    public void Clean_volume_is_mounted_without_reading_its_FAT()
    {
        SparseDisk disk = FatVolumes.Make(1_000_000_000);
        FatMount mount = new(disk);
        mount.Write("f", new byte[100_000]);
        mount.Idle();
        SparseDisk again = disk.Copy();
        FatMount second = new(again);
        Assert.That(again.BlocksRead, Is.LessThan(10));
        Assert.That(second.Read("f"), Has.Length.EqualTo(100_000));
        Assert.That(second.Log, Is.Empty);
    }

    [Test]
    public void Volume_that_was_not_left_clean_is_checked()
    {
        TraceDisk disk = new(FatVolumes.Make(FatKind.Fat16));
        FatMount mount = new(disk);
        FileSystemClient file = mount.Open("held", FatMount.Both | OpenMode.Create);
        file.Write(0, new byte[10_000]);
        mount.Root.RemoveFile("held");
        mount.Root.SyncAll();
        mount.Idle();
        SparseDisk left = disk.CutAt(disk.Events, () => true);
        FatMount after = new(left);
        Assert.That(after.Log, Does.Contain("not left clean: 5 clusters freed"));
        Assert.That(after.Root.DescribeVolume().Value.UsedBytes, Is.Zero);
    }

    [Test]
    public void Dirty_blocks_are_bounded()
    {
        SparseDisk disk = FatVolumes.Make(64 * MiB, FatKind.Fat16);
        FatMount mount = new(disk);
        FileSystemClient file = mount.Open("f", FatMount.Both | OpenMode.Create);
        byte[] bytes = new byte[MiB];
        for (int i = 0; i < 20; i++)
        {
            new Random(i).NextBytes(bytes);
            Assert.That(file.Append(bytes).Status, Is.EqualTo(Status.Ok));
            Assert.That(mount.Current.UnwrittenBytes, Is.AtMost(FatFsVault.DirtyBytes));
        }
        mount.Idle();
        Assert.That(mount.Current.UnwrittenBytes, Is.Zero);
        byte[] back = new byte[MiB];
        file.Read(7 * MiB, back);
        new Random(7).NextBytes(bytes);
        Assert.That(back.AsSpan().SequenceEqual(bytes), Is.True);
    }

    [Test]
    public void Sequential_reads_are_few_large_ones_on_the_disk()
    {
        SparseDisk disk = FatVolumes.Make(64 * MiB, FatKind.Fat16);
        FatMount mount = new(disk);
        mount.Write("f", new byte[4 * MiB]);
        mount.Idle();
        SparseDisk again = disk.Copy();
        FatMount second = new(again);
        FileSystemClient file = second.Open("f", OpenMode.Read);
        long before = again.Reads;
        byte[] piece = new byte[4096];
        for (ulong at = 0; at < 4 * MiB; at += 4096) file.Read(at, piece);
        // 64 KiB at once, and the FAT.
        Assert.That(again.Reads - before, Is.LessThan(64 + 20));
    }

    [Test]
    public void Largest_file_takes_little_memory_and_one_byte_more_is_TooLarge()
    {
        SparseDisk disk = FatVolumes.Make(6_000_000_000, FatKind.Fat32, 32 * 1024);
        FatMount mount = new(disk);
        FileSystemClient file = mount.Open("f", FatMount.Both | OpenMode.Create);
        Assert.That(file.Write(400 * MiB, "end"u8).Status, Is.EqualTo(Status.Ok));
        Assert.That(mount.Current.UnwrittenBytes, Is.AtMost(FatFsVault.DirtyBytes));
        Assert.That(file.Write(FileBytes.MaxBytes, "x"u8).Status, Is.EqualTo(Status.TooLarge));
        byte[] bytes = new byte[6];
        file.Read(400 * MiB - 3, bytes);
        Assert.That(bytes, Is.EqualTo("\0\0\0end"u8.ToArray()));
        Assert.That(mount.Root.RemoveFile("f"), Is.EqualTo(Status.Ok));
        mount.Close(file);
        Assert.That(mount.Root.DescribeVolume().Value.UsedBytes, Is.EqualTo(32 * 1024));
    }

    [Test]
    public void Gap_reads_as_zeros_where_another_file_was()
    {
        FatMount mount = new(FatVolumes.Make(FatKind.Fat12));
        byte[] noise = new byte[3 * MiB];
        Array.Fill(noise, (byte)0xAA);
        mount.Write("old", noise);
        mount.Root.RemoveFile("old");
        mount.Root.SyncAll();
        FileSystemClient file = mount.Open("f", FatMount.Both | OpenMode.Create);
        Assert.That(file.Write(2_500_000, "end"u8).Status, Is.EqualTo(Status.Ok));
        byte[] bytes = mount.Read("f");
        Assert.That(bytes.AsSpan(0, 2_500_000).IndexOfAnyExcept((byte)0), Is.EqualTo(-1));
    }

    [Test]
    public void Vault_of_another_volume_is_refused()
    {
        FatMount mount = new(FatVolumes.Make(FatKind.Fat12));
        Assert.That(
            () => new FatMount(FatVolumes.Make(1_500_000, FatKind.Fat12, 1024), mount.Memory),
            Throws.TypeOf<global::Shared.Sdk.Vaults.VaultDamagedException>());
    }

    [Test]
    public void Disk_without_a_volume_is_refused_with_a_reason() => Assert.That(
        () => new FatMount(new SparseDisk(MiB)),
        Throws.TypeOf<VolumeRefusedException>()
            .With.Message.EqualTo("no FAT volume: no boot sector signature"));

    [TestCase(0x0003, "shares")]
    [TestCase(0x0005, "shares")]
    [TestCase(0xFF00, "is longer than its chain")]
    public void Damage_makes_a_mount_read_only_and_is_named(int next, string reason)
    {
        SparseDisk disk = FatVolumes.Make(2_200_000, FatKind.Fat16, 512);
        FatMount mount = new(disk);
        mount.Write("a", new byte[1000]);
        mount.Write("b", new byte[2000]);
        mount.Idle();
        // The second cluster of b leads back, to a cluster of a, or out of the volume.
        disk.Poke(512 + 5 * 2, (byte)next, (byte)(next >> 8));
        disk.Poke(37, 1);
        FatMount after = new(disk);
        Assert.That(after.Log, Does.Contain("mounted read-only").And.Contain(reason));
        Assert.That(after.Read("a"), Has.Length.EqualTo(1000));
        Assert.That(after.Root.RemoveFile("a"), Is.EqualTo(Status.ReadOnly));
        Assert.That(after.Root.Open("b", OpenMode.Write).Status, Is.EqualTo(Status.ReadOnly));
    }

    [Test]
    public void Damage_that_is_met_later_makes_the_mount_read_only()
    {
        SparseDisk disk = FatVolumes.Make(2_200_000, FatKind.Fat16, 512);
        FatMount mount = new(disk);
        mount.Write("a", new byte[3000]);
        mount.Idle();
        disk.Poke(512 + 3 * 2, 0, 0);
        FatMount after = new(disk);
        Assert.That(after.Root.MakeDirectory("d"), Is.EqualTo(Status.Ok));
        FileSystemClient file = after.Open("a", FatMount.Both);
        Assert.That(file.Read(0, new byte[3000]).Status, Is.EqualTo(Status.IoError));
        Assert.That(after.Log, Does.Contain("read-only from now on: chain of cluster 2"));
        Assert.That(file.Write(0, "x"u8).Status, Is.EqualTo(Status.ReadOnly));
        Assert.That(after.Root.MakeDirectory("e"), Is.EqualTo(Status.ReadOnly));
        Assert.That(after.Names(""), Is.EquivalentTo(new[] { "a", "d" }));
    }

    [Test]
    public void Disk_that_fails_is_IoError_and_goes_on_when_it_is_back()
    {
        SparseDisk disk = FatVolumes.Make(FatKind.Fat12);
        FailingDisk failing = new(disk);
        FatMount mount = new(failing);
        mount.Write("kept", "text"u8);
        failing.IsFailing = true;
        Assert.That(mount.Root.SyncAll(), Is.EqualTo(Status.IoError));
        Assert.That(mount.Root.MakeDirectory("d"), Is.EqualTo(Status.Ok), "the vault has it");
        Assert.That(mount.Read("kept"), Is.EqualTo("text"u8.ToArray()), "from the cache");
        FileSystemClient file = mount.Open("big", FatMount.Both | OpenMode.Create);
        Status status = Status.Ok;
        for (int i = 0; status == Status.Ok; i++)
        {
            status = file.Append(new byte[MiB]).Status;
            Assert.That(i, Is.LessThan(8), "dirty blocks are bounded");
        }
        Assert.That(status, Is.EqualTo(Status.IoError));
        mount.Root.RemoveFile("big");
        failing.IsFailing = false;
        mount.Root.RemoveFile("big");
        mount.Close(file);
        Assert.That(mount.Root.SyncAll(), Is.EqualTo(Status.Ok));
        mount.Idle();
        FatMount after = new(disk);
        Assert.That(after.Names(""), Is.EquivalentTo(new[] { "kept", "d" }));
        Assert.That(after.Log, Is.Empty);
    }

    [Test]
    public void Mount_with_ro_writes_nothing()
    {
        SparseDisk disk = FatVolumes.Make(FatKind.Fat12);
        FatMount writer = new(disk);
        writer.Write("f", "text"u8);
        writer.Idle();
        long before = disk.Writes;
        FatMount mount = new(disk, access: Access.ReadOnly);
        Assert.That(mount.Read("f"), Is.EqualTo("text"u8.ToArray()));
        Assert.That(mount.Root.MakeDirectory("d"), Is.EqualTo(Status.ReadOnly));
        Assert.That(mount.Root.SyncAll(), Is.EqualTo(Status.Ok));
        mount.Idle();
        Assert.That(disk.Writes, Is.EqualTo(before));
    }
}
