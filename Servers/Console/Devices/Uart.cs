// COM1, a 16550 with its FIFO on: received bytes come by interrupt, bytes to send leave at once as
// long as the FIFO takes them, and by interrupt when the far end is slow.
//
// Rules: what was received before a restart is kept (the FIFO is not cleared); never waits. What is
// unsent and what is received lies in the vault.

using System;
using Servers.Console.Keeping;
using Shared.Abi;
using Shared.Sdk;

namespace Servers.Console.Devices;

public sealed class Uart(
    IKernel kernel, Handle ports, Handle interrupt, OutputRing unsent, InputRing received)
{
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

    private readonly byte[] _burst = new byte[FifoBytes];
    private bool _waitsForSender;

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

    /// <summary>Sends what was committed, as long as the line takes it.</summary>
    public void Send()
    {
        if (!_waitsForSender) Pump();
    }

    /// <summary>
    /// Takes what has come, and sends what now can go. False when there was no room for all; then
    /// it is called again as soon as there is.
    /// </summary>
    public bool HandleInterrupt()
    {
        // The line is edge triggered: it must be seen quiet, or no other edge will come.
        for (int turn = 0; turn < MaxTurns; turn++)
        {
            if (!Receive()) return false;
            if (_waitsForSender) Pump();
            if ((Read(InterruptIdentity) & NothingPending) != 0) break;
        }
        kernel.InterruptAcknowledge(interrupt);
        return true;
    }

    private bool Receive()
    {
        while ((Read(LineStatus) & DataReady) != 0)
        {
            if (received.IsFull) return false;
            received.Add((byte)Read(Data));
        }
        return true;
    }

    private void Pump()
    {
        while (unsent.HasUnsent)
        {
            if ((Read(LineStatus) & SenderEmpty) == 0)
            {
                WaitForSender(true);
                return;
            }
            int count = unsent.Peek(_burst);
            foreach (byte value in _burst.AsSpan(0, count))
            {
                Write(Data, value);
                unsent.Sent();
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
