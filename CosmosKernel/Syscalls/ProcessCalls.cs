// Processes that exist: given capabilities, killed, stopped, collected.

using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Syscalls;

public static class ProcessCalls
{
    public static bool Dispatch(Kernel kernel, Thread thread, SystemCall call)
    {
        switch (call)
        {
            default: return ProcessMakingCalls.Dispatch(kernel, thread, call);
        }
    }
}
