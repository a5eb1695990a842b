// Base of the tests with disks that the host has made: each fixture runs once for each kind of
// controller that has a driver, or with one of them.

using System;
using System.Collections.Generic;
using System.Security.Cryptography;
using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Disks;

public abstract class DiskTest(DiskBus bus) : BootTest
{
    /// <summary>The controllers whose drivers there are.</summary>
    public static readonly IReadOnlyList<DiskBus> Buses =
        [DiskBus.Virtio, DiskBus.Ata, DiskBus.Ahci];
    /// <summary>For what has nothing to do with the controller.</summary>
    public static readonly IReadOnlyList<DiskBus> AnyBus = [DiskBus.Virtio];

    private readonly List<HostDisk> _disks = [];

    internal HostFolder Folder { get; } = new();

    protected override QemuOptions Options =>
        new() { Disks = [.. _disks.ConvertAll(disk => disk.On(bus))] };

    /// <summary>Name of the driver's task, and of its disks without their number.</summary>
    protected string Kind { get; } = bus.ToString().ToLowerInvariant();

    /// <summary>The task of the disk's driver: virtio has one for each disk.</summary>
    protected string DriverOf(int disk) =>
        disk == 0 || bus != DiskBus.Virtio ? Kind : $"{Kind}-{disk + 1}";

    protected string Device(int disk, int partition = 0) =>
        $"/dev/{Kind}{disk}" + (partition == 0 ? "" : $"p{partition}");

    /// <summary>Attached to the machine, which has not been started; answers its number.</summary>
    internal int Attach(HostDisk disk)
    {
        _disks.Add(disk);
        return _disks.Count - 1;
    }

    [TearDown]
    public void RemoveDisks() => Folder.Dispose();

    /// <summary>As sha256sum prints it.</summary>
    protected static string Sum(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    protected string SumOf(string path, int timeoutSeconds = 60) =>
        Succeeds($"sha256sum {Quoted(path)}", timeoutSeconds).Split(' ')[0];

    protected static string Quoted(string path) => $"'{path}'";

    /// <summary>Different for each seed, and in each block.</summary>
    protected static byte[] Bytes(int seed, int count)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Nothing of what is gone is held by anybody.</summary>
    protected void RequireNothingLeft() => Succeeds("audit");
}
