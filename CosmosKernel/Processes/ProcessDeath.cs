// skeleton
using CosmosKernel.Threads;
using Shared.Abi;
namespace CosmosKernel.Processes;
public static class ProcessDeath
{
    /// <summary>
    /// The thread has done something that ends its process: a fault, a malformed call, an abort. The
    /// cause is kept unless the process has recorded an earlier one.
    /// </summary>
    public static void ThreadFaulted(
        Kernel kernel, Thread thread, DeathCause cause, ulong faultAddress)
    {
    }

    /// <summary>Exit by itself: the last thread has gone, or exit_group was called.</summary>
    public static void Exited(Kernel kernel, Thread thread, int exitCode)
    {
    }

    /// <summary>Ends the process from outside (ProcessKill).</summary>
    public static void Kill(Kernel kernel, Process process, DeathCause cause)
    {
    }

    /// <summary>One thread ends; its process too if it was the last.</summary>
    public static void ThreadExited(Kernel kernel, Thread thread, int exitCode)
    {
    }
}
