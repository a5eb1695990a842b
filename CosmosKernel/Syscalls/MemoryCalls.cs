// Memory objects and vaults: made, mapped, discarded.

using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Syscalls;

public static class MemoryCalls
{
    public static bool Dispatch(Kernel kernel, Thread thread, SystemCall call)
    {
        switch (call)
        {
            default: return false;
        }
    }
}
