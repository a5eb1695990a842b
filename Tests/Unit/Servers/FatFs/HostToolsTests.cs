// Disks of the host's tools are read and written here, and disks written here are good for them.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NUnit.Framework;
using Servers.FatFs.Volumes;
using Shared.Abi;
using Shared.Contracts;
using Shared.Fat;
using Tests.Disks;

namespace Tests.Unit.Servers.FatFs;

public sealed class HostToolsTests
{
    private HostTools _tools = null!;

    [SetUp]
    public void MakeFolder() => _tools = new HostTools();

    [TearDown]
    public void RemoveFolder() => _tools.Dispose();

    [TestCase(1440, "-F", "12")]
    [TestCase(20_000, "-F", "16", "-s", "4")]
    [TestCase(20_000, "-F", "16", "-s", "1", "-f", "1")]
    [TestCase(40_000, "-F", "32", "-s", "1")]
    [TestCase(32_000, "-F", "12", "-S", "4096", "-s", "2")]
    public async Task Disk_of_the_tools_is_read_and_written(int kilobytes, params string[] options)
    {
        await _tools.Mkfs(kilobytes, [.. options, "-n", "TESTDISK"]);
        Dictionary<string, byte[]> files = await Fill();
        SparseDisk disk = SparseDisk.Load(_tools.Image);
        FatMount mount = new(disk);
        Assert.That(mount.Names(""), Is.EquivalentTo(
            files.Keys.Select(path => path.Split('/')[0]).Distinct()));
        foreach ((string path, byte[] bytes) in files)
        {
            Assert.That(mount.Read(path).AsSpan().SequenceEqual(bytes), Is.True, path);
        }
        mount.Write("Dir ectory/written h\u00E9re.txt", "text"u8);
        Assert.That(mount.Root.RemoveFile("UPPER.TXT"), Is.EqualTo(Status.Ok));
        mount.Idle();
        await _tools.RequireGood(disk, "after a change");
        string text = await _tools.Read("mtype", "::Dir ectory/written h\u00E9re.txt");
        Assert.That(text.Trim(), Is.EqualTo("text"));
    }

    [Test]
    public async Task Fragmented_and_nearly_full_disk_is_read_and_filled()
    {
        await _tools.Mkfs(1440, "-F", "12");
        string small = _tools.Make("small", Bytes(1, 3000));
        for (int i = 0; i < 150; i++) await _tools.Mtool("mcopy", small, $"::s{i}");
        string[] odd = [.. Enumerable.Range(0, 150).Where(i => i % 2 == 1).Select(i => $"::s{i}")];
        await _tools.Mtool("mdel", odd);
        byte[] big = Bytes(2, 1_000_000);
        await _tools.Mtool("mcopy", _tools.Make("big", big), "::Big file");
        SparseDisk disk = SparseDisk.Load(_tools.Image);
        FatMount mount = new(disk);
        Assert.That(mount.Read("Big file").AsSpan().SequenceEqual(big), Is.True);
        Assert.That(mount.Read("s148"), Is.EqualTo(Bytes(1, 3000)));
        VolumeStat volume = mount.Root.DescribeVolume().Value;
        int free = (int)(volume.TotalBytes - volume.UsedBytes);
        mount.Write("rest", Bytes(3, free));
        var full = mount.Root.Open("s0", FatMount.Both);
        Assert.That(
            new global::Shared.Sdk.FileSystemClient(mount.Client, full.Value.File.Handle)
                .Append(Bytes(4, 2000)).Status, Is.EqualTo(Status.NoSpace));
        mount.Idle();
        await _tools.RequireGood(disk, "full");
        await _tools.Mtool("mcopy", "::rest", Path.Combine(_tools.Folder, "back"));
        byte[] back = File.ReadAllBytes(Path.Combine(_tools.Folder, "back"));
        Assert.That(back.AsSpan().SequenceEqual(Bytes(3, free)), Is.True);
    }

    [TestCase(nameof(FatKind.Fat12), 512u)]
    [TestCase(nameof(FatKind.Fat16), 512u)]
    [TestCase(nameof(FatKind.Fat16), 4096u)]
    [TestCase(nameof(FatKind.Fat32), 512u)]
    public async Task Disk_made_and_written_here_is_good_and_read_back(string kind, uint blockBytes)
    {
        SparseDisk disk = FatVolumes.Make(Enum.Parse<FatKind>(kind), blockBytes, "My disk");
        await _tools.RequireGood(disk, "empty");
        Assert.That(await _tools.Read("mlabel", "-s", "::"), Does.Contain("MY DISK"));
        TraceDisk trace = new(disk);
        FatMount mount = new(trace);
        CutWork work = new(mount, trace, seed: 5);
        work.Run(300);
        mount.Client.Die();
        mount.Idle();
        await _tools.RequireGood(trace.Now, "after work");
        string back = Path.Combine(_tools.Folder, "back");
        Directory.CreateDirectory(back);
        await _tools.Mtool("mcopy", "-s", "-n", "-Q", "::*", back);
        string[] found = Directory.GetFiles(back, "*", SearchOption.AllDirectories);
        Assert.That(found, Has.Length.EqualTo(work.Files.Count));
        foreach ((string path, byte[] bytes) in work.Files)
        {
            byte[] read = File.ReadAllBytes(Path.Combine(back, path));
            Assert.That(read.AsSpan().SequenceEqual(bytes), Is.True, path);
        }
    }

    [TestCase(nameof(FatKind.Fat12))]
    [TestCase(nameof(FatKind.Fat32))]
    public async Task Disk_that_was_mended_after_a_power_cut_is_good(string kind)
    {
        const int seed = 77, cuts = 8;
        SparseDisk empty = FatVolumes.Make(Enum.Parse<FatKind>(kind));
        TraceDisk trace = new(empty);
        CutWork work = new(new FatMount(trace), trace, seed);
        work.Run(80);
        Random random = new(seed);
        for (int i = 0; i < cuts; i++)
        {
            int events = random.Next(trace.Events);
            SparseDisk left = trace.CutAt(events, () => random.Next(2) == 0);
            FatMount after = new(left);
            after.Idle();
            await _tools.RequireGood(left, $"seed {seed}: cut behind event {events}");
        }
    }

    private async Task<Dictionary<string, byte[]>> Fill()
    {
        Dictionary<string, byte[]> files = new()
        {
            ["UPPER.TXT"] = Bytes(1, 100),
            ["lower.txt"] = Bytes(2, 5000),
            ["A long name with spaces.and.dots"] = Bytes(3, 20_000),
            ["gr\u00FC\u00DFe \u65E5\u672C.txt"] = Bytes(4, 1),
            [new string('n', 200)] = Bytes(5, 513),
            ["empty"] = [],
            ["Dir ectory/inside"] = Bytes(6, 70_000),
            ["Dir ectory/deeper/file"] = Bytes(7, 4096),
        };
        await _tools.Mtool("mmd", "::Dir ectory", "::Dir ectory/deeper");
        foreach ((string path, byte[] bytes) in files)
        {
            await _tools.Mtool("mcopy", _tools.Make("in/" + path, bytes), "::" + path);
        }
        return files;
    }

    private static byte[] Bytes(int seed, int count)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
