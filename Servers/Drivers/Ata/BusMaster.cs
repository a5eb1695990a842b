// The part of an IDE controller that moves data between a drive and memory: one for each channel.
//
// Programming Interface for Bus Master IDE Controller 1.0, 2.

using System;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Disks.Ata;
using Shared.Sdk.Native;

namespace Servers.Drivers.Ata;

internal sealed class BusMaster(PortSpan ports, uint firstPort, DmaMemory memory)
{
    public const uint DmaPages = 1 + BlockGeometry.MaxStepBytes / Limits.PageBytes;
    /// <summary>The table of spans has the first page, the data the others.</summary>
    public const uint DataAt = Limits.PageBytes;

    private const uint Command = 0, Status = 2, Table = 4, EntryBytes = 8;
    private const byte Run = 1, ToMemory = 8, HasFailed = 2, Interrupt = 4;
    private const ushort LastEntry = 0x8000;

    public bool HasInterrupted => (ports.Read8(firstPort + Status) & Interrupt) != 0;

    /// <summary>Writes the table: an entry for each page.</summary>
    public void Prepare(AtaTransfer transfer, uint lengthBytes)
    {
        uint entry = 0;
        for (uint done = 0; done < lengthBytes; done += Limits.PageBytes, entry += EntryBytes)
        {
            uint step = Math.Min(Limits.PageBytes, lengthBytes - done);
            bool isLast = done + step == lengthBytes;
            memory.Write32(entry, memory.AddressOf(DataAt + done));
            memory.Write16(entry + 4, (ushort)step);
            memory.Write16(entry + 6, isLast ? LastEntry : (ushort)0);
        }
        ports.Write32(firstPort + Table, memory.AddressOf(0));
        ports.Write8(firstPort + Command, Direction(transfer));
    }

    public void Start(AtaTransfer transfer) =>
        ports.Write8(firstPort + Command, (byte)(Direction(transfer) | Run));

    /// <summary>False when the transfer has failed.</summary>
    public bool Stop()
    {
        byte status = ports.Read8(firstPort + Status);
        ports.Write8(firstPort + Command, 0);
        return (status & HasFailed) == 0;
    }

    /// <summary>Takes the signs of the transfer before away; they are cleared by ones.</summary>
    public void Clear()
    {
        byte status = ports.Read8(firstPort + Status);
        ports.Write8(firstPort + Status, (byte)(status | Interrupt | HasFailed));
    }

    private static byte Direction(AtaTransfer transfer) =>
        transfer == AtaTransfer.DmaIn ? ToMemory : (byte)0;
}
