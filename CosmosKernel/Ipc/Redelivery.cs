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
    public static uint TakeBack(Kernel kernel, Process process, out uint poisoned)
    {
        poisoned = 0;
        ReceiptOrder order = kernel.RedeliveryOrder;
        order.Clear();
        for (int index = 0; index < kernel.Threads.End; index++)
        {
            CallRequest request = kernel.Threads[index].Request;
            if (request.Server is { } server && server.Process == process)
                order.Add(request.ReplyHandle);
        }

        order.Sort();
        uint redelivered = 0;
        // The newest first, each to the head: so the oldest ends up there.
        ReadOnlySpan<ulong> handles = order.Handles;
        for (int place = handles.Length - 1; place >= 0; place--)
        {
            CallRequest request = kernel.Threads[Replies.CallerOf(handles[place])].Request;
            // It came through what the poisoning of a newer one has revoked, and has ended.
            if (request.Server is null) continue;
            request.Server = null;
            request.ReplyHandle = 0;
            request.DeliveredNs = 0;
            // The next incarnation is told by itself.
            request.TookClosed = false;
            request.Endpoint!.EnqueueAgain(request);
            if (request.Faults < FaultsUntilPoisoned)
            {
                redelivered++;
                continue;
            }

            poisoned++;
            Poison(kernel, request);
        }

        kernel.Counters.Redeliveries += redelivered;
        return redelivered;
    }

    /// <summary>
    /// OnDeath was applied where the process was the last to receive. It may have left calls at
    /// endpoints that another process serves by now: who waits there gets them.
    /// </summary>
    public static void Offer(Kernel kernel)
    {
        for (int index = 0; index < kernel.Threads.End; index++)
        {
            CallRequest request = kernel.Threads[index].Request;
            if (request.State == RequestState.Queued && request.Endpoint!.HasReceiver)
                ReceivePath.Offer(kernel, request);
        }
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
