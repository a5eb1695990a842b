// The end after a bug of the kernel: reason and C# stack on the serial line, then QEMU's way out.
//
// May allocate: nothing of the kernel runs afterwards.

using System;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using CosmosKernel.Arch;

namespace CosmosKernel.Diagnostics;

public static class Panic
{
    /// <summary>QEMU ends with status 253. Boot/Shim.c has the same number.</summary>
    public const uint ExitCode = 0x7E;

    [DoesNotReturn]
    public static void Stop(IMachine machine, Exception exception)
    {
        string what = $"{exception.GetType().Name}: {exception.Message}";
        string text = $"\ncosmos: panic: {what}\n{exception}\n";
        KernelLog.WriteSerial(machine, Encoding.UTF8.GetBytes(text));
        machine.PowerOff(ExitCode);
    }
}
