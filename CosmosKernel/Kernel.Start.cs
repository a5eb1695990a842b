// What happens once, before the first turn of the loop.

using System;
using CosmosKernel.Processes;
using CosmosKernel.Processes.Supervision;

namespace CosmosKernel;

public sealed unsafe partial class Kernel
{
    /// <summary>Keeps the first process alive; null where a test starts processes itself.</summary>
    public SupervisorKeeper? Supervisor;

    public bool IsSupervisor(Process process) => Supervisor?.IsSupervisor(process) == true;
    /// <summary>Garbage collections until the end of BeforeRun.</summary>
    public int BootCollections { get; private set; }

    /// <summary>The last allocation of the kernel is in here.</summary>
    public void BeforeRun()
    {
        NowNs = Machine.NowNs;
        Supervisor = new SupervisorKeeper(this);
        Log.Write($"CosmosKernel: {Frames.FreeFrames / 256} MiB free, {Boot.Images.Length} images, "
            + $"{Machine.TscHz / 1_000_000} MHz");
        if (CommandLine.WantsPanic) throw new InvalidOperationException("panic=test was asked for");
        Supervisor.Start();
        BootCollections = GC.CollectionCount(0);
    }
}
