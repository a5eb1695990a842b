// A 16550 at the ports of COM1, whose far end is the test: it always takes what is sent.
//
// Rules: whoever makes bytes come raises the interrupt of the machine; so does the machine when
// interrupts are let through while bytes wait.

using System.Collections.Generic;
using System.Text;

namespace Tests.FakeMachine;

public sealed class SerialLine
{
    public const int InterruptNumber = 4;
    const ushort Data = 0x3F8, InterruptEnable = 0x3F9, InterruptIdentity = 0x3FA,
        LineControl = 0x3FB, LineStatus = 0x3FD;
    const byte SpeedBit = 0x80;

    readonly LinkedList<byte> received = new();
    readonly StringBuilder sent = new();
    byte lastTaken;
    bool isSpeed, isEnabled;

    /// <summary>All bytes that were ever read from the line, and written to it.</summary>
    public ulong TakenBytes { get; private set; }
    public ulong SentBytes { get; private set; }
    public bool IsRaised => isEnabled && received.Count != 0;

    /// <summary>Bytes come from the far end.</summary>
    public void Type(string keys)
    {
        foreach (char key in keys) received.AddLast((byte)key);
    }

    /// <summary>What has arrived at the far end since the last look.</summary>
    public string TakeSent()
    {
        string text = sent.ToString();
        sent.Clear();
        return text;
    }

    /// <summary>The last byte that was taken was lost with the one who took it.</summary>
    public void TypeAgain()
    {
        received.AddFirst(lastTaken);
        TakenBytes--;
    }

    /// <summary>The last byte that was sent will come again.</summary>
    public void DropLastSent()
    {
        sent.Length--;
        SentBytes--;
    }

    internal uint Read(ushort port) => port switch
    {
        Data => Take(),
        InterruptIdentity => received.Count != 0 ? 4u : 1u,
        LineStatus => (received.Count != 0 ? 1u : 0u) | 0x20u,
        _ => 0,
    };

    internal void Write(ushort port, byte value)
    {
        if (port == LineControl) isSpeed = (value & SpeedBit) != 0;
        if (isSpeed) return;
        if (port == InterruptEnable) isEnabled = (value & 1) != 0;
        if (port != Data) return;
        sent.Append((char)value);
        SentBytes++;
    }

    byte Take()
    {
        if (received.First is not { } first) return 0;
        received.RemoveFirst();
        TakenBytes++;
        return lastTaken = first.Value;
    }
}
