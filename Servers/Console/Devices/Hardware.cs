// What the console drives, as data: it gets these and no other hardware.

using Shared.Abi;
using Shared.Sdk;

namespace Servers.Console.Devices;

/// <summary>Screen and keyboard are None on a machine without a screen.</summary>
public sealed record Hardware(
    Handle SerialPorts, Handle SerialInterrupt, Handle ScreenPorts, Handle ScreenMemory,
    Handle KeyboardPorts, Handle KeyboardInterrupt)
{
    public static Hardware Claim(TaskContext context) => new(
        context.Claim("ports_com1"), context.Claim("irq_com1"),
        context.Find("ports_vga"), context.Find("vga"),
        context.Find("ports_kbd"), context.Find("irq_kbd"));
}
