// The device of a driver's row as bytes of the vault, and back.

using System;
using System.Runtime.InteropServices;
using Servers.Supervisor.Devices;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Devices;
using Shared.Sdk.Vaults;

namespace Servers.Supervisor.Keeping;

internal static class DeviceRecord
{
    public static void Write(ref RecordWriter writer, DriverDevice? device)
    {
        writer.Number((ulong)(device?.Parts.Count ?? 0));
        if (device is null || device.Parts.Count == 0) return;
        PciFunctionInfo function = device.Function;
        foreach (ulong word in MemoryMarshal.Cast<PciFunctionInfo, ulong>([function]))
            writer.Number(word);
        foreach ((string name, Handle handle) in device.Parts)
        {
            writer.Text(name);
            writer.Number(handle.Value);
        }
    }

    public static DriverDevice? Read(ref RecordReader reader)
    {
        ulong count = reader.Number();
        if (count == 0) return null;
        Span<PciFunctionInfo> function = stackalloc PciFunctionInfo[1];
        foreach (ref ulong word in MemoryMarshal.Cast<PciFunctionInfo, ulong>(function))
            word = reader.Number();
        DriverDevice device = new(function[0]);
        for (; count > 0; count--)
        {
            string name = reader.Text();
            device.Parts[name] = new Handle(reader.Number());
        }
        return device;
    }
}
