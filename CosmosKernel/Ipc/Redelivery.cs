// Rule 3: calls in a dead server's hands go back to the head of their queues, in order of receipt.
//
// A request whose handling thread has faulted or hung its server twice is answered Poisoned
// instead, and charged to its caller: after three of them the capability that it used is revoked.

using CosmosKernel.Capabilities;
using CosmosKernel.Processes;
using Shared.Abi;
using System;

namespace CosmosKernel.Ipc;

public sealed class Redelivery(Kernel kernel)
{
    public const int FaultsUntilPoisoned = 2;
    public const int PoisoningsUntilRevoked = 3;
    /// <summary>Calls that are put in order by a byte in one step (Endings).</summary>
    const int SortedInStep = 4;

    readonly ReceiptOrder order = new(kernel.Config.Threads);
    /// <summary>Of those in order, the oldest, that are to be given back still.</summary>
    int rest;
    /// <summary>Threads up to this one have been looked at by Offer.</summary>
    int offered;

    /// <summary>The calls in the hands of a process that has died.</summary>
    public void Find(Process process, ref int left)
    {
        order.Clear();
        for (int index = 0; index < kernel.Threads.End; index++)
        {
            CallRequest request = kernel.Threads[index].Request;
            if (request.Server is { } server && server.Process == process)
                order.Add(request.ReplyHandle);
        }

        rest = order.Handles.Length;
        offered = 0;
        left -= Endings.StepsOfScan(kernel) + rest / SortedInStep;
    }

    /// <summary>False: nothing is left of the steps, and they are not in order.</summary>
    public bool Sort(ref int left)
    {
        while (left > 0)
        {
            if (!order.SortOnce()) return true;
            left -= 1 + rest / SortedInStep;
        }

        return false;
    }

    /// <summary>
    /// Gives back what was found. False: nothing is left of the steps, and there are more.
    /// </summary>
    public bool GiveBack(Process process, ref int left)
    {
        ReadOnlySpan<ulong> handles = order.Handles;
        // The newest first, each to the head: so the oldest ends up there.
        while (rest > 0)
        {
            if (left-- <= 0) return false;
            ulong handle = handles[--rest];
            CallRequest request = kernel.Threads[Replies.CallerOf(handle)].Request;
            // Otherwise it has ended meanwhile.
            if (request.ReplyHandle == handle) GiveBack(process, request);
        }

        return true;
    }

    void GiveBack(Process process, CallRequest request)
    {
        request.Server = null;
        request.ReplyHandle = 0;
        request.DeliveredNs = 0;
        // The next incarnation is told by itself.
        request.TookClosed = false;
        request.Endpoint!.EnqueueAgain(request);
        if (request.Faults < FaultsUntilPoisoned)
        {
            process.Death.RequestsRedelivered++;
            kernel.Counters.Redeliveries++;
            return;
        }

        process.Death.RequestsPoisoned++;
        Poison(kernel, request);
    }

    /// <summary>
    /// OnDeath was applied where the process was the last to receive. It may have left calls at
    /// endpoints that another process serves by now: who waits there gets them. False: nothing is
    /// left of the steps, and somebody may wait still.
    /// </summary>
    public bool Offer(ref int left)
    {
        left -= Endings.StepsOfScan(kernel);
        while (offered < kernel.Threads.End)
        {
            CallRequest request = kernel.Threads[offered++].Request;
            if (request.State != RequestState.Queued || !request.Endpoint!.HasReceiver) continue;
            ReceivePath.Offer(kernel, request);
            if ((left -= Endings.StepsOfCall) <= 0) return false;
        }

        return true;
    }

    static void Poison(Kernel kernel, CallRequest request)
    {
        CallRequest origin = OriginOf(kernel, request);
        Process caller = origin.Caller.Process;
        int via = origin.ViaCapability;
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

    /// <summary>
    /// The call that a chain of nested ones serves: a server is not charged for what its client
    /// has asked for.
    /// </summary>
    static CallRequest OriginOf(Kernel kernel, CallRequest request)
    {
        for (int depth = 0; depth < Limits.CallDepth && request.Depth > 0; depth++)
        {
            CallRequest? served = FindDelivered(kernel, request.ServesId);
            if (served is null || served.Server?.Process != request.Caller.Process) break;
            request = served;
        }

        return request;
    }

    static CallRequest? FindDelivered(Kernel kernel, RequestId id)
    {
        for (int index = 0; index < kernel.Threads.End; index++)
        {
            CallRequest request = kernel.Threads[index].Request;
            if (request.State is RequestState.Delivered or RequestState.Parked
                && request.Id == id)
            {
                return request;
            }
        }

        return null;
    }
}
