// What each capability name of the system table stands for. The only place where rights are chosen.

using System;
using System.Collections.Generic;
using Servers.Supervisor.Devices;
using Servers.Supervisor.Tasks;
using Shared.Abi;

namespace Servers.Supervisor.Launching;

/// <summary>One capability for a child: it arrives as CAP_name.</summary>
public readonly record struct Grant(string Name, Handle Handle, Rights Rights);

/// <summary>What of a task's grants is its own.</summary>
public readonly record struct OwnHandles(Handle Endpoint, Handle Control, Handle Supervisor)
{
    /// <summary>Of a driver.</summary>
    public DriverDevice? Device { get; init; }
    /// <summary>Of a mount whose source is a disk.</summary>
    public Handle Disk { get; init; }
}

public sealed class Grants(Authority authority, TaskTable tasks)
{
    /// <summary>Devices that the machine lacks are left out; all else must be there.</summary>
    public List<Grant> For(IReadOnlyList<string> capabilities, OwnHandles own)
    {
        List<Grant> grants = [];
        foreach (string capability in capabilities)
        {
            if (capability == SystemTable.DeviceCapability)
            {
                AddDevice(grants, own.Device);
                continue;
            }
            Grant grant = For(capability, own);
            if (!grant.Handle.IsNone) grants.Add(grant);
        }
        return grants;
    }

    private static void AddDevice(List<Grant> grants, DriverDevice? device)
    {
        if (device is null) return;
        foreach ((string name, Handle handle) in device.Parts)
        {
            Rights rights = name switch
            {
                "pci" => Rights.Call,
                _ when name.StartsWith("irq", StringComparison.Ordinal) => Rights.Wait,
                _ => Rights.Read | Rights.Write,
            };
            grants.Add(new Grant(name, handle, rights));
        }
    }

    private Grant For(string capability, OwnHandles own)
    {
        int mode = capability.IndexOf(':');
        string name = mode < 0 ? capability : capability[..mode];
        return capability switch
        {
            "endpoint" => new Grant(name, own.Endpoint, Rights.Receive | Rights.Mint),
            "control" => new Grant(name, own.Control, Rights.Wait | Rights.Signal | Rights.Pass),
            "log" => new Grant(name, authority.LogHandle, Rights.Write),
            "log:read" => new Grant(name, authority.LogHandle, Rights.Read | Rights.Write),
            "supervisor" => new Grant(name, own.Supervisor, Rights.Call),
            // For who asks the supervisor in the user's name as well: Ready is said in its own.
            "row" => new Grant(name, own.Supervisor, Rights.Call),
            "supervisor:control" => new Grant(name, authority.Control, Rights.Call | Rights.Pass),
            "machine:inspect" => new Grant(name, authority.Machine, Rights.Inspect),
            "machine:power" =>
                new Grant(name, authority.Machine, Rights.Inspect | Rights.PowerOff),
            "mounts" => new Grant(
                name, authority.Page, Rights.Read | Rights.Write | Rights.Pass),
            "vfs" or "console" or "pipes" => Open(capability, Rights.Use),
            SystemTable.VfsForReading => Open(name, Rights.Use & ~Rights.Write),
            "irq_com1" or "irq_kbd" => new Grant(name, authority.Device(name), Rights.Wait),
            "ports_pci" or "ports_com1" or "ports_vga" or "ports_kbd" or "vga" =>
                new Grant(name, authority.Device(name), Rights.Read | Rights.Write),
            SystemTable.DiskCapability => new Grant(name, own.Disk, Rights.Call),
            _ => throw new InvalidOperationException($"no such capability: {capability}"),
        };
    }

    private Grant Open(string server, Rights rights) =>
        new(server, tasks.Find(server)?.Endpoint ?? Handle.None, rights);
}
