// Reply handles: the right to answer one call, once.
//
// A Reply is not a record of its own: a thread has at most one call in flight, so the handle names
// the calling thread and the number of the delivery. It cannot be passed on, copied or kept beyond
// the process that received the call. Layout: bit 31 set, bits 0..9 thread, the rest the number, so
// that a later delivery has the larger handle.

using CosmosKernel.Processes;
using CosmosKernel.Threads;
using Shared.Abi;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Ipc;

public static class Replies
{
    public const ulong Mark = 1ul << 31;
    const int ThreadBits = 10;
    public const ulong ThreadMask = (1ul << ThreadBits) - 1;
    /// <summary>From this bit on, a handle says how late it was given out.</summary>
    public const int NumberShift = ThreadBits;

    public static bool IsReply(ulong handle) => (handle & Mark) != 0;

    /// <summary>Index of the thread whose call it answers.</summary>
    public static int CallerOf(ulong handle) => (int)(handle & ThreadMask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Make(Kernel kernel, Thread caller)
    {
        // The carry out of the number's lower half passes through the mark, and sets it back.
        kernel.LastReply = kernel.LastReply + (1ul << ThreadBits) | Mark;
        return kernel.LastReply | (uint)caller.Index;
    }

    /// <summary>The call that the handle answers. Otherwise CallerGone or BadHandle.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Status Find(
        Kernel kernel, Process process, ulong handle, out CallRequest? request)
    {
        int index = CallerOf(handle);
        request = null;
        if (!IsReply(handle) || index >= kernel.Threads.Capacity) return Status.BadHandle;
        CallRequest found = kernel.Threads[index].Request;
        if (found.ReplyHandle == handle && found.Server!.Process == process)
        {
            request = found;
            return Status.Ok;
        }

        return FindGone(process, handle);
    }

    static Status FindGone(Process process, ulong handle)
    {
        foreach (ulong gone in process.GoneReplies)
            if (gone == handle) return Status.CallerGone;
        return Status.BadHandle;
    }

    /// <summary>
    /// The call has ended without its server: its handle answers CallerGone once.
    /// </summary>
    public static void RememberGone(Process server, CallRequest request)
    {
        server.GoneReplies[server.NextGoneReply] = request.ReplyHandle;
        server.NextGoneReply = (server.NextGoneReply + 1) % server.GoneReplies.Length;
    }

    /// <summary>The handle was told CallerGone, or closed: it is BadHandle from now on.</summary>
    public static void ForgetGone(Process process, ulong handle)
    {
        for (int slot = 0; slot < process.GoneReplies.Length; slot++)
            if (process.GoneReplies[slot] == handle) process.GoneReplies[slot] = 0;
    }
}
