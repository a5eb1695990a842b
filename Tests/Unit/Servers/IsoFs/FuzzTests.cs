// Damaged discs: bytes changed at random, mostly where it hurts. A mount of one is refused, or goes
// on with errors; nothing hangs, crashes, or takes more memory than a good disc does.
//
// Rules: a failing disc is printed with its seed, and made again from it. Reads are bounded by what
// is asked for, whatever the disc says.

using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using Servers.IsoFs.Volumes;
using Shared.Contracts;
using Tests.Disks;

namespace Tests.Unit.Servers.IsoFs;

public sealed class FuzzTests
{
    private const int MaxVisits = 30;
    private const int MaxBlocksRead = 100_000;
    private const long MaxAllocatedBytes = 64 * 1024 * 1024;

    [TestCase(nameof(IsoImages.Plain), 1000)]
    [TestCase(nameof(IsoImages.Joliet), 1000)]
    [TestCase(nameof(IsoImages.Relocated), 2000)]
    public void Mutated_disc_does_no_harm(string style, int count)
    {
        string deep = string.Join('/', Enumerable.Range(1, 10).Select(i => $"level{i}"));
        SparseDisk good = IsoImages.Make(
            new Dictionary<string, string>
            {
                ["file.txt"] = new('f', 5000), ["folder/other.txt"] = "other",
                [$"{deep}/bottom"] = "deep", [$"folder/{new string('n', 200)}"] = "long",
            },
            IsoImages.OptionsOf(style));
        ulong[] written = [.. good.Written.Where(block => block >= 16)];
        int refused = 0, damaged = 0;
        for (int seed = 0; seed < count; seed++)
        {
            SparseDisk disk = good.Copy();
            Mutate(disk, written, new Random(seed));
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                if (Exercise(disk)) damaged++;
            }
            catch (VolumeRefusedException)
            {
                refused++;
            }
            catch (Exception exception)
            {
                Assert.Fail($"{style} seed {seed}: {exception}");
            }
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.That(disk.BlocksRead, Is.LessThan(MaxBlocksRead), $"{style} seed {seed}");
            Assert.That(allocated, Is.LessThan(MaxAllocatedBytes), $"{style} seed {seed}");
        }
        TestContext.Out.WriteLine($"{refused} refused, {damaged} damaged of {count}");
        Assert.That(refused, Is.GreaterThan(count / 50));
        Assert.That(damaged, Is.GreaterThan(count / 20));
    }

    /// <summary>In the descriptors, in directories, or anywhere that was written.</summary>
    private static void Mutate(SparseDisk disk, ulong[] written, Random random)
    {
        int changes = 1 << random.Next(6);
        Span<byte> bytes = stackalloc byte[4];
        for (int i = 0; i < changes; i++)
        {
            ulong block = written[random.Next(written.Length)];
            // Records begin at the start of their sector, descriptors have theirs at 156.
            int at = block < 20 ? random.Next(80, 200) : random.Next(2) == 0 ? random.Next(400)
                : random.Next(2048);
            random.NextBytes(bytes);
            switch (random.Next(4))
            {
                case 0: bytes.Fill(byte.MaxValue); break;
                case 1: bytes.Clear(); break;
                case 2: BitConverter.TryWriteBytes(bytes, random.Next(64)); break;
            }
            disk.Poke(block * 2048 + (uint)Math.Min(at, 2044), bytes[..random.Next(1, 5)]);
        }
    }

    /// <summary>True when the server has met damage.</summary>
    private static bool Exercise(SparseDisk disk)
    {
        IsoMount mount = new(disk);
        Queue<string> directories = new([""]);
        List<string> files = [];
        for (int visits = 0;
             visits < MaxVisits && directories.TryDequeue(out string? path); visits++)
        {
            foreach ((string name, FileType type) in mount.TryList(path) ?? [])
            {
                string full = path.Length == 0 ? name : $"{path}/{name}";
                mount.Root.Stat(full);
                if (type == FileType.Directory) directories.Enqueue(full);
                else files.Add(full);
            }
        }
        byte[] bytes = new byte[16 * 1024];
        foreach (string path in files.Take(MaxVisits))
        {
            if (mount.TryOpen(path) is not { } file) continue;
            file.Read(0, bytes);
            file.Read(file.StatFile().Value.LengthBytes / 2, bytes);
        }
        mount.Root.DescribeVolume();
        return mount.Log.Length > 0;
    }
}
