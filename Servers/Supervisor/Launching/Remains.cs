// What the kernel's lists say of a system whose supervisor has lost its rows: who runs, and which
// capability of the vault's table is what.
//
// The kernel has emptied the vault's bytes; the capabilities stay, and so do names: of each
// process, of who received last on each endpoint, of who had each vault last.

using System;
using System.Collections.Generic;
using System.Linq;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Devices;
using Shared.Sdk.Native;

namespace Servers.Supervisor.Launching;

public sealed class Remains
{
    private const int MaxCapabilities = 4096;

    private readonly CapabilityRow[] _own;
    private readonly Dictionary<uint, CapabilityRow[]> _ofProcess = [];
    private readonly string[] _images;

    private Remains(KernelLists lists, ProcessId self, ProcessRow[] processes)
    {
        Processes = processes;
        _own = Read(lists, self).Where(static row => row.InVault != 0).ToArray();
        Endpoints = lists.Endpoints(new EndpointRow[Limits.Endpoints]).ToArray()
            .Where(row => !Endpoint(row.Index).IsNone).ToArray();
        Vaults = lists.Vaults(new VaultRow[Limits.Vaults]).ToArray()
            .Where(row => !Of(ObjectType.Vault, row.Index).IsNone).ToArray();
        _images = [.. lists.Images(new ImageRow[256]).ToArray()
            .Select(static row => FixedFields.Name(row))];
        foreach (ProcessRow process in processes)
            _ofProcess[process.Id] = Read(lists, new ProcessId(process.Id));
        foreach (EndpointRow endpoint in Endpoints)
        {
            if (endpoint.LayerValue == Layer.Supervisor.Value) SupervisorIndex = endpoint.Index;
        }
    }

    /// <summary>All but the supervisors.</summary>
    public IReadOnlyList<ProcessRow> Processes { get; }
    /// <summary>Of which the vault's table has a capability.</summary>
    public IReadOnlyList<EndpointRow> Endpoints { get; }
    public IReadOnlyList<VaultRow> Vaults { get; }
    /// <summary>Number of the supervisor's own endpoint.</summary>
    public uint SupervisorIndex { get; } = uint.MaxValue;
    public Handle SupervisorEndpoint => Endpoint(SupervisorIndex);

    /// <summary>What a living child's death will signal.</summary>
    public Handle Deaths
    {
        get
        {
            foreach (ProcessRow process in Processes)
            {
                if (process.DeathNotificationNumber != 0)
                    return Of(ObjectType.Notification, process.DeathNotificationNumber - 1);
            }
            return Handle.None;
        }
    }

    /// <summary>Null when nobody runs: the system has not been started.</summary>
    public static Remains? Find(KernelLists lists, ProcessId self)
    {
        ProcessRow[] processes = lists.Processes(new ProcessRow[Limits.Processes]).ToArray()
            .Where(static row => row.LayerValue != Layer.Supervisor.Value).ToArray();
        return processes.Length == 0 ? null : new Remains(lists, self, processes);
    }

    private static CapabilityRow[] Read(KernelLists lists, ProcessId process) =>
        lists.Capabilities(process, new CapabilityRow[MaxCapabilities]).ToArray();

    /// <summary>The vault's capability for the object; None when it has none.</summary>
    public Handle Of(ObjectType type, uint index) => new(_own.FirstOrDefault(
        row => row.Type == type && row.ObjectIndex == index && row.Badge == 0).HandleValue);

    public Handle Endpoint(uint index) => Of(ObjectType.Endpoint, index);

    /// <summary>The vault's capability for the endpoint with the badge.</summary>
    public Handle Badged(uint endpoint, Badge badge) => new(_own.FirstOrDefault(
        row => row.Type == ObjectType.Endpoint && row.ObjectIndex == endpoint
            && row.Badge == badge.Value).HandleValue);

    /// <summary>The highest badge of the supervisor's endpoint that a task has had.</summary>
    public Badge LastBadge => new(_own
        .Where(row => row.Type == ObjectType.Endpoint && row.ObjectIndex == SupervisorIndex)
        .Select(static row => row.Badge).Append(Badges.FirstTask).Max());

    public bool Receives(in ProcessRow process, uint endpoint) => _ofProcess[process.Id].Any(
        row => row.Type == ObjectType.Endpoint && row.ObjectIndex == endpoint
            && (row.Rights & Rights.Receive) != 0);

    /// <summary>The notification that was given to it, of those that the vault has.</summary>
    public Handle ControlOf(in ProcessRow process)
    {
        foreach (CapabilityRow row in _ofProcess[process.Id])
        {
            if (row.Type != ObjectType.Notification) continue;
            Handle control = Of(ObjectType.Notification, row.ObjectIndex);
            if (!control.IsNone && control != Deaths) return control;
        }
        return Handle.None;
    }

    /// <summary>The capability for a disk that it was given, or null.</summary>
    public CapabilityRow? DiskOf(in ProcessRow process)
    {
        foreach (CapabilityRow row in _ofProcess[process.Id])
        {
            bool isDisk = row.Type == ObjectType.Endpoint
                && DiskBadge.Of(new Badge(row.Badge)) is not null;
            if (isDisk) return row;
        }
        return null;
    }

    /// <summary>By which the supervisor knows it; the default where it has none.</summary>
    public Badge BadgeOf(in ProcessRow process) => new(_ofProcess[process.Id].FirstOrDefault(
        row => row.Type == ObjectType.Endpoint && row.ObjectIndex == SupervisorIndex
            && row.Badge >= Badges.FirstTask).Badge);

    /// <summary>Name of its image, or null.</summary>
    public string? ImageOf(in ProcessRow process) =>
        process.ImageNumber is var number and > 0 && number <= _images.Length
            ? _images[number - 1] : null;
}
