// The keyboard controller: fetches scan codes. What they mean is Keyboard.cs's affair.

using System.Collections.Generic;
using Shared.Abi;
using Shared.Sdk;

namespace Servers.Console.Devices;

public sealed class Ps2Port(IKernel kernel, Handle ports, Handle interrupt)
{
    private const ushort Data = 0x60;
    private const ushort ControllerStatus = 0x64;
    private const uint OutputFull = 0x01;
    private const uint IsMouse = 0x20;
    private const int MaxCodes = 64;

    private readonly Keyboard _keyboard = new();

    public Keyboard Keyboard => _keyboard;

    public void Start(Handle notification, ulong bits, List<byte> typed)
    {
        // What was typed while nobody served.
        Drain(typed);
        kernel.InterruptBind(interrupt, notification, bits);
        kernel.InterruptAcknowledge(interrupt);
    }

    /// <summary>Adds what the user has typed, as bytes of a terminal.</summary>
    public void HandleInterrupt(List<byte> typed)
    {
        Drain(typed);
        kernel.InterruptAcknowledge(interrupt);
    }

    private void Drain(List<byte> typed)
    {
        for (int i = 0; i < MaxCodes; i++)
        {
            uint state = kernel.PortRead(ports, ControllerStatus, 1).Value;
            if ((state & OutputFull) == 0) return;
            byte code = (byte)kernel.PortRead(ports, Data, 1).Value;
            if ((state & IsMouse) == 0) _keyboard.Feed(code, typed);
        }
    }
}
