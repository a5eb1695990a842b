// Ports, interrupts and device memory: what a driver may touch, and nothing else.

using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Syscalls;

public static class DeviceCalls
{
    public static bool Dispatch(Kernel kernel, Thread thread, SystemCall call)
    {
        switch (call)
        {
            default: return false;
        }
    }
}
