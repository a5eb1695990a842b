// The kernel's lists, read whole: processes, calls in flight, capabilities.
//
// Rules: the caller's array bounds what is read; nothing here is kept.

using System;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Native;

namespace Servers.Supervisor;

public sealed class KernelLists(IKernel kernel, Handle machine)
{
    public ReadOnlySpan<ProcessRow> Processes(ProcessRow[] rows) =>
        Read(InspectKind.Processes, rows, default);

    public ReadOnlySpan<WaitRow> Waits(WaitRow[] rows) => Read(InspectKind.Waits, rows, default);

    public ReadOnlySpan<EndpointRow> Endpoints(EndpointRow[] rows) =>
        Read(InspectKind.Endpoints, rows, default);

    public ReadOnlySpan<VaultRow> Vaults(VaultRow[] rows) =>
        Read(InspectKind.Vaults, rows, default);

    public ReadOnlySpan<ImageRow> Images(ImageRow[] rows) =>
        Read(InspectKind.Images, rows, default);

    /// <summary>By the number in a process's row; null: it is no image of the archive.</summary>
    public string? ImageName(ushort number)
    {
        if (number == 0) return null;
        ImageRow[] rows = new ImageRow[1];
        Result<InspectPage<ImageRow>> page = kernel.Inspect<ImageRow>(
            machine, InspectKind.Images, number - 1UL, rows);
        return page.IsOk && page.Value.Count == 1 ? FixedFields.Name(rows[0]) : null;
    }

    public ReadOnlySpan<CapabilityRow> Capabilities(ProcessId process, CapabilityRow[] rows) =>
        Read(InspectKind.Capabilities, rows, process);

    public KernelCounters Counters()
    {
        KernelCounters[] rows = new KernelCounters[1];
        Read(InspectKind.Counters, rows, default);
        return rows[0];
    }

    private ReadOnlySpan<T> Read<T>(InspectKind kind, T[] rows, ProcessId process)
        where T : unmanaged =>
        rows.AsSpan(0, kernel.InspectAll<T>(machine, kind, rows, process).Value);
}
