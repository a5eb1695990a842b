// skeleton
using CosmosKernel.Threads;
using Shared.Abi;
namespace CosmosKernel.Ipc;
public static unsafe class CallPath
{
    public static void TimedOut(Kernel kernel, Thread thread) { }
}
