// Tells the supervisor that a server has come up, just before its first receive.
//
// The supervisor measures the time to recovery by it, and lets go who waits for the server. A task
// without a supervisor (on the host, in tests) says nothing.

using System;
using System.Globalization;
using Shared.Abi;

namespace Shared.Sdk.Tasks;

internal static class ReadyCall
{
    private const ulong DeadlineNs = 10_000_000_000;

    /// <summary>Only for the endpoint that the supervisor gave; a server may have others.</summary>
    public static void Send(IKernel kernel, Handle endpoint)
    {
        Handle supervisor = Given("CAP_supervisor");
        if (supervisor.IsNone || endpoint != Given("CAP_endpoint")) return;
        CallOptions options = new(kernel.ClockNow() + DeadlineNs, Handle.None);
        new SupervisorClient(kernel, supervisor, options).Ready();
    }

    private static Handle Given(string variable) => ulong.TryParse(
        Environment.GetEnvironmentVariable(variable), NumberStyles.AllowHexSpecifier,
        CultureInfo.InvariantCulture, out ulong value)
            ? new Handle(value)
            : Handle.None;
}
