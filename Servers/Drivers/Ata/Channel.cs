// One IDE channel: two drives, one set of registers, one bus master.
//
// ATA/ATAPI-8 Parallel Transport (APT), 9, and Programming Interface for Bus Master IDE Controller
// 1.0. Rules: interrupts come while a transfer runs and at no other time; every wait ends.

using System;
using Shared.Abi;
using Shared.Sdk.Disks;
using Shared.Sdk.Disks.Ata;
using Shared.Sdk.Native;

namespace Servers.Drivers.Ata;

internal enum Drive : byte { First = 0, Second = 1 }

internal enum DriveKind { None, Disk, PacketDevice }

internal sealed class Channel(
    PortSpan command, PortSpan control, BusMaster master, DmaMemory memory, InterruptWait interrupt)
{
    private const uint Data = 0, Features = 1, Count = 2, Low = 3, Middle = 4, High = 5;
    private const uint Select = 6, StatusAt = 7, CommandAt = 7, Alternate = 0;
    private const byte Busy = 0x80, Fault = 0x20, DataRequest = 0x08, Error = 0x01;
    private const byte Floating = 0xFF, SelectBase = 0xA0, SelectAddress = 0x40;
    private const byte SoftReset = 0x04, NoInterrupts = 0x02, PacketDma = 0x01;
    private const byte DriveBit = 0x10;
    private const ulong TimeoutMs = 800, ResetMs = 2_000, PollMs = 1;
    private const int SettleReads = 5;
    private static readonly (byte, byte) PacketSignature = (0x14, 0xEB);

    public DmaMemory Memory => memory;

    /// <summary>Stops what both drives do.</summary>
    public void Reset()
    {
        master.Stop();
        control.Write8(Alternate, SoftReset | NoInterrupts);
        // At least 5 microseconds; each access takes longer than one.
        for (int i = 0; i < SettleReads; i++) control.Read8(Alternate);
        control.Write8(Alternate, NoInterrupts);
        interrupt.Until(() => !IsBusy, ResetMs, PollMs);
    }

    private bool IsBusy => control.Read8(Alternate) is not Floating and >= Busy;

    /// <summary>What answers, by what a reset leaves; APT, 9. Before the first command.</summary>
    public DriveKind KindOf(Drive drive)
    {
        // While both come out of the reset the choice is not taken, and an empty place looks idle.
        if (!interrupt.Until(() => TrySelect(drive, 0), ResetMs, PollMs)) return DriveKind.None;
        (byte middle, byte high) = (command.Read8(Middle), command.Read8(High));
        if ((middle, high) == PacketSignature) return DriveKind.PacketDevice;
        bool isThere = control.Read8(Alternate) is not (Floating or 0)
            && interrupt.Until(() => !IsBusy, ResetMs, PollMs);
        return isThere ? DriveKind.Disk : DriveKind.None;
    }

    public Status Execute(Drive drive, in AtaRequest request)
    {
        Status status = request.Transfer switch
        {
            AtaTransfer.PioIn => ReadPio(drive, request),
            _ => Run(drive, request),
        };
        control.Write8(Alternate, NoInterrupts);
        if (status != Status.TimedOut) return status;
        Reset();
        return status;
    }

    public void Quiet() => master.Clear();

    private Status ReadPio(Drive drive, in AtaRequest request)
    {
        if (!Start(drive, request)) return Status.TimedOut;
        if (!WaitForData()) return Status.IoError;
        Span<byte> target = memory.Bytes(BusMaster.DataAt, request.LengthBytes);
        for (int at = 0; at < target.Length; at += sizeof(ushort))
        {
            BitConverter.TryWriteBytes(target[at..], command.Read16(Data));
        }
        return Status.Ok;
    }

    private Status Run(Drive drive, in AtaRequest request)
    {
        bool isDma = request.Transfer != AtaTransfer.None;
        if (isDma) master.Prepare(request.Transfer, request.LengthBytes);
        master.Clear();
        control.Write8(Alternate, 0);
        if (!Start(drive, request)) return Status.TimedOut;
        if (request.IsPacket && !SendPacket(request.Packet)) return Status.IoError;
        if (isDma) master.Start(request.Transfer);
        bool isDone = interrupt.Until(IsDone, TimeoutMs);
        bool isRight = !isDma || master.Stop();
        if (!isDone) return Status.TimedOut;
        byte status = command.Read8(StatusAt);
        return isRight && (status & (Error | Fault)) == 0 ? Status.Ok : Status.IoError;
    }

    /// <summary>False when the drive is busy and stays so.</summary>
    private bool Start(Drive drive, in AtaRequest request)
    {
        if (!interrupt.Until(() => !IsBusy, TimeoutMs, PollMs)) return false;
        byte high = request.IsExtended ? (byte)0 : (byte)(request.FirstSector >> 24 & 0x0F);
        if (!interrupt.Until(() => TrySelect(drive, high), TimeoutMs, PollMs)) return false;
        if (!interrupt.Until(() => !IsBusy, TimeoutMs, PollMs)) return false;
        if (request.IsExtended) WriteAddress(request.FirstSector >> 24, request.Sectors >> 8);
        if (request.IsPacket)
        {
            command.Write8(Features, request.Transfer == AtaTransfer.None ? (byte)0 : PacketDma);
            command.Write8(Middle, 0xFE);
            command.Write8(High, 0xFF);
        }
        else WriteAddress(request.FirstSector, request.Sectors);
        command.Write8(CommandAt, (byte)request.Command);
        return true;
    }

    private void WriteAddress(ulong sector, uint sectors)
    {
        command.Write8(Count, (byte)sectors);
        command.Write8(Low, (byte)sector);
        command.Write8(Middle, (byte)(sector >> 8));
        command.Write8(High, (byte)(sector >> 16));
    }

    private bool SendPacket(AtapiPacket packet)
    {
        if (!WaitForData()) return false;
        ReadOnlySpan<byte> bytes = packet;
        for (int at = 0; at < bytes.Length; at += sizeof(ushort))
        {
            command.Write16(Data, BitConverter.ToUInt16(bytes[at..]));
        }
        return true;
    }

    private bool WaitForData()
    {
        byte status = 0;
        interrupt.Until(() =>
        {
            status = control.Read8(Alternate);
            return (status & Busy) == 0 && (status & (DataRequest | Error | Fault)) != 0;
        }, TimeoutMs, PollMs);
        return (status & (Busy | DataRequest | Error | Fault)) == DataRequest;
    }

    /// <summary>The drive has interrupted, and is not busy any more.</summary>
    private bool IsDone()
    {
        if (!master.HasInterrupted || IsBusy) return false;
        // Reading the status takes the drive's interrupt away.
        command.Read8(StatusAt);
        master.Clear();
        return true;
    }

    /// <summary>False when the channel has not taken the choice.</summary>
    private bool TrySelect(Drive drive, byte high)
    {
        byte choice = (byte)(SelectBase | SelectAddress | (byte)drive << 4 | high);
        command.Write8(Select, choice);
        // 400 nanoseconds, by its own registers.
        for (int i = 0; i < SettleReads; i++) control.Read8(Alternate);
        byte chosen = command.Read8(Select);
        // A reset leaves the drive's bit as it is for the first one, but never that of addresses.
        const byte Shown = SelectAddress | DriveBit;
        bool isEmpty = chosen is 0 or Floating;
        return isEmpty || (chosen & Shown) == (choice & Shown);
    }
}
