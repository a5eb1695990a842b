// The registers of an AHCI controller that belong to no port. AHCI 1.3.1, 3.1 and 10.4.3.
//
// Rules: the controller is reset before it is used, so no port goes on with what an earlier driver
// has asked for.

using System;
using Shared.Sdk.Disks;
using Shared.Sdk.Native;

namespace Servers.Drivers.Ahci;

internal sealed class Controller(DeviceRegisters registers, InterruptWait interrupt)
{
    /// <summary>Some controllers have no more; it is enough for MaxPorts.</summary>
    public const uint RegisterBytes = Shared.Abi.Limits.PageBytes;

    private const uint GlobalControl = 0x04, InterruptStatus = 0x08, Implemented = 0x0C;
    private const uint PortsAt = 0x100, PortBytes = 0x80;
    private const uint IsReset = 1, Interrupts = 2, IsAhci = 1u << 31;
    private const ulong ResetMs = 1_000, PollMs = 1;

    public void Reset()
    {
        registers.Write32(GlobalControl, IsAhci);
        registers.Write32(GlobalControl, IsAhci | IsReset);
        bool isReset = interrupt.Until(
            () => (registers.Read32(GlobalControl) & IsReset) == 0, ResetMs, PollMs);
        if (!isReset) throw new InvalidOperationException("the controller does not reset");
        registers.Write32(GlobalControl, IsAhci);
    }

    public void EnableInterrupts() =>
        registers.Write32(GlobalControl, registers.Read32(GlobalControl) | IsAhci | Interrupts);

    /// <summary>A bit for each port that is there.</summary>
    public uint Ports => registers.Read32(Implemented);

    public DeviceRegisters PortRegisters(uint port) =>
        registers.Part(PortsAt + port * PortBytes, PortBytes);

    /// <summary>After the port's own signs were taken away; by ones.</summary>
    public void ClearInterrupt(uint port) => registers.Write32(InterruptStatus, 1u << (int)port);

    public void ClearInterrupts() =>
        registers.Write32(InterruptStatus, registers.Read32(InterruptStatus));
}
