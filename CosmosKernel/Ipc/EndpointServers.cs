// Which process serves an endpoint, and what its callers get when that process dies.
//
// Rules: the server is the process that received last. OnDeath applies inside the kill, and holds
// until another process receives. To be replaced is no death for those who call: the endpoint is
// then as before its first receive, and everything waits.

using CosmosKernel.Processes;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Ipc;

public static class EndpointServers
{
    /// <summary>The process receives on the endpoint now.</summary>
    public static void Become(Kernel kernel, Endpoint endpoint, Process process)
    {
        Leave(endpoint);
        endpoint.Server = process;
        endpoint.LastServer = process.Id;
        System.Array.Copy(process.Name, endpoint.LastServerName, ProcessSpec.MaxNameBytes);
        endpoint.IsServerDead = false;
        endpoint.PreviousServed = null;
        endpoint.NextServed = process.FirstServed;
        if (process.FirstServed is { } first) first.PreviousServed = endpoint;
        process.FirstServed = endpoint;
        if (!process.HasServed && kernel.Supervisor is { } keeper && keeper.IsSupervisor(process))
            keeper.NoteServed();
        process.HasServed = true;
        kernel.Badges.OweAgain(endpoint);
    }

    public static void Leave(Endpoint endpoint)
    {
        if (endpoint.Server is not { } process) return;
        Endpoint? previous = endpoint.PreviousServed, next = endpoint.NextServed;
        if (previous is null) process.FirstServed = next;
        else previous.NextServed = next;
        if (next is not null) next.PreviousServed = previous;
        endpoint.NextServed = endpoint.PreviousServed = null;
        endpoint.Server = null;
    }

    /// <summary>The process has died; its requests are back in the queues already.</summary>
    public static void ApplyOnDeath(Kernel kernel, Process process)
    {
        while (process.FirstServed is { } endpoint)
        {
            Leave(endpoint);
            bool isReplaced = process.Death.Cause == DeathCause.Replaced;
            endpoint.IsServerDead = !isReplaced;
            kernel.Badges.OweAgain(endpoint);
            switch (endpoint.OnDeath)
            {
                case OnDeath.Hold: break;
                case OnDeath.Fail or OnDeath.Vanish when isReplaced: break;
                case OnDeath.Vanish: Vanish(kernel, endpoint); break;
                case OnDeath.Fail: EndQueued(kernel, endpoint, Status.PeerDied); break;
                default: break;
            }

            // Another process may be waiting there already.
            ReceivePath.PollReceiver(kernel, endpoint);
        }
    }

    static void Vanish(Kernel kernel, Endpoint endpoint)
    {
        endpoint.IsVanished = true;
        EndQueued(kernel, endpoint, Status.Revoked);
        for (int index = 0; index < kernel.Threads.End; index++)
        {
            CallRequest request = kernel.Threads[index].Request;
            if (request.State != RequestState.None && request.Endpoint == endpoint)
                CallPath.End(kernel, request, Status.Revoked);
        }

        while (endpoint.FirstReceiver is { } receiver)
            ReceivePath.EndWith(kernel, receiver, Status.Revoked);
    }

    static void EndQueued(Kernel kernel, Endpoint endpoint, Status status)
    {
        while (endpoint.FirstQueued is { } request) CallPath.End(kernel, request, status);
    }
}
