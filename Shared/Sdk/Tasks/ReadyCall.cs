// Tells the supervisor that a task has come up: a server just before its first receive, or when
// those who have waited for it are served.
//
// The supervisor knows the time to recovery by it, takes it for the proof of an upgrade, and
// lets go who waits for the server. A task without a supervisor (on the host, in tests) says
// nothing.

using Shared.Abi;

namespace Shared.Sdk.Tasks;

public static class ReadyCall
{
    private const ulong DeadlineNs = 10_000_000_000;

    /// <summary>Later, after the first receive.</summary>
    public const ulong LaterNs = 1_000_000;

    /// <param name="supervisor">With the task's own badge.</param>
    /// <param name="sinceNs">When it could receive.</param>
    public static void Send(IKernel kernel, Handle supervisor, ulong sinceNs)
    {
        if (supervisor.IsNone) return;
        CallOptions options = new(kernel.ClockNow() + DeadlineNs, Handle.None);
        new SupervisorClient(kernel, supervisor, options).Ready(sinceNs);
    }
}
