// COM1, a 16550 with its FIFO on: received bytes come by interrupt, bytes to send leave at once as
// long as the FIFO takes them, and by interrupt when the far end is slow.
//
// Rules: what was received before a restart is kept (the FIFO is not cleared); never waits.

using System;
using System.Collections.Generic;
using Shared.Abi;
using Shared.Sdk;

namespace Servers.Console.Devices;

public sealed class Uart(IKernel kernel, Handle ports, Handle interrupt)
{
    /// <summary>With more than this unsent, writers wait.</summary>
    public const int MaxUnsentBytes = 64 * 1024;

    private const ushort Data = 0x3F8;
    private const ushort InterruptEnable = 0x3F9;
    private const ushort InterruptIdentity = 0x3FA;
    private const ushort FifoControl = 0x3FA;
    private const ushort LineControl = 0x3FB;
    private const ushort ModemControl = 0x3FC;
    private const ushort LineStatus = 0x3FD;

    private const uint EnableReceived = 1;
    private const uint EnableSent = 2;
    private const uint NothingPending = 1;
    private const uint DataReady = 1;
    private const uint SenderEmpty = 0x20;
    private const int FifoBytes = 16;
    /// <summary>More interrupts than this at once come from no working device.</summary>
    private const int MaxTurns = 1024;

    private readonly Queue<byte> _unsent = new();
    private bool _waitsForSender;

    public bool IsFull => _unsent.Count > MaxUnsentBytes;

    public void Start(Handle notification, ulong bits)
    {
        Write(InterruptEnable, 0);
        Write(LineControl, 0x80);
        Write(Data, 1);
        Write(InterruptEnable, 0);
        Write(LineControl, 0x03);
        Write(FifoControl, 0x01);
        Write(ModemControl, 0x0B);
        kernel.InterruptBind(interrupt, notification, bits);
        Write(InterruptEnable, EnableReceived);
        kernel.InterruptAcknowledge(interrupt);
    }

    public void Send(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes) _unsent.Enqueue(value);
        if (!_waitsForSender) Pump();
    }

    /// <summary>Takes what has come, and sends what now can go.</summary>
    public void HandleInterrupt(List<byte> received)
    {
        // The line is edge triggered: it must be seen quiet, or no other edge will come.
        for (int turn = 0; turn < MaxTurns; turn++)
        {
            Receive(received);
            if (_waitsForSender) Pump();
            if ((Read(InterruptIdentity) & NothingPending) != 0) break;
        }
        kernel.InterruptAcknowledge(interrupt);
    }

    private void Receive(List<byte> received)
    {
        for (int turn = 0; turn < MaxTurns && (Read(LineStatus) & DataReady) != 0; turn++)
        {
            received.Add((byte)Read(Data));
        }
    }

    private void Pump()
    {
        while (_unsent.Count != 0)
        {
            if ((Read(LineStatus) & SenderEmpty) == 0)
            {
                WaitForSender(true);
                return;
            }
            for (int i = 0; i < FifoBytes && _unsent.Count != 0; i++)
            {
                Write(Data, _unsent.Dequeue());
            }
        }
        WaitForSender(false);
    }

    private void WaitForSender(bool waits)
    {
        if (waits == _waitsForSender) return;
        _waitsForSender = waits;
        Write(InterruptEnable, waits ? EnableReceived | EnableSent : EnableReceived);
    }

    private uint Read(ushort port) => kernel.PortRead(ports, port, 1).Value;

    private void Write(ushort port, uint value) => kernel.PortWrite(ports, port, 1, value);
}
