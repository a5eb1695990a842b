// The device of a driver task: which PCI function, and the capabilities for its parts.
//
// The capabilities outlive each incarnation of the driver; Names are those that the driver gets.

using System.Collections.Generic;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Devices;

namespace Servers.Supervisor.Devices;

public sealed record DriverDevice(PciFunctionInfo Function)
{
    /// <summary>pci, irq, dma, bar0 to bar5: what the function has of them.</summary>
    public Dictionary<string, Handle> Parts { get; } = [];
}
