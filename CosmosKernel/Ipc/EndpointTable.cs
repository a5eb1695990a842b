// All endpoints that the machine can have, made at boot. One goes with its last capability.

using CosmosKernel.Processes;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Ipc;

public sealed class EndpointTable : IObjectTable
{
    readonly Kernel kernel;
    readonly Endpoint[] endpoints;
    readonly int[] free;
    int freeCount;

    public EndpointTable(Kernel kernel, int capacity)
    {
        this.kernel = kernel;
        endpoints = new Endpoint[capacity];
        free = new int[capacity];
        for (int index = 0; index < capacity; index++)
        {
            endpoints[index] = new Endpoint(index);
            free[capacity - 1 - index] = index;
        }

        freeCount = capacity;
    }

    public int Capacity => endpoints.Length;
    public int Count => endpoints.Length - freeCount;
    public Endpoint this[int index] => endpoints[index];

    /// <summary>Null when the table is used up.</summary>
    public Endpoint? Create(OnDeath onDeath, Layer layer, ulong defaultDeadlineNs)
    {
        kernel.Reclaimer.RunUntilFree(in freeCount);
        if (freeCount == 0) return null;
        Endpoint endpoint = endpoints[free[--freeCount]];
        endpoint.Reset(onDeath, layer, defaultDeadlineNs);
        return endpoint;
    }

    /// <summary>
    /// Capabilities for it are gone. No call can be queued when the last one goes.
    /// </summary>
    public void Release(Endpoint endpoint, int count = 1)
    {
        if ((endpoint.References -= count) > 0) return;
        while (endpoint.FirstReceiver is { } receiver)
            ReceivePath.EndWith(kernel, receiver, Status.Revoked);
        EndpointServers.Leave(endpoint);
        Free(endpoint);
    }

    /// <summary>It has no capability, or none could be made for it.</summary>
    public void Free(Endpoint endpoint)
    {
        kernel.Badges.RemoveAll(endpoint);
        endpoint.Maker.Clear(ObjectType.Endpoint);
        endpoint.IsUsed = false;
        free[freeCount++] = endpoint.Index;
    }
}
