// Places in a function's configuration space; PCI Local Bus Specification 3.0, 6.1, and PCI-to-PCI
// Bridge Architecture Specification 1.2, 3.2.

using Shared.Contracts.Devices;

namespace Servers.Drivers.Pci;

internal static class ConfigHeader
{
    public const uint LengthBytes = 256;
    public const uint Identity = 0x00;
    /// <summary>Status in the upper half: bits there are cleared by writing ones.</summary>
    public const uint Command = 0x04;
    public const uint ClassCode = 0x08;
    /// <summary>Byte 2 of the word: the layout, and bit 7 for several functions.</summary>
    public const uint HeaderType = 0x0C;
    public const uint FirstBar = 0x10, BarBytes = 4;
    public const uint BusNumbers = 0x18;
    public const uint Interrupt = 0x3C;

    public const uint CommandMask = 0xFFFF;
    public const ushort Nobody = 0xFFFF;
    public const uint MultipleFunctions = 0x80;
    public const int DeviceLayout = 0, BridgeLayout = 1;

    private const byte DisplayClass = 0x03, BridgeClass = 0x06;

    /// <summary>The screen and bridges go on with what the firmware has let them do.</summary>
    public static bool KeepsAccess(in PciFunctionInfo function) =>
        function.BaseClass is DisplayClass or BridgeClass;
}
