// The kernel's part that owns devices and its own log.

using CosmosKernel.Devices;
using CosmosKernel.Diagnostics;

namespace CosmosKernel;

public sealed unsafe partial class Kernel
{
    public DeviceTable Devices = null!;
    public KernelLog Log = null!;
    public CommandLine CommandLine = null!;

    partial void MakeDeviceTables()
    {
        Devices = new DeviceTable(this);
        Log = new KernelLog(Machine, Config.LogBytes);
        CommandLine = new CommandLine(Boot.CommandLine);
    }

    partial void HandleDeviceInterrupts(uint lines) => Devices.Fired(lines);
}
