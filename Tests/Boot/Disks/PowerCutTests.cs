// The power goes in the middle of work: QEMU is killed. What sync has answered is on the disk, and
// nothing is wrong with the volume but lost clusters, which the next mount frees.
//
// What is cut here is the machine between its writes to the disk. Cuts after each single block,
// with any of the unflushed ones lost, are Tests/Unit/Servers/FatFs/PowerCutTests.cs; renames,
// which may leave both names until the next mount (decision 0031), are there alone.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Disks;

[TestFixtureSource(typeof(DiskTest), nameof(AnyBus))]
public sealed class PowerCutTests(DiskBus bus) : DiskTest(bus)
{
    private const int Cuts = 4, Sources = 4, Lines = 120;
    /// <summary>A line that says where the guest is, and how long it may go on.</summary>
    private const int FirstMark = 40, MostMs = 300;

    /// <summary>Path and source of each file that was there when sync answered.</summary>
    private readonly Dictionary<string, int> _synced = [];

    [Test]
    public async Task Power_cut_leaves_lost_clusters_at_worst_and_what_was_synced()
    {
        int seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        HostVolume volume = await HostVolume.Make(Folder, 40 * 1024, "-F", "32", "-s", "1");
        for (int i = 0; i < Sources; i++) await volume.Add($"source{i}", Source(i));
        HostDisk disk = HostDisk.Whole(Folder, volume);
        int number = Attach(disk), lost = 0;
        bool wasDirty = false;
        int dirty = 0;
        for (int cut = 0; cut < Cuts; cut++)
        {
            Succeeds($"mount -t fat {Device(number)} /mnt");
            Write(cut);
            Work(random);
            CutPower();
            HostVolume left = disk.Volume();
            string[] faults = await left.Faults();
            TestContext.Out.WriteLine($"cut {cut}: {string.Join("; ", faults)}");
            wasDirty = faults.Any(
                static line => line.StartsWith("Dirty bit", StringComparison.Ordinal));
            if (wasDirty) dirty++;
            lost += faults.Count(
                static line => line.StartsWith("Reclaimed", StringComparison.Ordinal));
            Assert.That(
                faults, Is.All.Matches<string>(line => IsHarmless(line!)),
                $"seed {seed}, cut {cut}");
            await RequireSynced(left);
        }
        TestContext.Out.WriteLine($"{lost} of {Cuts} cuts left lost clusters");
        Assert.That(dirty, Is.Positive, "not one cut came in the middle of something");
        Succeeds($"mount -t fat {Device(number)} /mnt");
        // Work may have stood still long enough for the server to say that all is well.
        if (wasDirty)
            Assert.That(Succeeds("log"), Does.Contain("volume was not left clean: "));
        Succeeds("umount /mnt");
        PowerOff();
        await disk.Volume().RequireClean();
        await RequireSynced(disk.Volume());
    }

    /// <summary>Returns in the middle of it.</summary>
    private void Work(Random random)
    {
        int mark = random.Next(FirstMark, Lines);
        for (int line = 0; line < Lines; line++)
        {
            // After a sync the volume is not clean until it was left alone for a moment. What is
            // typed is echoed, and is not what is waited for.
            if (line == mark) Machine.Type("sync /mnt; echo 'here 'now\n");
            Machine.Type(Line(random) + "\n");
        }
        Machine.WaitFor("here now", TimeSpan.FromSeconds(60));
        Thread.Sleep(random.Next(MostMs));
    }

    /// <summary>Files that nobody changes afterwards.</summary>
    private void Write(int cut)
    {
        Succeeds($"mkdir /mnt/kept{cut}");
        for (int i = 0; i < Sources; i++)
        {
            Succeeds($"cp /mnt/source{i} '/mnt/kept{cut}/a long name of {i}'");
            _synced[$"kept{cut}/a long name of {i}"] = i;
        }
        Succeeds("sync /mnt");
    }

    private static string Line(Random random)
    {
        int one = random.Next(8), source = random.Next(Sources);
        return random.Next(8) switch
        {
            0 => $"rm -f /mnt/work{one}",
            1 => $"mkdir -p /mnt/directory{one}",
            2 => $"cp /mnt/source{source} '/mnt/directory{one}/a name that takes several slots'",
            3 => $"rm -r -f /mnt/directory{one}",
            4 => $"append /mnt/log{one} 'a line of the log'",
            5 => "sync /mnt",
            _ => $"cp /mnt/source{source} /mnt/work{one}",
        };
    }

    /// <summary>What fsck.fat says of lost clusters, of the mark, and of what follows.</summary>
    private static bool IsHarmless(string line)
    {
        string[] starts =
        [
            "Reclaimed ", "Dirty bit is set.", "There are differences between boot sector",
            "This is mostly harmless.", "65:01/00", "Not automatically fixing this.",
            "Free cluster summary wrong", "Auto", "Orphan",
        ];
        return Array.Exists(starts, start => line.StartsWith(start, StringComparison.Ordinal));
    }

    private async Task RequireSynced(HostVolume volume)
    {
        foreach ((string path, int source) in _synced)
            Assert.That(await volume.Read(path), Is.EqualTo(Source(source)), path);
    }

    private static byte[] Source(int number) => Bytes(number, 50_000 + number * 200_000);
}
