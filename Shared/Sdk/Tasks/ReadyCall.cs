// Tells the supervisor that a server has come up, just before its first receive.
//
// The supervisor measures the time to recovery by it, takes it for the proof of an upgrade, and
// lets go who waits for the server. A task without a supervisor (on the host, in tests) says
// nothing.

using Shared.Abi;

namespace Shared.Sdk.Tasks;

internal static class ReadyCall
{
    private const ulong DeadlineNs = 10_000_000_000;

    public static void Send(IKernel kernel, Handle supervisor)
    {
        if (supervisor.IsNone) return;
        CallOptions options = new(kernel.ClockNow() + DeadlineNs, Handle.None);
        new SupervisorClient(kernel, supervisor, options).Ready();
    }
}
