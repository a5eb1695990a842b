// Ata: the driver of one IDE controller with a bus master: two channels, two drives each.

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

namespace Servers.Drivers.Ata;

internal static class Program
{
    private const uint MasterBar = 4, MasterBytes = 8;
    private const int Channels = 2;

    private static int Main() => TaskMain.Run(Serve);

    private static int Serve(TaskContext task)
    {
        Handle endpoint = task.Claim("endpoint");
        Handle control = task.Claim("control");
        // Firmware that sets up no devices leaves the controller without one.
        if (task.Find($"bar{MasterBar}").IsNone) throw new RefusedException("no bus master");
        PciDevice pci = new(task);
        // What a dead driver has left to the device ends with the reset; until then it is quiet.
        pci.SetAccess(PciAccess.Ports);
        InterruptWait interrupt = new(task.Kernel, Lines(task), control);
        ServerLoop loop = new(task.Kernel, endpoint, control);
        loop.Start();
        Channel[] channels = OpenChannels(task, pci, interrupt);
        foreach (Channel channel in channels) channel.Reset();
        pci.SetAccess(PciAccess.Ports | PciAccess.BusMaster);
        interrupt.Start();
        IDiskUnit?[] units = [.. channels.SelectMany(Drives)];
        if (units.All(static unit => unit is null)) throw new RefusedException("no drives");
        loop.Run(new DiskServer(units, Quiet), task.Find("supervisor"));
        return 0;

        void Quiet()
        {
            foreach (Channel channel in channels) channel.Quiet();
            interrupt.Acknowledge();
        }
    }

    private static List<Handle> Lines(TaskContext task) =>
        [.. new[] { "irq", "irq0", "irq1" }.Select(task.Find).Where(one => !one.IsNone)];

    private static Channel[] OpenChannels(TaskContext task, PciDevice pci, InterruptWait interrupt)
    {
        Result<DmaMemory> memory = DmaMemory.Map(
            task.Kernel, task.Claim("dma"), BusMaster.DmaPages);
        if (!memory.IsOk) throw new InvalidOperationException($"dma: {memory.Status}");
        PortSpan master = new(task.Kernel, task.Claim($"bar{MasterBar}"), pci.Ports(MasterBar));
        Channel[] channels = new Channel[Channels];
        for (uint number = 0; number < Channels; number++)
        {
            ChannelPlace place = ChannelPlace.Of(pci, number);
            channels[number] = new Channel(
                new PortSpan(task.Kernel, task.Claim($"bar{2 * number}"), place.Command),
                new PortSpan(task.Kernel, task.Claim($"bar{2 * number + 1}"), place.Control),
                new BusMaster(master, number * MasterBytes, memory.Value), memory.Value, interrupt);
        }
        return channels;
    }

    /// <summary>Both are looked at first: a command to one writes registers of both.</summary>
    private static IEnumerable<IDiskUnit?> Drives(Channel channel)
    {
        DriveKind[] kinds = [channel.KindOf(Drive.First), channel.KindOf(Drive.Second)];
        for (int number = 0; number < kinds.Length; number++)
        {
            IdePort port = new(channel, (Drive)number);
            yield return kinds[number] switch
            {
                DriveKind.Disk => AtaDisk.Find(port),
                DriveKind.PacketDevice => AtapiDisk.Find(port),
                _ => null,
            };
        }
    }
}
