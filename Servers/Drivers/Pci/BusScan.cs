// Walks all buses and reads what each function is and needs.
//
// Runs once while the machine is up: to learn how long a register's span is, it must be switched
// off for a moment, which a driver at work would not survive. Rules: buses come as the bridges name
// them, each once; no more functions than the vault has rows for. What the firmware has left moving
// data by itself is stopped, but for bridges and the screen.

using System.Collections.Generic;
using Shared.Contracts;
using Shared.Contracts.Devices;

namespace Servers.Drivers.Pci;

internal sealed class BusScan(IConfigSpace config)
{
    private const int Devices = 32, Functions = 8;

    private readonly List<PciFunctionInfo> _found = [];
    private readonly HashSet<byte> _buses = [];

    public List<PciFunctionInfo> Run()
    {
        ScanBus(0);
        return _found;
    }

    private void ScanBus(byte bus)
    {
        if (!_buses.Add(bus)) return;
        for (int device = 0; device < Devices; device++)
        {
            ushort first = (ushort)(bus << 8 | device << 3);
            if (IsNobody(first)) continue;
            uint header = config.Read(first, ConfigHeader.HeaderType) >> 16;
            int functions = (header & ConfigHeader.MultipleFunctions) != 0 ? Functions : 1;
            for (int function = 0; function < functions; function++)
            {
                ScanFunction((ushort)(first | function));
            }
        }
    }

    private bool IsNobody(ushort function) =>
        (ushort)config.Read(function, ConfigHeader.Identity) is ConfigHeader.Nobody or 0;

    private void ScanFunction(ushort function)
    {
        if (IsNobody(function) || _found.Count == PciVault.MaxFunctions) return;
        uint identity = config.Read(function, ConfigHeader.Identity);
        uint kind = config.Read(function, ConfigHeader.ClassCode);
        uint layout = config.Read(function, ConfigHeader.HeaderType) >> 16 & 0x7F;
        byte line = (byte)config.Read(function, ConfigHeader.Interrupt);
        PciFunctionInfo info = new()
        {
            Address = function,
            Vendor = (ushort)identity,
            Device = (ushort)(identity >> 16),
            BaseClass = (byte)(kind >> 24),
            Subclass = (byte)(kind >> 16),
            Interface = (byte)(kind >> 8),
            InterruptLine = line is > 0 and < 16 ? line : PciFunctionInfo.NoLine,
        };
        if (layout == ConfigHeader.DeviceLayout) ReadBars(ref info);
        _found.Add(info);
        if (layout != ConfigHeader.BridgeLayout) return;
        byte secondary = (byte)(config.Read(function, ConfigHeader.BusNumbers) >> 8);
        if (secondary != 0) ScanBus(secondary);
    }

    private void ReadBars(ref PciFunctionInfo info)
    {
        uint command = config.Read(info.Address, ConfigHeader.Command) & ConfigHeader.CommandMask;
        if (!ConfigHeader.KeepsAccess(info)) command &= ~(uint)PciAccess.BusMaster;
        config.Write(
            info.Address, ConfigHeader.Command,
            command & ~(uint)(PciAccess.Ports | PciAccess.Memory));
        for (int bar = 0; bar < PciBars.Count; bar++)
        {
            int at = bar;
            PciBar found = BarProbe.Read(config, info.Address, ref bar);
            info.Bars[at] = found;
        }
        config.Write(info.Address, ConfigHeader.Command, command);
    }
}
