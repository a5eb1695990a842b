// Skeleton of a family.

using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Syscalls;

public static class CapabilityCalls
{
    public static bool Dispatch(Kernel kernel, Thread thread, SystemCall call) => false;
}
