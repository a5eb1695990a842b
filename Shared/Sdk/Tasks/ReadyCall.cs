// Tells the supervisor that a task has come up: a server just before its first receive.
//
// The supervisor measures the time to recovery by it, takes it for the proof of an upgrade, and
// lets go who waits for the server. A task without a supervisor (on the host, in tests) says
// nothing.

using Shared.Abi;

namespace Shared.Sdk.Tasks;

public static class ReadyCall
{
    private const ulong DeadlineNs = 10_000_000_000;

    /// <param name="supervisor">With the task's own badge.</param>
    public static void Send(IKernel kernel, Handle supervisor)
    {
        if (supervisor.IsNone) return;
        CallOptions options = new(kernel.ClockNow() + DeadlineNs, Handle.None);
        new SupervisorClient(kernel, supervisor, options).Ready();
    }
}
