// Umount of a disk: the mount is gone at once, and what its server had not written yet comes to the
// disk within the deadline, or the bytes that did not are said.

using System;
using System.Diagnostics;
using System.Threading.Tasks;
using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Disks;

[TestFixtureSource(typeof(DiskTest), nameof(Buses))]
public sealed class DiskUmountTests(DiskBus bus) : DiskTest(bus)
{
    /// <summary>The deadline of SystemTable, and as much again for a busy host.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly byte[] _source = Bytes(1, 200_000);
    private HostDisk _disk = null!;
    private int _number;

    [Test]
    public async Task Umount_and_poweroff_lose_nothing_though_nobody_typed_sync()
    {
        await Mount();
        Succeeds("cp /mnt/source /mnt/first; umount /mnt");
        Succeeds($"mount -t fat {Device(_number)} /mnt");
        Succeeds("cp /mnt/source /mnt/second");
        RequireNothingLeft();
        PowerOff();
        await RequireOnHost("first", "second");
    }

    [Test]
    public async Task Umount_of_a_stopped_disk_frees_the_target_and_says_what_was_not_written()
    {
        await Mount();
        Succeeds("sync");
        Succeeds($"stop {Kind}");
        Run("echo text > /mnt/lost");
        long start = Stopwatch.GetTimestamp();
        string answer = Run("umount /mnt");
        Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(2 * Deadline));
        Assert.That(answer, Does.Match("^umount: /mnt: [1-9][0-9]* bytes were not written$"));
        Assert.That(Run("mount"), Does.Not.Contain(" type fat "));
        Succeeds($"cont {Kind}");
        Succeeds($"mount -t fat {Device(_number)} /mnt");
        Assert.That(SumOf("/mnt/source"), Is.EqualTo(Sum(_source)));
        PowerOff();
        await RequireOnHost();
    }

    [Test]
    public async Task Umount_with_f_does_not_wait_and_the_server_writes_when_it_can()
    {
        await Mount();
        Succeeds("sync");
        Succeeds($"stop {Kind}");
        Run("echo text > /mnt/kept");
        SucceedsAtOnce("umount -f /mnt");
        Assert.That(Run("mount"), Does.Not.Contain(" type fat "));
        Assert.That(Succeeds("servers"), Does.Match(@"(?m)^fat#\d+ .* retiring "));
        Assert.That(Fails($"mount -t fat {Device(_number)} /mnt"),
            Does.EndWith("is mounted already, or a part of it"));
        Succeeds("kill supervisor");
        Assert.That(Succeeds("servers"), Does.Match(@"(?m)^fat#\d+ .* retiring "));
        Succeeds($"cont {Kind}");
        UntilGone();
        Succeeds($"mount -t fat {Device(_number)} /mnt");
        Assert.That(Succeeds("cat /mnt/kept"), Is.EqualTo("text"));
        RequireNothingLeft();
        PowerOff();
        await RequireOnHost();
    }

    [Test]
    public async Task Umount_outlives_a_hung_driver_and_a_hung_server()
    {
        await Mount();
        Succeeds("sync");
        Succeeds($"hang {Kind}");
        Run("cp /mnt/source /mnt/first > /tmp/out 2> /tmp/errors &");
        Run("sleep 1");
        Assert.That(Run("umount /mnt"), Is.Empty);
        Succeeds($"mount -t fat {Device(_number)} /mnt");
        Succeeds("cp /mnt/source /mnt/second");
        Succeeds("hang fat@/mnt");
        // What it says when it is revoked is not to stand in the middle of another answer.
        Run("ls /mnt > /tmp/out 2> /tmp/errors &");
        Assert.That(Run("umount /mnt"), Is.Empty);
        RequireNothingLeft();
        PowerOff();
        await RequireOnHost("second");
    }

    private async Task Mount()
    {
        HostVolume volume = await HostVolume.Make(Folder, 16 * 1024, "-F", "16");
        await volume.Add("source", _source);
        _disk = HostDisk.Whole(Folder, volume);
        _number = Attach(_disk);
        Succeeds($"mount -t fat {Device(_number)} /mnt");
        // Its blocks are in memory from now on.
        Assert.That(SumOf("/mnt/source"), Is.EqualTo(Sum(_source)));
        Succeeds("echo text > /mnt/other");
    }

    private void UntilGone()
    {
        DateTime end = DateTime.UtcNow + 2 * Deadline;
        while (Run("servers").Contains("retiring"))
            Assert.That(DateTime.UtcNow, Is.LessThan(end));
    }

    private async Task RequireOnHost(params string[] copies)
    {
        HostVolume after = _disk.Volume();
        await after.RequireClean();
        foreach (string copy in copies)
            Assert.That(await after.Read(copy), Is.EqualTo(_source), copy);
    }
}
