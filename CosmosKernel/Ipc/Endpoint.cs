// A rendezvous for calls. It outlives the servers that receive on it.

namespace CosmosKernel.Ipc;

public sealed class Endpoint(int index)
{
    public readonly int Index = index;
    public uint Generation = 1;
}
