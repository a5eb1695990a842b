// Skeleton of a family.

using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Syscalls;

public static class ObjectCalls
{
    public static bool Dispatch(Kernel kernel, Thread thread, SystemCall call) => false;
}
