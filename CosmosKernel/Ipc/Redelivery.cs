// Rule 3: calls in a dead server's hands go back to the head of their queues, in order of receipt.
//
// A request whose handling thread has faulted or hung its server twice is answered Poisoned
// instead, and charged to its caller: after three of them the capability that it used is revoked.

using CosmosKernel.Capabilities;
using CosmosKernel.Processes;
using Shared.Abi;
using System;

namespace CosmosKernel.Ipc;

public static class Redelivery
{
    public const int FaultsUntilPoisoned = 2;
    public const int PoisoningsUntilRevoked = 3;

    /// <summary>Answers how many calls wait for the next incarnation.</summary>
    public static uint TakeBack(Kernel kernel, Process process)
    {
        ulong[] order = kernel.RedeliveryOrder;
        int[] callers = kernel.RedeliveryCallers;
        int count = 0;
        for (int index = 0; index < kernel.Threads.Capacity; index++)
        {
            CallRequest request = kernel.Threads[index].Request;
            if (request.Server is not { } server || server.Process != process) continue;
            order[count] = request.ReplyHandle;
            callers[count++] = index;
        }

        Array.Sort(order, callers, 0, count);
        uint redelivered = 0;
        // The newest first, each to the head: so the oldest ends up there.
        for (int slot = count - 1; slot >= 0; slot--)
        {
            CallRequest request = kernel.Threads[callers[slot]].Request;
            request.Server = null;
            request.ReplyHandle = 0;
            request.DeliveredNs = 0;
            request.Endpoint!.EnqueueAgain(request);
            if (request.Faults >= FaultsUntilPoisoned) Poison(kernel, request);
            else redelivered++;
        }

        kernel.Counters.Redeliveries += redelivered;
        return redelivered;
    }

    static void Poison(Kernel kernel, CallRequest request)
    {
        Process caller = request.Caller.Process;
        int via = request.ViaCapability;
        uint generation = kernel.Capabilities[via].Generation;
        CallPath.End(kernel, request, Status.Poisoned);
        if (++caller.Poisonings < PoisoningsUntilRevoked) return;
        if (kernel.Capabilities[via].Generation != generation
            || kernel.Capabilities[via].State != CapabilityState.Live)
        {
            return;
        }

        kernel.Capabilities.RevokeItself(via);
        CallPath.EndRevoked(kernel);
    }
}
