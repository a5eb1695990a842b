// The power goes after every single block that is written, and at every flush, during random work;
// of what was not flushed, all, nothing or any blocks survive. The next mount must find a volume
// that it can mend, and everything that was acknowledged by a sync.

using System;
using System.Collections.Generic;
using NUnit.Framework;
using Servers.FatFs.Volumes;
using Shared.Fat;
using Tests.Disks;

namespace Tests.Unit.Servers.FatFs;

public sealed class PowerCutTests
{
    /// <summary>Volumes that are small for their kind, so that a check of all is quick.</summary>
    private static SparseDisk MakeDisk(FatKind kind) => kind switch
    {
        FatKind.Fat12 => FatVolumes.Make(1_500_000, kind, 1024),
        FatKind.Fat16 => FatVolumes.Make(2_200_000, kind, 512),
        _ => FatVolumes.Make(34_500_000, kind, 512),
    };

    [TestCase(nameof(FatKind.Fat12), 250, 10, 2)]
    [TestCase(nameof(FatKind.Fat12), 250, 2, 1)]
    [TestCase(nameof(FatKind.Fat16), 200, 3, 1)]
    [TestCase(nameof(FatKind.Fat32), 120, 4, 7)]
    public void Power_cut_at_every_write_leaves_a_good_volume(
        string kind, int steps, int seed, int stride)
    {
        TraceDisk disk = new(MakeDisk(Enum.Parse<FatKind>(kind)));
        FatMount mount = new(disk);
        CutWork work = new(mount, disk, seed);
        work.Run(steps);
        mount.Idle();
        Random random = new(seed);
        int cuts = 0, mended = 0;
        // A stride that is no divisor of anything meets all kinds of moments.
        for (int events = 0; events <= disk.Events; events += stride)
        {
            foreach (Func<bool> isKept in Survivals(random))
            {
                string when = $"{kind} seed {seed}: cut behind event {events} of {disk.Events}";
                if (VerifyCut(disk.CutAt(events, isKept), work, events, when)) mended++;
                cuts++;
            }
        }
        TestContext.Out.WriteLine($"{cuts} cuts, {mended} with something to mend");
        Assert.That(mended, Is.GreaterThan(cuts / 20));
    }

    private static IEnumerable<Func<bool>> Survivals(Random random)
    {
        yield return () => true;
        yield return () => false;
        yield return () => random.Next(2) == 0;
    }

    /// <summary>True when there was something to mend.</summary>
    private static bool VerifyCut(SparseDisk left, CutWork work, int events, string when)
    {
        VolumeReport found = VolumeReport.Of(left);
        Assert.That(found.Damage, Is.Null, when);
        FatMount after = new(left);
        Assert.That(after.Log, Does.Not.Contain("read-only"), when);
        Assert.That(work.Verify(after, events), Is.Empty, when);
        Assert.That(after.Twins(), Is.Empty, when);
        after.Idle();
        Assert.That(VolumeReport.Of(left), Is.EqualTo(VolumeReport.Good), when);
        return found != VolumeReport.Good;
    }
}
