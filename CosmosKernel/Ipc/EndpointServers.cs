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

    /// <summary>
    /// The process has died; its requests are back in the queues already. False: nothing is left of
    /// the steps, and there is more to do.
    /// </summary>
    public static bool ApplyOnDeath(Kernel kernel, Process process, ref int left)
    {
        bool isReplaced = process.Death.Cause == DeathCause.Replaced;
        while (process.FirstServed is { } endpoint)
        {
            if (left <= 0) return false;
            endpoint.IsServerDead = !isReplaced;
            if (!isReplaced && !EndCalls(kernel, endpoint, ref left)) return false;
            Leave(endpoint);
            kernel.Badges.OweAgain(endpoint);
            left -= Endings.StepsOfCall;
            // Another process may be waiting there already.
            ReceivePath.PollReceiver(kernel, endpoint);
        }

        return true;
    }

    static bool EndCalls(Kernel kernel, Endpoint endpoint, ref int left)
    {
        switch (endpoint.OnDeath)
        {
            case OnDeath.Vanish: return Vanish(kernel, endpoint, ref left);
            case OnDeath.Fail: return EndQueued(kernel, endpoint, Status.PeerDied, ref left);
            default: return true;
        }
    }

    static bool Vanish(Kernel kernel, Endpoint endpoint, ref int left)
    {
        endpoint.IsVanished = true;
        if (!EndQueued(kernel, endpoint, Status.Revoked, ref left)) return false;
        left -= Endings.StepsOfScan(kernel);
        for (int index = 0; index < kernel.Threads.End; index++)
        {
            CallRequest request = kernel.Threads[index].Request;
            if (request.State == RequestState.None || request.Endpoint != endpoint) continue;
            CallPath.End(kernel, request, Status.Revoked);
            if ((left -= Endings.StepsOfCall) <= 0) return false;
        }

        while (endpoint.FirstReceiver is { } receiver)
        {
            ReceivePath.EndWith(kernel, receiver, Status.Revoked);
            if ((left -= Endings.StepsOfCall) <= 0) return false;
        }

        return true;
    }

    static bool EndQueued(Kernel kernel, Endpoint endpoint, Status status, ref int left)
    {
        while (endpoint.FirstQueued is { } request)
        {
            if (left <= 0) return false;
            CallPath.End(kernel, request, status);
            left -= Endings.StepsOfCall;
        }

        return true;
    }
}
