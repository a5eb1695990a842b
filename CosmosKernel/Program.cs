// Entry of the kernel's image. The shim has started the runtime; from here on there is only C#.

using System;
using System.Globalization;
using CosmosKernel.Arch.X64;
using CosmosKernel.Boot;
using CosmosKernel.Diagnostics;
using CosmosKernel.Memory;

namespace CosmosKernel;

public static unsafe class Program
{
    public static void Main(string[] arguments)
    {
        // Safety: the shim's only argument is the address of its record, which stays.
        var shim = (HandOver*)ulong.Parse(arguments[0], NumberStyles.HexNumber);
        if (shim->Version != HandOver.ExpectedVersion) return;
        var machine = new X64Machine(shim);
        try
        {
            var userMemory = new UserMemory(machine);
            var kernel = new Kernel(machine, shim->ToBootInfo(), new KernelConfig(), userMemory);
            kernel.BeforeRun();
            while (true) kernel.Run();
        }
        catch (Exception exception)
        {
            Panic.Stop(machine, exception);
        }
    }
}
