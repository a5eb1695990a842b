// What of the machine belongs to a PCI function: ports, memory, interrupt lines. Pure.
//
// Rules: whole pages of memory; a span that is too long for any driver here is left out. A disk
// controller of class IDE may have its channels at the places of the first PC instead of where its
// registers say; PCI IDE Controller Specification 1.0, 2.

using System.Collections.Generic;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Devices;

namespace Servers.Supervisor.Devices;

public enum DevicePartKind { Ports, Memory, Interrupt }

public readonly record struct DevicePart(
    string Name, DevicePartKind Kind, ulong First, ulong LengthBytes);

public static class DeviceParts
{
    private const ulong MaxMemoryBytes = 16 * 1024 * 1024, PortEnd = 0x1_0000;
    private const byte MassStorage = 0x01, Ide = 0x01;
    private const int FirstIdeBars = 4;

    public static IEnumerable<DevicePart> Of(PciFunctionInfo function)
    {
        bool isIde = function is { BaseClass: MassStorage, Subclass: Ide };
        if (function.InterruptLine != PciFunctionInfo.NoLine)
            yield return new DevicePart("irq", DevicePartKind.Interrupt, function.InterruptLine, 1);
        for (int bar = 0; bar < PciBars.Count; bar++)
        {
            bool isLegacy = isIde && bar < FirstIdeBars
                && IdeChannel.IsCompatible(function.Interface, bar / 2);
            if (!isLegacy && Part(bar, function.Bars[bar]) is { } part) yield return part;
        }
        for (int channel = 0; isIde && channel < FirstIdeBars / 2; channel++)
        {
            if (!IdeChannel.IsCompatible(function.Interface, channel)) continue;
            IdeChannel place = IdeChannel.OfFirstPc(channel);
            yield return new DevicePart(
                $"bar{2 * channel}", DevicePartKind.Ports, place.Command, 8);
            yield return new DevicePart(
                $"bar{2 * channel + 1}", DevicePartKind.Ports, place.Control, 1);
            yield return new DevicePart(
                $"irq{channel}", DevicePartKind.Interrupt, place.Line, 1);
        }
    }

    private static DevicePart? Part(int number, in PciBar bar)
    {
        string name = $"bar{number}";
        if (bar.Kind == PciBarKind.Ports)
        {
            bool isSpan = bar.LengthBytes is not 0 and <= 256
                && bar.First + bar.LengthBytes <= PortEnd;
            return isSpan
                ? new DevicePart(name, DevicePartKind.Ports, bar.First, bar.LengthBytes) : null;
        }
        bool isMemory = bar.Kind == PciBarKind.Memory && bar.LengthBytes is not 0
            and <= MaxMemoryBytes && bar.First <= ulong.MaxValue - 2 * MaxMemoryBytes;
        if (!isMemory) return null;
        const ulong InPage = Limits.PageBytes - 1;
        ulong first = bar.First & ~InPage;
        ulong end = (bar.First + bar.LengthBytes + InPage) & ~InPage;
        return new DevicePart(name, DevicePartKind.Memory, first, end - first);
    }
}
