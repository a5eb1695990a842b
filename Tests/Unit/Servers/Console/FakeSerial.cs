// The hardware half of a kernel, for the loopback machine: a 16550 whose far end is the test.

using System.Collections.Generic;
using System.Text;
using Shared.Abi;
using Shared.Sdk;
using Tests.Loopback;

namespace Tests.Unit.Servers.Console;

internal sealed class FakeSerial
{
    private const ulong Data = 0x3F8, InterruptIdentity = 0x3FA, LineControl = 0x3FB,
        LineStatus = 0x3FD;
    /// <summary>While it is set, the data port is half of the speed.</summary>
    private const ulong SpeedBit = 0x80;

    private readonly LinkedList<byte> _received = new();
    private byte _lastTaken;
    private bool _isSpeed;
    private readonly StringBuilder _sent = new();

    /// <summary>Bytes that the far end still takes; the sender waits for more.</summary>
    public int Room { get; set; } = int.MaxValue;
    public ulong Bits { get; private set; }
    /// <summary>All bytes that the server has ever taken, and all that it has sent.</summary>
    public ulong TakenBytes { get; private set; }
    public ulong SentBytes { get; private set; }

    /// <summary>What has been sent since the last look.</summary>
    public string TakeSent()
    {
        string text = _sent.ToString();
        _sent.Clear();
        return text;
    }

    public void Receive(byte[] bytes)
    {
        foreach (byte value in bytes) _received.AddLast(value);
    }

    /// <summary>The last byte that was taken was lost with the one who took it.</summary>
    public void TypeAgain()
    {
        _received.AddFirst(_lastTaken);
        TakenBytes--;
    }

    /// <summary>The last byte that was sent will come again.</summary>
    public void DropLastSent()
    {
        _sent.Length--;
        SentBytes--;
    }

    public CallResult Answer(LoopbackKernel caller, ref Registers registers)
    {
        switch ((SystemCall)registers.Number)
        {
            case SystemCall.InterruptBind:
                Bits = registers.A2;
                break;
            case SystemCall.PortRead:
                registers.A0 = Read(registers.A1);
                break;
            case SystemCall.PortWrite when registers.A1 == LineControl:
                _isSpeed = (registers.A3 & SpeedBit) != 0;
                break;
            case SystemCall.PortWrite when registers.A1 == Data && !_isSpeed:
                _sent.Append((char)registers.A3);
                SentBytes++;
                Room--;
                break;
        }
        return new CallResult(Status.Ok);
    }

    private byte Take()
    {
        if (_received.First is not { } first) return 0;
        _received.RemoveFirst();
        TakenBytes++;
        return _lastTaken = first.Value;
    }

    private ulong Read(ulong port) => port switch
    {
        Data => Take(),
        InterruptIdentity => _received.Count != 0 ? 4u : 1u,
        LineStatus => (_received.Count != 0 ? 1u : 0u) | (Room > 0 ? 0x20u : 0u),
        _ => 0,
    };
}
