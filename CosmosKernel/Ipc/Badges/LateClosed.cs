// Endpoints that owe a Closed to a server that waits, and have not woken it for that: the next call
// takes it along, which costs the server nothing (decision 0057).
//
// Rules: whoever is told late is told at the next tick, or when nothing else can run. An endpoint
// may be here and owe nothing any more.

namespace CosmosKernel.Ipc.Badges;

public sealed class LateClosed
{
    /// <summary>So many are told at once; the rest at the next tick.</summary>
    const int ToldAtOnce = 16;

    Endpoint? first;

    public bool HasAny => first is not null;

    public void Add(Endpoint endpoint)
    {
        if (endpoint.IsLate) return;
        endpoint.IsLate = true;
        endpoint.NextLate = first;
        first = endpoint;
    }

    public void Tell(Kernel kernel)
    {
        for (int left = ToldAtOnce; left > 0 && first is { } endpoint; left--)
        {
            first = endpoint.NextLate;
            endpoint.NextLate = null;
            endpoint.IsLate = false;
            if (endpoint.NextOwed != 0) ReceivePath.PollReceiver(kernel, endpoint);
        }
    }
}
