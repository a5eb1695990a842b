// A command as the controller reads it: header in the port's list, registers of the device in a
// frame, the packet if there is one, and the spans of memory. AHCI 1.3.1, 4.2, and Serial ATA 3.0,
// 10.3.4.

using System;
using Shared.Abi;
using Shared.Sdk.Disks.Ata;
using Shared.Sdk.Native;

namespace Servers.Drivers.Ahci;

internal static class CommandTable
{
    private const uint PacketAt = 0x40, SpansAt = 0x80, SpanBytes = 16;
    private const byte HostToDevice = 0x27, IsCommand = 0x80, PacketDma = 1, AddressMode = 0x40;
    private const uint FrameWords = 5, HasPacket = 1 << 5, ToDevice = 1 << 6;
    private const int SpanCountShift = 16, FrameBytes = 20;

    /// <summary>Into slot 0 of the port.</summary>
    public static void Write(DmaMemory memory, uint port, in AtaRequest request)
    {
        uint spans = WriteSpans(memory, request.LengthBytes);
        WriteFrame(memory.Bytes(AhciMemory.CommandAt, FrameBytes), request);
        if (request.IsPacket)
        {
            AtapiPacket packet = request.Packet;
            ((ReadOnlySpan<byte>)packet).CopyTo(memory.Bytes(
                AhciMemory.CommandAt + PacketAt, AtapiPacket.LengthBytes));
        }
        uint flags = FrameWords | spans << SpanCountShift;
        if (request.IsPacket) flags |= HasPacket;
        if (request.Transfer == AtaTransfer.DmaOut) flags |= ToDevice;
        uint header = AhciMemory.ListOf(port);
        memory.Write32(header, flags);
        memory.Write32(header + 4, 0);
        memory.Write32(header + 8, memory.AddressOf(AhciMemory.CommandAt));
        memory.Write32(header + 12, 0);
    }

    private static uint WriteSpans(DmaMemory memory, uint lengthBytes)
    {
        uint count = 0;
        for (uint done = 0; done < lengthBytes; done += Limits.PageBytes, count++)
        {
            uint at = AhciMemory.CommandAt + SpansAt + count * SpanBytes;
            memory.Write32(at, memory.AddressOf(AhciMemory.DataAt + done));
            memory.Write32(at + 4, 0);
            memory.Write32(at + 8, 0);
            memory.Write32(at + 12, Math.Min(Limits.PageBytes, lengthBytes - done) - 1);
        }
        return count;
    }

    private static void WriteFrame(Span<byte> frame, in AtaRequest request)
    {
        frame.Clear();
        frame[0] = HostToDevice;
        frame[1] = IsCommand;
        frame[2] = (byte)request.Command;
        if (request.IsPacket)
        {
            frame[3] = request.Transfer == AtaTransfer.None ? (byte)0 : PacketDma;
            frame[5] = 0xFE;
            frame[6] = 0xFF;
            return;
        }
        ulong sector = request.FirstSector;
        byte high = request.IsExtended ? (byte)0 : (byte)(sector >> 24 & 0x0F);
        frame[4] = (byte)sector;
        frame[5] = (byte)(sector >> 8);
        frame[6] = (byte)(sector >> 16);
        frame[7] = (byte)(AddressMode | high);
        frame[12] = (byte)request.Sectors;
        if (!request.IsExtended) return;
        frame[8] = (byte)(sector >> 24);
        frame[9] = (byte)(sector >> 32);
        frame[10] = (byte)(sector >> 40);
        frame[13] = (byte)(request.Sectors >> 8);
    }
}
