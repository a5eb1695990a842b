// The hardware half of a kernel, for the loopback machine: a 16550 whose far end is the test.

using System.Collections.Generic;
using System.Text;
using Shared.Abi;
using Shared.Sdk;
using Tests.Loopback;

namespace Tests.Unit.Servers.Console;

internal sealed class FakeSerial
{
    private const ulong Data = 0x3F8, InterruptIdentity = 0x3FA, LineStatus = 0x3FD;

    private readonly Queue<byte> _received = new();
    private readonly StringBuilder _sent = new();

    /// <summary>Bytes that the far end still takes; the sender waits for more.</summary>
    public int Room { get; set; } = int.MaxValue;
    public ulong Bits { get; private set; }

    /// <summary>What has been sent since the last look.</summary>
    public string TakeSent()
    {
        string text = _sent.ToString();
        _sent.Clear();
        return text;
    }

    public void Receive(byte[] bytes)
    {
        foreach (byte value in bytes) _received.Enqueue(value);
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
            case SystemCall.PortWrite when registers.A1 == Data:
                _sent.Append((char)registers.A3);
                Room--;
                break;
        }
        return new CallResult(Status.Ok);
    }

    private ulong Read(ulong port) => port switch
    {
        Data => _received.TryDequeue(out byte value) ? value : 0u,
        InterruptIdentity => _received.Count != 0 ? 4u : 1u,
        LineStatus => (_received.Count != 0 ? 1u : 0u) | (Room > 0 ? 0x20u : 0u),
        _ => 0,
    };
}
