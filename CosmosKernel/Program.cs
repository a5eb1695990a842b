// Entry of the kernel's image. The shim has started the runtime; from here on there is only C#.

using System;
using CosmosKernel.Arch.X64;
using CosmosKernel.Boot;
using CosmosKernel.Diagnostics;
using CosmosKernel.Memory;

namespace CosmosKernel;

public static unsafe class Program
{
    public static void Main(string[] arguments)
    {
        var shim = HandOver.Find(arguments);
        if (shim->Version != HandOver.ExpectedVersion) return;
        BootInfo boot = shim->ToBootInfo();
        Platform.EnableFeatures(shim);
        Platform.MapAllMemory(shim, boot);
        var machine = new X64Machine(shim);
        try
        {
            var userMemory = new UserMemory(machine);
            var kernel = new Kernel(machine, boot, new KernelConfig(), userMemory);
            kernel.BeforeRun();
            kernel.RunForEver();
        }
        catch (Exception exception)
        {
            Panic.Stop(machine, exception);
        }
    }
}
