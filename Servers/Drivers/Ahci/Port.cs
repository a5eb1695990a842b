// One port of the controller: starting, stopping, and one command at a time. AHCI 1.3.1, 3.3, 5.5,
// 6.2 and 10.
//
// Rules: every wait ends; after an error or a silence the port is started anew.

using System;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Disks;
using Shared.Sdk.Disks.Ata;
using Shared.Sdk.Native;

namespace Servers.Drivers.Ahci;

internal enum DeviceKind { None, Disk, PacketDevice }

internal sealed class Port(
    Controller controller, uint number, DmaMemory memory, InterruptWait interrupt) : IAtaPort
{
    private const uint ListBase = 0x00, ListBaseHigh = 0x04, AnswerBase = 0x08;
    private const uint AnswerBaseHigh = 0x0C, InterruptStatus = 0x10, InterruptEnable = 0x14;
    private const uint Command = 0x18, TaskFile = 0x20, Signature = 0x24, SataStatus = 0x28;
    private const uint SataControl = 0x2C, SataError = 0x30, Issue = 0x38;

    // Command and status; 3.3.7.
    private const uint Start = 1, SpinUp = 1 << 1, PowerOn = 1 << 2, ReceiveAnswers = 1 << 4;
    private const uint AnswersRun = 1 << 14, ListRuns = 1 << 15;
    // Interrupt status; 3.3.5: what says that a command has failed, and all that is asked for.
    private const uint Failures = 1u << 30 | 1 << 29 | 1 << 28 | 1 << 27;
    private const uint Wanted = Failures | 1 << 5 | 1 << 3 | 1 << 2 | 1 << 1 | 1;

    private const uint Busy = 0x80, DataRequest = 0x08, HasFailed = 0x21;
    private const uint DetectMask = 0xF, IsConnected = 3, Reconnect = 1;
    private const uint DiskSignature = 0x0000_0101, PacketSignature = 0xEB14_0101;
    private const uint Slot = 1;
    private const ulong TimeoutMs = 800, StopMs = 500, ReadyMs = 1_000, PollMs = 1;

    private readonly DeviceRegisters _registers = controller.PortRegisters(number);
    private bool _hasFailed;

    public Span<byte> Buffer => memory.Bytes(AhciMemory.DataAt, BlockGeometry.MaxStepBytes);

    public bool IsLinked => (_registers.Read32(SataStatus) & DetectMask) == IsConnected;

    /// <summary>The controller was reset: gives the port its memory, and has it look.</summary>
    public void Prepare()
    {
        Stop();
        _registers.Write32(ListBase, memory.AddressOf(AhciMemory.ListOf(number)));
        _registers.Write32(ListBaseHigh, 0);
        _registers.Write32(AnswerBase, memory.AddressOf(AhciMemory.AnswerOf(number)));
        _registers.Write32(AnswerBaseHigh, 0);
        _registers.Write32(Command, _registers.Read32(Command) | SpinUp | PowerOn);
    }

    /// <summary>What hangs at the port; it takes commands from now on.</summary>
    public DeviceKind Open()
    {
        if (!IsLinked || !TryStart()) return DeviceKind.None;
        return _registers.Read32(Signature) switch
        {
            DiskSignature => DeviceKind.Disk,
            PacketSignature => DeviceKind.PacketDevice,
            _ => DeviceKind.None,
        };
    }

    public Status Execute(in AtaRequest request)
    {
        CommandTable.Write(memory, number, request);
        Quiet();
        _registers.Write32(Issue, Slot);
        _hasFailed = false;
        bool isOver = interrupt.Until(IsOver, TimeoutMs);
        uint task = _registers.Read32(TaskFile);
        if (isOver && !_hasFailed && (task & HasFailed) == 0) return Status.Ok;
        Restart(isOver);
        return isOver ? Status.IoError : Status.TimedOut;
    }

    /// <summary>Takes the port's interrupt away.</summary>
    public void Quiet()
    {
        _registers.Write32(InterruptStatus, _registers.Read32(InterruptStatus));
        controller.ClearInterrupt(number);
    }

    private bool IsOver()
    {
        _hasFailed |= (_registers.Read32(InterruptStatus) & Failures) != 0;
        bool isOver = _hasFailed || (_registers.Read32(Issue) & Slot) == 0;
        Quiet();
        return isOver;
    }

    /// <summary>6.2.2: a device that is stuck is connected anew.</summary>
    private void Restart(bool isOver)
    {
        Stop();
        bool isStuck = !isOver || (_registers.Read32(TaskFile) & (Busy | DataRequest)) != 0;
        if (isStuck)
        {
            _registers.Write32(SataControl, Reconnect);
            // At least a millisecond; 10.4.2.
            interrupt.Until(static () => false, 2 * PollMs, PollMs);
            _registers.Write32(SataControl, 0);
            interrupt.Until(() => IsLinked, ReadyMs, PollMs);
        }
        TryStart();
    }

    private bool TryStart()
    {
        _registers.Write32(SataError, uint.MaxValue);
        Quiet();
        _registers.Write32(Command, _registers.Read32(Command) | ReceiveAnswers);
        bool isReady = interrupt.Until(
            () => (_registers.Read32(TaskFile) & (Busy | DataRequest)) == 0, ReadyMs, PollMs);
        if (!isReady) return false;
        _registers.Write32(InterruptEnable, Wanted);
        _registers.Write32(Command, _registers.Read32(Command) | Start);
        return true;
    }

    private void Stop()
    {
        _registers.Write32(InterruptEnable, 0);
        ClearAndWait(Start, ListRuns);
        ClearAndWait(ReceiveAnswers, AnswersRun);
    }

    private void ClearAndWait(uint bit, uint runs)
    {
        _registers.Write32(Command, _registers.Read32(Command) & ~bit);
        interrupt.Until(() => (_registers.Read32(Command) & runs) == 0, StopMs, PollMs);
    }
}
