// Clock, log, power, and what the kernel knows of all objects.

using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Syscalls;

public static class MachineCalls
{
    public static bool Dispatch(Kernel kernel, Thread thread, SystemCall call)
    {
        switch (call)
        {
            default: return false;
        }
    }
}
