// Processes from images: ImageOpen, ProcessCreate, ProcessStart. The rest is in ProcessCalls.

using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Syscalls;

public static class ProcessMakingCalls
{
    public static bool Dispatch(Kernel kernel, Thread thread, SystemCall call)
    {
        switch (call)
        {
            default: return false;
        }
    }
}
