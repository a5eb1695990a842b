// Where an IDE channel's registers are on the first PC, and on all that are compatible with it.
//
// PCI IDE Controller Specification 1.0, 2. For who gives the ports, and for who uses them.

namespace Shared.Contracts.Devices;

/// <param name="Command">First of eight ports.</param>
/// <param name="Control">The one port of the control block that is used.</param>
/// <param name="Line">Of the interrupt controller.</param>
public readonly record struct IdeChannel(ushort Command, ushort Control, byte Line)
{
    public static IdeChannel OfFirstPc(int channel) =>
        channel == 0 ? new(0x1F0, 0x3F6, 14) : new(0x170, 0x376, 15);

    /// <summary>By the programming interface: the channel is where the first PC had it.</summary>
    public static bool IsCompatible(uint programming, int channel) =>
        (programming >> 2 * channel & 1) == 0;
}
