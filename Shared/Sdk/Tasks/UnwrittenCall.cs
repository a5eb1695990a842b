// Tells the supervisor how many bytes a server with a disk has not written yet, so that `umount`
// can say it whatever becomes of the server or the disk. Without a supervisor it says nothing.

using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Tasks;

public static class UnwrittenCall
{
    private const ulong DeadlineNs = 10_000_000_000;

    public static void Send(TaskContext task, ulong bytes)
    {
        Handle supervisor = task.Find("supervisor");
        if (supervisor.IsNone) return;
        CallOptions options = new(task.NowNs + DeadlineNs, Handle.None);
        new SupervisorClient(task.Kernel, supervisor, options).Unwritten(bytes);
    }
}
