// Virtio: the driver of one virtio block device, over modern PCI.

using System;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Devices;
using Shared.Sdk;
using Shared.Sdk.Disks;

namespace Servers.Drivers.Virtio;

internal static class Program
{
    private static int Main() => TaskMain.Run(Serve);

    private static int Serve(TaskContext task)
    {
        Handle endpoint = task.Claim("endpoint");
        Handle control = task.Claim("control");
        PciDevice pci = new(task);
        // What a dead driver has left to the device ends with its reset; until then it is quiet.
        pci.SetAccess(PciAccess.Ports | PciAccess.Memory);
        Handle line = task.Find("irq");
        InterruptWait interrupt = new(task.Kernel, line.IsNone ? [] : [line], control);
        VirtioRegisters registers = VirtioRegisters.Map(task, pci);
        ServerLoop loop = new(task.Kernel, endpoint, control);
        loop.Start();
        VirtioDisk disk = VirtioDisk.Open(task, registers, interrupt);
        pci.SetAccess(PciAccess.All);
        disk.Start();
        interrupt.Start();
        task.Log($"{disk.Geometry.Blocks} blocks of {disk.Geometry.BlockBytes} bytes");
        loop.Run(new DiskServer([disk], disk.Quiet), task.Find("supervisor"));
        return 0;
    }
}
