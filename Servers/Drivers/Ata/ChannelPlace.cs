// Where a channel's registers are: where those of the first PC were, or where PCI has put them.
//
// PCI IDE Controller Specification 1.0, 2. The supervisor gives the same places (DeviceParts).

using Shared.Sdk.Disks;

namespace Servers.Drivers.Ata;

/// <param name="Control">The one port of the control block that is used.</param>
internal readonly record struct ChannelPlace(ushort Command, ushort Control)
{
    private const uint ClassCode = 0x08;
    private const ushort ControlOffset = 2;

    public static ChannelPlace Of(PciDevice pci, uint channel)
    {
        uint programming = pci.Read32(ClassCode) >> 8 & 0xFF;
        bool isCompatible = (programming >> (int)(2 * channel) & 1) == 0;
        if (isCompatible)
            return channel == 0 ? new(0x1F0, 0x3F6) : new(0x170, 0x376);
        ushort control = pci.Ports(2 * channel + 1);
        return new ChannelPlace(pci.Ports(2 * channel), (ushort)(control + ControlOffset));
    }
}
