// Starts a driver for each function of the PCI bus that the table knows, with the capabilities for
// its device and no other; and gives file systems their disks.
//
// Rules: the PCI task says what there is, and may say so again at any time: what is there already
// stays. A driver's capabilities for its device are the task's, not the incarnation's.

using System.Collections.Generic;
using Servers.Supervisor.Jobs;
using Servers.Supervisor.Keeping;
using Servers.Supervisor.Launching;
using Servers.Supervisor.Mounts;
using Servers.Supervisor.Tasks;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Devices;
using Shared.Sdk;

namespace Servers.Supervisor.Devices;

public sealed class DeviceKeeper(
    Authority authority, TaskTable tasks, JobTable jobs, TaskKeeper keeper, SupervisorVault vault)
{
    private const ulong StartDelayNs = 100_000_000;

    private readonly IKernel _kernel = authority.Kernel;

    /// <summary>All functions, in the order of the bus.</summary>
    public void Found(IReadOnlyList<PciFunctionInfo> functions)
    {
        Dictionary<DriverSpec, uint> counts = [];
        foreach (PciFunctionInfo function in functions)
        {
            if (DriverTable.Find(function) is not { } spec) continue;
            uint ordinal = counts.GetValueOrDefault(spec);
            counts[spec] = ordinal + 1;
            Found(function, spec, ordinal);
        }
    }

    /// <summary>Has the PCI task tell of all functions once more.</summary>
    public void AskAgain()
    {
        ServerTask? pci = tasks.Find(SystemTable.Pci.Name);
        if (pci is null || pci.Control.IsNone) return;
        _kernel.NotificationSignal(pci.Control, (ulong)ControlBits.Changed);
    }

    /// <summary>The Nth disk driver, and its number among those of its kind.</summary>
    public (ServerTask Task, DriverSpec Spec, uint Ordinal)? Driver(uint index)
    {
        foreach (ServerTask task in tasks.All)
        {
            if (DriverTable.Find(task.Spec) is not { } spec || index-- != 0) continue;
            uint ordinal = 0;
            while (NameOf(spec, ordinal) != task.Name && ordinal < TaskTable.Capacity) ordinal++;
            return (task, spec, ordinal);
        }
        return null;
    }

    /// <summary>
    /// A capability for the disk or partition alone. NotSupported: no driver has such a disk;
    /// Locked: it, or a part of it, is another mount's, or a job's.
    /// </summary>
    public Result<Handle> OpenDisk(string source)
    {
        Result<Handle> made = MintFor(source, asker: null);
        if (made.IsOk) authority.Keep(made.Value);
        return made;
    }

    /// <summary>As OpenDisk, for a job: its own from now on, as long as it lives.</summary>
    public Result<Handle> ClaimDisk(Job job, string source)
    {
        if (job.Disk.Length != 0 && job.Disk != source) return Status.Locked;
        Result<Handle> made = MintFor(source, job);
        if (!made.IsOk) return made;
        job.Disk = source;
        vault.Save(job);
        return made;
    }

    private Result<Handle> MintFor(string source, Job? asker)
    {
        if (DiskName.Parse(source) is not { } disk) return Status.NotSupported;
        ServerTask? driver = tasks.Find(NameOf(disk.Kind, disk.Ordinal));
        if (driver is null || driver.Spec != disk.Kind.Task) return Status.NotSupported;
        foreach (ServerTask task in tasks.All)
        {
            if (task.Mount is { } mount && IsPartOf(disk, mount.Source)) return Status.Locked;
        }
        foreach (Job job in jobs.All)
        {
            bool isOther = job.IsAlive && job != asker;
            if (isOther && IsPartOf(disk, job.Disk)) return Status.Locked;
        }
        return _kernel.Mint(driver.Endpoint, Rights.Call | Rights.Pass, disk.Badge.Badge);
    }

    private static bool IsPartOf(DiskName disk, string other) =>
        DiskName.Parse(other) is { } taken && disk.Overlaps(taken);

    private static string NameOf(DriverSpec spec, uint ordinal) =>
        ordinal == 0 ? spec.Task.Name : $"{spec.Task.Name}-{ordinal + 1}";

    private void Found(in PciFunctionInfo function, DriverSpec spec, uint ordinal)
    {
        string name = NameOf(spec, ordinal);
        if (tasks.Find(name) is { } known)
        {
            // A row that was made from what the kernel shows knows no device.
            if (known.Spec == spec.Task && known.Device is null) Equip(known, function, spec);
            return;
        }
        ServerTask task = new(spec.Task, name);
        Status status = keeper.Prepare(task);
        if (status != Status.Ok)
        {
            authority.Log($"cannot prepare {name} for {function}: {status}");
            return;
        }
        // The prompt comes first; who mounts a disk meanwhile waits for its driver.
        task.RestartAtNs = authority.NowNs + StartDelayNs;
        Equip(task, function, spec);
    }

    private void Equip(ServerTask task, in PciFunctionInfo function, DriverSpec spec)
    {
        DriverDevice device = new(function);
        ServerTask? pci = tasks.Find(SystemTable.Pci.Name);
        if (pci is not null) Add(device, "pci", _kernel.Mint(
            pci.Endpoint, Rights.Call | Rights.Pass, PciBadge.Of(function.Address)));
        Add(device, "dma", _kernel.DmaCreate(
            authority.Machine, function.Address, spec.DmaPages * (ulong)Limits.PageBytes));
        foreach (DevicePart part in DeviceParts.Of(function)) Add(device, part.Name, Make(part));
        task.Device = device;
        vault.Save(task);
        authority.Log($"{task.Name} drives {function}");
    }

    private Result<Handle> Make(DevicePart part) => part.Kind switch
    {
        DevicePartKind.Ports => _kernel.IoPortsCreate(
            authority.Machine, (ushort)part.First, (ushort)part.LengthBytes),
        DevicePartKind.Memory => _kernel.DeviceMemoryCreate(
            authority.Machine, part.First, part.LengthBytes),
        _ => _kernel.InterruptCreate(authority.Machine, (int)part.First),
    };

    /// <summary>A part that cannot be made is missing, and the driver says so.</summary>
    private void Add(DriverDevice device, string name, Result<Handle> made)
    {
        if (!made.IsOk)
        {
            authority.Log($"no {name} of {device.Function}: {made.Status}");
            return;
        }
        authority.Keep(made.Value);
        device.Parts[name] = made.Value;
    }
}
