// An IDE channel behind a kernel's port calls, as QEMU 7.2 has it (hw/ide/core.c): one drive, and
// the place of the second one empty.
//
// A reset is done by another thread of the emulator, some reads later. Until then both drives are
// busy, and what is written to the command registers is ignored; an empty place reads as 0.

using Shared.Abi;
using Shared.Sdk;

namespace Tests.Unit.Servers.Drivers.Ata;

internal sealed class FakeIde(int readsUntilReset) : IKernel
{
    public const ushort Command = 0x1F0, Control = 0x3F6, Master = 0xC000;

    private const byte Busy = 0x80, Ready = 0x50, SoftReset = 0x04, DriveBit = 0x10;
    private const ulong NsPerRead = 1_000;

    private readonly byte[] _status = [Ready, 0];
    private readonly byte[] _select = [0xB0, 0xB0];
    private byte _control;
    private int _readsLeft;
    private ulong _nowNs;

    /// <summary>The firmware has looked at the second one last.</summary>
    private int _active = 1;

    /// <summary>A command has gone to the drive that is there.</summary>
    public bool HasCommand { get; private set; }

    public CallResult Invoke(ref Registers registers)
    {
        Status status = Status.Ok;
        switch ((SystemCall)registers.Number)
        {
            case SystemCall.PortRead: registers.A0 = Read((ushort)registers.A1); break;
            case SystemCall.PortWrite:
                Write((ushort)registers.A1, (byte)registers.A3);
                break;
            case SystemCall.ClockNow: registers.A0 = _nowNs; break;
            case SystemCall.Receive:
                _nowNs = registers.A2;
                status = Status.TimedOut;
                break;
            default: throw new System.InvalidOperationException($"{registers.Number:x}");
        }
        registers.Number = new CallResult(status).Value;
        return new CallResult(status);
    }

    private byte Read(ushort port)
    {
        _nowNs += NsPerRead;
        if (_readsLeft > 0 && --_readsLeft == 0)
        {
            _status[0] = Ready;
            _status[1] = 0;
            _select[0] = _select[1] = 0xA0;
        }
        return port switch
        {
            Control => _active == 0 ? _status[0] : (byte)0,
            Command + 6 => _select[_active],
            Command + 7 => _active == 0 ? _status[0] : (byte)0,
            _ => 0,
        };
    }

    private void Write(ushort port, byte value)
    {
        if (port == Control)
        {
            bool begins = (_control & SoftReset) == 0 && (value & SoftReset) != 0;
            _control = value;
            if (!begins) return;
            _status[0] |= Busy;
            _status[1] |= Busy;
            _readsLeft = readsUntilReset;
            return;
        }
        if ((_status[_active] & Busy) != 0) return;
        if (port == Command + 6)
        {
            _select[0] = _select[1] = value;
            _active = (value & DriveBit) >> 4;
        }
        if (port == Command + 7 && _active == 0) HasCommand = true;
    }
}
