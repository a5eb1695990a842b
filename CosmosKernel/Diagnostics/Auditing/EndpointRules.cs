// An endpoint outlives its servers, and keeps nothing of them: no server, receiver or caller of it
// is dead.

using CosmosKernel.Ipc;
using CosmosKernel.Threads;
using Shared.Abi;

namespace CosmosKernel.Diagnostics.Auditing;

static class EndpointRules
{
    public static int Check(Kernel kernel, int index, ref AuditReport report)
    {
        Endpoint endpoint = kernel.Endpoints[index];
        if (!endpoint.IsUsed && endpoint.Server is null && !endpoint.HasReceiver
            && !endpoint.HasQueued)
        {
            return 4;
        }

        if (endpoint.Server is { } server && (!endpoint.IsUsed || server.HasEnded))
            report.AddLeaked(AuditKind.Endpoint, index, server.Id.Value);
        if (endpoint.IsUsed && endpoint.References <= 0)
            report.AddLeaked(AuditKind.Record, index, 0);

        return 8 + CheckReceivers(endpoint, ref report) + CheckQueues(endpoint, ref report);
    }

    /// <summary>Those that wait, first in a list of their own.</summary>
    static int CheckReceivers(Endpoint endpoint, ref AuditReport report)
    {
        int units = 0;
        for (Thread? thread = endpoint.FirstReceiver; thread is not null;
             thread = thread.NextWaiting)
        {
            units += 2;
            if (endpoint.IsUsed && !ThreadRules.IsDead(thread)) continue;
            report.AddLeaked(AuditKind.Waiter, thread.Index, thread.Process.Id.Value);
        }

        return units;
    }

    static int CheckQueues(Endpoint endpoint, ref AuditReport report)
    {
        if (!endpoint.HasQueued) return 0;
        int units = 0;
        for (int lane = 0; lane <= Endpoint.Redelivered; lane++)
        {
            for (CallRequest? request = endpoint.FirstInLane(lane); request is not null;
                 request = request.NextQueued)
            {
                units += 2;
                if (endpoint.IsUsed && request.State == RequestState.Queued
                    && !ThreadRules.IsDead(request.Caller))
                {
                    continue;
                }

                report.AddLeaked(
                    AuditKind.Call, request.Caller.Index, request.Caller.Process.Id.Value);
            }
        }

        return units;
    }
}
