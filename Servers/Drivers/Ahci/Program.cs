// Ahci: the driver of one SATA controller.

using System;
using System.Collections.Generic;
using System.Linq;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Devices;
using Shared.Sdk;
using Shared.Sdk.Disks;
using Shared.Sdk.Disks.Ata;
using Shared.Sdk.Native;
using Shared.Sdk.Tasks;

namespace Servers.Drivers.Ahci;

internal static class Program
{
    private const uint RegisterBar = 5;
    private const ulong LinkMs = 30, PollMs = 1;

    private static int Main() => TaskMain.Run(Serve);

    private static int Serve(TaskContext task)
    {
        Handle endpoint = task.Claim("endpoint");
        Handle control = task.Claim("control");
        // Firmware that sets up no devices leaves the controller without them.
        if (task.Find($"bar{RegisterBar}").IsNone) throw new RefusedException("no registers");
        PciDevice pci = new(task);
        // What a dead driver has left to the device ends with the reset; until then it is quiet.
        pci.SetAccess(PciAccess.Ports | PciAccess.Memory);
        Handle line = task.Find("irq");
        InterruptWait interrupt = new(task.Kernel, line.IsNone ? [] : [line], control);
        ServerLoop loop = new(task.Kernel, endpoint, control);
        loop.Start();
        Controller controller = OpenController(task, pci, interrupt);
        controller.Reset();
        pci.SetAccess(PciAccess.All);
        List<Port> ports = OpenPorts(task, controller, interrupt);
        controller.ClearInterrupts();
        controller.EnableInterrupts();
        interrupt.Start();
        interrupt.Until(() => ports.TrueForAll(static port => port.IsLinked), LinkMs, PollMs);
        IDiskUnit?[] units = [.. ports.Select(Find)];
        if (units.All(static unit => unit is null)) throw new RefusedException("no drives");
        loop.Run(new DiskServer(units, Quiet), task.Find("supervisor"));
        return 0;

        void Quiet()
        {
            foreach (Port port in ports) port.Quiet();
            interrupt.Acknowledge();
        }
    }

    private static Controller OpenController(
        TaskContext task, PciDevice pci, InterruptWait interrupt)
    {
        Result<DeviceRegisters> registers = DeviceRegisters.Map(
            task.Kernel, task.Claim($"bar{RegisterBar}"), pci.OffsetInPage(RegisterBar),
            Controller.RegisterBytes);
        return registers.IsOk ? new Controller(registers.Value, interrupt)
            : throw new InvalidOperationException($"registers: {registers.Status}");
    }

    /// <summary>By number; those that the controller leaves out are no units.</summary>
    private static List<Port> OpenPorts(
        TaskContext task, Controller controller, InterruptWait interrupt)
    {
        Result<DmaMemory> memory = DmaMemory.Map(
            task.Kernel, task.Claim("dma"), AhciMemory.Pages);
        if (!memory.IsOk) throw new InvalidOperationException($"dma: {memory.Status}");
        List<Port> ports = [];
        uint there = controller.Ports;
        for (uint number = 0; number < AhciMemory.MaxPorts; number++)
        {
            if ((there >> (int)number & 1) == 0) continue;
            Port port = new(controller, number, memory.Value, interrupt);
            port.Prepare();
            ports.Add(port);
        }
        return ports;
    }

    private static IDiskUnit? Find(Port port) => port.Open() switch
    {
        DeviceKind.Disk => AtaDisk.Find(port),
        DeviceKind.PacketDevice => AtapiDisk.Find(port),
        _ => null,
    };
}
