// Where a channel's registers are: where those of the first PC were, or where PCI has put them.
//
// PCI IDE Controller Specification 1.0, 2. The supervisor gives the same places (DeviceParts).

using Shared.Contracts.Devices;
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
        if (IdeChannel.IsCompatible(programming, (int)channel))
        {
            IdeChannel place = IdeChannel.OfFirstPc((int)channel);
            return new ChannelPlace(place.Command, place.Control);
        }
        ushort control = pci.Ports(2 * channel + 1);
        return new ChannelPlace(pci.Ports(2 * channel), (ushort)(control + ControlOffset));
    }
}
