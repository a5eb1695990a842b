// Reads one base address register and how long its span is: the bits that stay zero when all are
// written as ones. PCI Local Bus Specification 3.0, 6.2.5.1.

using Shared.Contracts;
using Shared.Contracts.Devices;

namespace Servers.Drivers.Pci;

internal static class BarProbe
{
    private const uint IsPorts = 1, TypeMask = 6, Type64 = 4;
    private const uint PortMask = ~3u, MemoryMask = ~15u;

    /// <summary>
    /// The function's decoding is off. A register of 64 bits takes the next one too: then the
    /// number comes back one higher.
    /// </summary>
    public static PciBar Read(IConfigSpace config, ushort function, ref int number)
    {
        int at = number;
        uint value = config.Read(function, OffsetOf(at));
        uint ones = Probe(config, function, at, value);
        if (ones == 0) return default;
        if ((value & IsPorts) != 0)
        {
            uint mask = ones & PortMask & 0xFFFF;
            return Bar(PciBarKind.Ports, value & PortMask & 0xFFFF, (~mask & 0xFFFF) + 1UL);
        }
        ulong first = value & MemoryMask;
        ulong size = ones & MemoryMask | 0xFFFF_FFFF_0000_0000;
        if ((value & TypeMask) == Type64 && at + 1 < PciBars.Count)
        {
            number = at + 1;
            uint high = config.Read(function, OffsetOf(at + 1));
            first |= (ulong)high << 32;
            size &= (ulong)Probe(config, function, at + 1, high) << 32 | uint.MaxValue;
        }
        return Bar(PciBarKind.Memory, first, ~size + 1);
    }

    /// <summary>One that the firmware has given no place is of no use.</summary>
    private static PciBar Bar(PciBarKind kind, ulong first, ulong lengthBytes) =>
        first == 0 ? default
            : new PciBar { Kind = kind, First = first, LengthBytes = lengthBytes };

    private static uint Probe(IConfigSpace config, ushort function, int bar, uint value)
    {
        config.Write(function, OffsetOf(bar), uint.MaxValue);
        uint ones = config.Read(function, OffsetOf(bar));
        config.Write(function, OffsetOf(bar), value);
        return ones;
    }

    private static uint OffsetOf(int bar) =>
        ConfigHeader.FirstBar + (uint)bar * ConfigHeader.BarBytes;
}
