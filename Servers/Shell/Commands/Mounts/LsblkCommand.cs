// lsblk: disks and partitions, as their drivers tell of them, and what is mounted from each.
//
// A driver that is dead or restarting is waited for as any server; one that stays away is named.

using System;
using System.Collections.Generic;
using System.Text;
using Servers.Shell.Formatting;
using Servers.Shell.Services;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Devices;
using Shared.Sdk.Disks;

namespace Servers.Shell.Commands.Mounts;

public sealed class LsblkCommand : Command
{
    private const uint MaxDrivers = 64;
    private const int MaxTextBytes = 256;

    public override CommandGroup Group => CommandGroup.Mounts;
    public override string Name => "lsblk";
    public override string Usage => "lsblk";
    public override string Summary => "list the disks and their partitions";

    public override string Details =>
        """
        /dev/NAME is the source of a mount. Controllers that have a driver: IDE (ata), SATA (ahci),
        virtio-blk (virtio).
        """;

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count > 0) return context.WrongUsage();
        Table table = new("NAME", ">SIZE", "TYPE", "MODE", "MOUNTED", "MODEL");
        Dictionary<string, string> mounts = Mounts(context.Services);
        uint gone = 0;
        DeviceScan.Await(context.Services.Supervisor);
        for (uint index = 0; index < MaxDrivers; index++)
        {
            byte[] name = new byte[MaxTextBytes];
            Result<DriverEntry> entry = context.Services.Supervisor.GetDriver(index, name);
            if (entry.Status == Status.NotFound) break;
            if (!entry.IsOk) return context.Fail("drivers", entry.Status);
            string kind = Encoding.UTF8.GetString(name, 0, (int)entry.Value.NameBytes);
            Handle disks = entry.Value.Disks.Handle;
            Status status = AddDriver(
                context.Services.DiskDriver(disks), kind, entry.Value.FirstDisk, table,
                mounts);
            context.Services.Close(disks);
            // A driver that has found no disk is gone from the list; the next is in its place.
            if (status == Status.Revoked && gone++ < MaxDrivers) index--;
            else if (status != Status.Ok) context.Fail(kind, status);
        }
        foreach (string line in table.Lines()) context.WriteLine(line);
        return ExitCode.Success;
    }

    private static Status AddDriver(
        IDiskDriver driver, string kind, uint firstDisk, Table table,
        Dictionary<string, string> mounts)
    {
        for (uint unit = 0; unit <= DiskBadge.MaxUnit; unit++)
        {
            byte[] model = new byte[MaxTextBytes];
            Result<DiskDescription> disk = driver.DescribeDisk(unit, 0, model);
            if (disk.Status == Status.NotFound) continue;
            if (disk.Status == Status.BadArgument) break;
            string name = $"{kind}{firstDisk + unit}";
            if (!disk.IsOk) return disk.Status;
            string text = Encoding.UTF8.GetString(model, 0, (int)disk.Value.ModelBytes);
            Add(table, mounts, name, "disk", disk.Value, text);
            for (uint number = 1; number <= disk.Value.Partitions; number++)
            {
                Result<DiskDescription> part = driver.DescribeDisk(unit, number, []);
                if (part.IsOk) Add(table, mounts, $"{name}p{number}", "part", part.Value, "");
            }
        }
        return Status.Ok;
    }

    private static void Add(
        Table table, Dictionary<string, string> mounts, string name, string type,
        in DiskDescription disk, string model)
    {
        BlockGeometry geometry = disk.Geometry;
        bool isReadOnly = (geometry.Flags & BlockFlags.ReadOnly) != 0;
        string scheme = disk.Scheme == PartitionScheme.None || type != "disk"
            ? "" : $" ({disk.Scheme.ToString().ToLowerInvariant()})";
        table.Add(
            name, Units.Size(geometry.Blocks * geometry.BlockBytes), type,
            isReadOnly ? "ro" : "rw", mounts.GetValueOrDefault("/dev/" + name, "-"),
            model + scheme);
    }

    /// <summary>Target of each mount by its source.</summary>
    private static Dictionary<string, string> Mounts(IServices services)
    {
        List<string> lines = [];
        MountList.Lines(services, lines);
        Dictionary<string, string> mounts = [];
        foreach (string line in lines)
        {
            mounts[line.Split(' ')[0]] = MountList.TargetOf(line);
        }
        return mounts;
    }
}
