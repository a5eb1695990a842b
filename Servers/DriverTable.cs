// Which driver serves which kind of PCI function, and how its disks are called.
//
// Rules: the first row that fits is taken; a driver is a task for one function, the second one of
// its kind is NAME-2; unit U of the Nth driver is the disk (N - 1) * Units + U of the kind.

using System.Collections.Generic;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Devices;

namespace Servers;

/// <summary>One row: a driver, and the functions that it can drive.</summary>
public sealed record DriverSpec
{
    public required TaskSpec Task { get; init; }
    /// <summary>Names of its disks without their number.</summary>
    public required string DiskName { get; init; }
    /// <summary>Most disks of one function.</summary>
    public required uint Units { get; init; }
    /// <summary>Pages of memory that the device moves data to and from.</summary>
    public required uint DmaPages { get; init; }
    /// <summary>Register without which the driver has nothing to do; -1: it finds out.</summary>
    public int NeededBar { get; init; } = -1;
    public required byte BaseClass { get; init; }
    public required byte Subclass { get; init; }
    /// <summary>0: any.</summary>
    public ushort Vendor { get; init; }
    /// <summary>Empty: any.</summary>
    public IReadOnlyList<ushort> Devices { get; init; } = [];

    public bool Fits(in PciFunctionInfo function)
    {
        if (function.BaseClass != BaseClass || function.Subclass != Subclass) return false;
        if (Vendor != 0 && function.Vendor != Vendor) return false;
        // Firmware that sets up no devices leaves it without a place.
        bool isSetUp = NeededBar < 0 || function.Bars[NeededBar].Kind != PciBarKind.None;
        if (!isSetUp) return false;
        if (Devices.Count == 0) return true;
        foreach (ushort device in Devices)
        {
            if (device == function.Device) return true;
        }
        return false;
    }
}

public static class DriverTable
{
    private const byte MassStorage = 0x01;
    private const uint DataPages = BlockGeometry.MaxStepBytes / Limits.PageBytes;
    private const uint PagesPerMegabyte = 1024 * 1024 / Limits.PageBytes;

    /// <summary>virtio-blk; VIRTIO 1.2, 4.1.2 and 5.2.1: modern, and transitional ones.</summary>
    public static readonly DriverSpec Virtio = new()
    {
        Task = Driver("virtio"), DiskName = "virtio", Units = 1, DmaPages = 2 + DataPages,
        BaseClass = MassStorage, Subclass = 0x00, Vendor = 0x1AF4, Devices = [0x1001, 0x1042],
    };

    /// <summary>IDE with a bus master, as PIIX has it; two channels of two drives.</summary>
    public static readonly DriverSpec Ata = new()
    {
        Task = Driver("ata"), DiskName = "ata", Units = 4, DmaPages = 1 + DataPages,
        NeededBar = 4,
        BaseClass = MassStorage, Subclass = 0x01,
    };

    /// <summary>SATA; AHCI 1.3.1, 4: lists and answers of 30 ports, and one command.</summary>
    public static readonly DriverSpec Ahci = new()
    {
        Task = Driver("ahci"), DiskName = "ahci", Units = 30, DmaPages = 8 + 2 + 1 + DataPages,
        NeededBar = 5,
        BaseClass = MassStorage, Subclass = 0x06,
    };

    public static readonly IReadOnlyList<DriverSpec> All = [Virtio, Ata, Ahci];

    public static DriverSpec? Find(in PciFunctionInfo function)
    {
        foreach (DriverSpec spec in All)
        {
            if (spec.Fits(function)) return spec;
        }
        return null;
    }

    public static DriverSpec? Find(TaskSpec task)
    {
        foreach (DriverSpec spec in All)
        {
            if (spec.Task == task) return spec;
        }
        return null;
    }

    private static TaskSpec Driver(string name) => new()
    {
        Name = name, Image = name,
        Layer = Layer.Driver, Priority = Priority.Driver,
        MemoryPages = 16 * PagesPerMegabyte,
        Promise = MemoryPromise.BestEffort,
        // A device that does not answer is reset and asked again before its driver gives up.
        RequestDeadlineMs = 5_000,
        // What its clients answer with IoError when there is no driver any more.
        CallDeadlineMs = 10_000,
        Capabilities = ["endpoint", "control", "log", "supervisor", SystemTable.DeviceCapability],
    };
}
