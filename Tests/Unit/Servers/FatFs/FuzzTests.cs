// Damaged volumes: bytes changed at random, mostly where it hurts. A mount of one is refused, read-
// only, or goes on; nothing hangs, crashes, or takes more memory than a good volume does.
//
// Rules: a failing volume is printed with its seed, and made again from it. Reads of the disk are
// bounded by what is asked for, whatever the volume says.

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using Servers.FatFs;
using Servers.FatFs.Checking;
using Servers.FatFs.Volumes;
using Shared.Abi;
using Shared.Contracts;
using Shared.Fat;
using Shared.Sdk;
using Tests.Disks;

namespace Tests.Unit.Servers.FatFs;

public sealed class FuzzTests
{
    private const int MaxVisits = 40;
    /// <summary>Of one mount and all that is done with it.</summary>
    private const int MaxBlocksRead = 60_000;
    private const long MaxAllocatedBytes = 48 * 1024 * 1024;

    [TestCase(nameof(FatKind.Fat12), 6000)]
    [TestCase(nameof(FatKind.Fat16), 3000)]
    [TestCase(nameof(FatKind.Fat32), 1000)]
    public void Mutated_volume_does_no_harm(string kind, int count)
    {
        SparseDisk good = MakeVolume(Enum.Parse<FatKind>(kind));
        int refused = 0, readOnly = 0;
        for (int seed = 0; seed < count; seed++)
        {
            SparseDisk disk = good.Copy();
            Mutate(disk, new Random(seed));
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                if (Exercise(disk, new Random(seed))) readOnly++;
            }
            catch (VolumeRefusedException)
            {
                refused++;
            }
            catch (Exception exception)
            {
                Assert.Fail($"{kind} seed {seed}: {exception}");
            }
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.That(disk.BlocksRead, Is.LessThan(MaxBlocksRead), $"{kind} seed {seed}");
            Assert.That(allocated, Is.LessThan(MaxAllocatedBytes), $"{kind} seed {seed}");
        }
        TestContext.Out.WriteLine($"{refused} refused, {readOnly} read-only of {count}");
        Assert.That(refused, Is.GreaterThan(count / 50));
        Assert.That(readOnly, Is.GreaterThan(count / 50));
    }

    private static SparseDisk MakeVolume(FatKind kind)
    {
        SparseDisk disk = kind switch
        {
            FatKind.Fat12 => FatVolumes.Make(200_000, kind, 512),
            FatKind.Fat16 => FatVolumes.Make(2_200_000, kind, 512),
            _ => FatVolumes.Make(34_500_000, kind, 512),
        };
        FatMount mount = new(disk);
        mount.Root.MakeDirectory("directory");
        mount.Root.MakeDirectory("directory/below");
        mount.Write("FILE.TXT", new byte[5000]);
        mount.Write("directory/A longer name.text", new byte[9000]);
        mount.Write("directory/below/" + new string('n', 200), new byte[700]);
        mount.Write("directory/empty", []);
        mount.Idle();
        return disk;
    }

    /// <summary>In the boot sector, the FAT, directories, or anywhere that was written.</summary>
    private static void Mutate(SparseDisk disk, Random random)
    {
        ulong[] written = [.. WrittenBlocks(disk)];
        int changes = 1 << random.Next(5);
        // Half of the volumes look as if they had not been left clean, so that all is checked.
        if (random.Next(2) == 0) MarkDirty(disk);
        Span<byte> bytes = stackalloc byte[4];
        for (int i = 0; i < changes; i++)
        {
            ulong block = random.Next(8) == 0 ? 0 : written[random.Next(written.Length)];
            int at = block == 0 ? random.Next(11, 92) : random.Next(512);
            random.NextBytes(bytes);
            switch (random.Next(4))
            {
                case 0: bytes.Fill(byte.MaxValue); break;
                case 1: bytes.Clear(); break;
                case 2: BinaryPrimitives.WriteInt32LittleEndian(bytes, random.Next(64)); break;
            }
            disk.Poke(block * 512 + (uint)Math.Min(at, 508), bytes[..random.Next(1, 5)]);
        }
    }

    private static IEnumerable<ulong> WrittenBlocks(SparseDisk disk)
    {
        byte[] block = new byte[512];
        ulong last = Math.Min(disk.Geometry.Blocks, 1400);
        for (ulong number = 0; number < last; number++)
        {
            disk.Read(number, block);
            if (block.AsSpan().IndexOfAnyExcept((byte)0) >= 0) yield return number;
        }
    }

    private static void MarkDirty(SparseDisk disk)
    {
        bool isFat32 = disk.ReadBytes(82, 3).AsSpan().SequenceEqual("FAT"u8);
        disk.Poke(isFat32 ? 65u : 37u, 1);
    }

    /// <summary>True when the mount turned out to be read-only.</summary>
    private static bool Exercise(SparseDisk disk, Random random)
    {
        FatMount mount = new(disk);
        Queue<string> directories = new([""]);
        List<string> files = [];
        int visits = 0;
        while (visits++ < MaxVisits && directories.TryDequeue(out string? path))
        {
            foreach ((string name, FileType type) in List(mount.Root, path))
            {
                string full = path.Length == 0 ? name : $"{path}/{name}";
                if (type == FileType.Directory) directories.Enqueue(full);
                else files.Add(full);
            }
        }
        foreach (string path in files.Take(MaxVisits)) Read(mount, path);
        foreach (string path in files.Take(3)) Change(mount, path, random);
        mount.Root.MakeDirectory("new");
        mount.Root.Rename("directory", "new/directory");
        mount.Root.RemoveDirectory("new");
        mount.Root.SyncAll();
        mount.Idle();
        return (mount.Root.DescribeVolume().Value.Flags & VolumeFlags.ReadOnly) != 0;
    }

    private static List<(string Name, FileType Type)> List(FileSystemClient root, string path)
    {
        List<(string, FileType)> found = [];
        byte[] buffer = new byte[8 * 1024];
        Result<ListedEntries> listed = root.List(path, 0, buffer);
        EntryReader reader = new(buffer.AsSpan(0, (int)listed.Value.LengthBytes));
        while (reader.TryRead(out EntryHeader entry, out string name))
        {
            found.Add((name, entry.Type));
        }
        return found;
    }

    private static void Read(FatMount mount, string path)
    {
        Result<OpenedFile> opened = mount.Root.Open(path, OpenMode.Read);
        if (!opened.IsOk) return;
        FileSystemClient file = new(mount.Client, opened.Value.File.Handle);
        byte[] bytes = new byte[16 * 1024];
        file.Read(0, bytes);
        file.Read(opened.Value.LengthBytes / 2, bytes);
        mount.Close(file);
    }

    private static void Change(FatMount mount, string path, Random random)
    {
        Result<OpenedFile> opened = mount.Root.Open(path, FatMount.Both);
        if (opened.IsOk)
        {
            FileSystemClient file = new(mount.Client, opened.Value.File.Handle);
            file.Append(new byte[3000]);
            file.SetLength((ulong)random.Next(10_000));
            if (random.Next(2) == 0) mount.Close(file);
        }
        if (random.Next(2) == 0) mount.Root.RemoveFile(path);
    }
}
