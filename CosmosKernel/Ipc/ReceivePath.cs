// skeleton
using CosmosKernel.Threads;
using Shared.Abi;
namespace CosmosKernel.Ipc;
public static unsafe class ReceivePath
{
    public static void TimedOut(Kernel kernel, Thread thread) { }
    public static void EndWith(Kernel kernel, Thread thread, Status status) { }
    public static void Poll(Kernel kernel, Thread thread) { }
    public static void PollReceiver(Kernel kernel, Endpoint endpoint) { }
}
