// The kernel: BeforeRun once, then Run over and over. Run is one turn of the only loop there is.
//
// Interrupts are off in ring 0, there is one kernel stack, and no C# code is ever re-entered. That
// is the whole concurrency model. Nothing is allocated after BeforeRun.

using CosmosKernel.Arch;
using CosmosKernel.Threads;

namespace CosmosKernel;

public sealed partial class Kernel
{
    public readonly IMachine Machine;

    /// <summary>One turn: run the next thread until it traps, and answer the trap.</summary>
    public void Run()
    {
        Thread? thread = Scheduler.Next();
        if (thread is null)
        {
            RunIdle();
            return;
        }

        Dispatch(Machine.Resume(thread));
    }
}
