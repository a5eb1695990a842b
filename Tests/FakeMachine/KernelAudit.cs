// Checks that the kernel's tables agree with each other: every list, every count, no leftovers.
//
// What is left of the dead, the kernel's own audit says (Auditor); here is what only a look at
// everything at once can tell. Slow and complete; for tests only. Run it between traps, never
// inside one.

using CosmosKernel;
using CosmosKernel.Capabilities;
using CosmosKernel.Diagnostics.Auditing;
using CosmosKernel.Ipc;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using Shared.Abi;
using System;
using System.Collections.Generic;

namespace Tests.FakeMachine;

/// <summary>A kernel table contradicts another one.</summary>
public sealed class AuditException(string message) : Exception(message);

public sealed class KernelAudit
{
    readonly Kernel kernel;
    readonly Dictionary<int, int> pins = [];
    readonly Dictionary<int, int> badges = [];
    readonly Dictionary<(ObjectType, int), int> references = [];

    KernelAudit(Kernel kernel) => this.kernel = kernel;

    /// <summary>Throws AuditException with the first contradiction.</summary>
    public static void Check(Kernel kernel)
    {
        CheckRevocation(kernel);
        KernelAudit audit = new(kernel);
        audit.CheckThreads();
        audit.CheckEndpoints();
        audit.CheckSpaces();
        audit.CheckTree();
        audit.CheckCounts();
        audit.CheckProcesses();
    }

    /// <summary>Throws AuditException when anything of the dead is left for ever.</summary>
    public static void CheckRevocation(Kernel kernel)
    {
        AuditReport report = Auditor.RunAll(kernel);
        Require(report.Leaked == 0, report.ToString());
    }

    static void Require(bool isTrue, string what)
    {
        if (!isTrue) throw new AuditException(what);
    }

    void CheckThreads()
    {
        int deadlines = 0, inTransit = 0, used = 0;
        for (int index = 0; index < kernel.Threads.Capacity; index++)
        {
            Thread thread = kernel.Threads[index];
            CallRequest request = thread.Request;
            string who = $"thread {thread.Id} ({thread.State})";
            if (thread.DeadlineSlot >= 0) deadlines++;
            Require(thread.WaitDeadlineNs == 0 || thread.DeadlineSlot >= 0,
                $"{who} waits for a deadline that nobody has noted");
            if (thread.State == ThreadState.Free) continue;
            used++;
            Require(thread.Process.IsUsed, $"{who} belongs to no process");
            Require(thread.State == ThreadState.InCall == (request.State != RequestState.None),
                $"{who} has a request in state {request.State}");
            bool isScheduled = thread.IsQueuedReady || kernel.Scheduler.Current == thread;
            Require(isScheduled == (thread.State == ThreadState.Ready && !thread.IsStopped),
                $"{who} is scheduled: {isScheduled}");
            if (thread.Handling is { } handling)
                Require(handling.Server == thread, $"{who} handles a request of another");
            if (thread.BoundNotification is { } bound)
                Require(bound.BoundThread == thread, $"{who} is bound one way only");
            if (request.State != RequestState.None) inTransit += CheckRequest(request, who);
        }

        Require(deadlines == kernel.Deadlines.Count, "the deadline queue has lost a thread");
        Require(used == kernel.Threads.Count, "a thread record is lost");
        CapabilitySpace transit =
            kernel.Capabilities.SpaceOf(CapabilityTable.InTransitSpace);
        Require(transit.Count == inTransit, "a capability in transit is lost");
    }

    int CheckRequest(CallRequest request, string who)
    {
        pins[request.ViaCapability] = pins.GetValueOrDefault(request.ViaCapability) + 1;
        Require(!request.Endpoint!.IsVanished || kernel.HasParts,
            $"{who} calls a vanished endpoint");
        bool isWithServer = request.State is RequestState.Delivered or RequestState.Parked;
        Require(isWithServer == (request.Server is not null), $"{who}: server and state differ");
        Require(isWithServer == (request.ReplyHandle != 0), $"{who}: reply and state differ");
        int sent = 0;
        for (int slot = 0; slot < request.Info.Capabilities; slot++)
            if (request.SentCapabilities[slot] != 0) sent++;
        return sent;
    }

    void CheckEndpoints()
    {
        int used = 0;
        for (int index = 0; index < kernel.Endpoints.Capacity; index++)
        {
            Endpoint endpoint = kernel.Endpoints[index];
            if (!endpoint.IsUsed) continue;
            used++;
            Require(!endpoint.IsServerDead || endpoint.Server is null or { IsEnding: true },
                $"endpoint {index} has a server and none");
            for (int lane = 0; lane <= Endpoint.Redelivered; lane++)
                CheckLane(endpoint, lane);
            CheckReceivers(endpoint);
        }

        Require(used == kernel.Endpoints.Count, "an endpoint record is lost");
    }

    static void CheckLane(Endpoint endpoint, int lane)
    {
        CallRequest? previous = null;
        CallRequest? request = endpoint.FirstInLane(lane);
        for (; request is not null; request = request.NextQueued)
        {
            Require(request.PreviousQueued == previous, "a queue's links differ");
            Require(request.State == RequestState.Queued && request.Lane == lane
                && request.Endpoint == endpoint, "a request is in the wrong queue");
            previous = request;
        }
    }

    void CheckReceivers(Endpoint endpoint)
    {
        Thread? previous = null;
        for (Thread? thread = endpoint.FirstReceiver; thread is not null;
             thread = thread.NextWaiting)
        {
            Require(thread.PreviousWaiting == previous, "a receiver list's links differ");
            Require(thread.State == ThreadState.InReceive && thread.ReceivingOn == endpoint,
                $"thread {thread.Id} does not wait where it is listed");
            Require(thread.IsStopped || !endpoint.HasQueued || kernel.HasParts,
                $"thread {thread.Id} waits beside a queue");
            previous = thread;
        }

        Thread? last = endpoint.FirstReceiver == previous ? null : previous;
        Require(endpoint.LastReceiver == last, "a receiver list has a wrong end");
    }

    void CheckSpaces()
    {
        for (int number = 0; number <= CapabilityTable.InTransitSpace; number++)
        {
            CapabilitySpace space = kernel.Capabilities.SpaceOf(number);
            int count = 0, previous = 0;
            for (int index = space.First; index != 0;)
            {
                ref readonly CapabilityRecord record = ref kernel.Capabilities[index];
                Require(record.Space == number, $"capability {index} is in a foreign space");
                Require(record.PreviousInSpace == previous, $"space {number} has wrong links");
                Require(record.State is CapabilityState.Live or CapabilityState.Tombstone,
                    $"capability {index} is owned and {record.State}");
                previous = index;
                index = record.NextInSpace;
                count++;
            }

            Require(count == space.Count, $"space {number} counts {space.Count}, has {count}");
        }
    }

    void CheckTree()
    {
        int used = 0;
        for (int index = 1; index < kernel.Capabilities.Capacity; index++)
        {
            ref readonly CapabilityRecord record = ref kernel.Capabilities[index];
            if (record.State == CapabilityState.Free) continue;
            used++;
            Require(record.PinCount == pins.GetValueOrDefault(index),
                $"capability {index} is pinned {record.PinCount} times");
            CheckChildren(index);
            if (record.BadgeEntry != 0)
                badges[record.BadgeEntry] = badges.GetValueOrDefault(record.BadgeEntry) + 1;
            (ObjectType, int) target = (record.Type, record.ObjectIndex);
            references[target] = references.GetValueOrDefault(target) + 1;
        }

        Require(used == kernel.Capabilities.UsedCount, "a capability record is lost");
    }

    void CheckChildren(int index)
    {
        int previous = 0;
        for (int child = kernel.Capabilities[index].FirstChild; child != 0;)
        {
            ref readonly CapabilityRecord record = ref kernel.Capabilities[child];
            Require(record.Parent == index, $"capability {child} has another parent");
            Require(record.PreviousSibling == previous, $"children of {index} have wrong links");
            previous = child;
            child = record.NextSibling;
        }
    }

    void CheckCounts()
    {
        for (int index = 0; index < kernel.Endpoints.Capacity; index++)
        {
            int counted = references.GetValueOrDefault((ObjectType.Endpoint, index));
            int kept = kernel.Endpoints[index].IsUsed ? kernel.Endpoints[index].References : 0;
            Require(kept == counted, $"endpoint {index} counts {kept}, has {counted}");
        }

        foreach ((int entry, int count) in badges)
        {
            Require(kernel.Badges.CountOf(entry) == count, $"badge entry {entry} miscounts");
            Require(!kernel.Badges.IsOwed(entry), $"badge entry {entry} is owed and live");
        }

        CountKernelSignals();
        for (int index = 0; index < kernel.Notifications.Capacity; index++)
        {
            Notification notification = kernel.Notifications[index];
            int counted = references.GetValueOrDefault((ObjectType.Notification, index));
            int kept = notification.IsUsed ? notification.References : 0;
            Require(kept >= counted, $"notification {index} counts {kept}, has {counted}");
        }
    }

    /// <summary>Processes keep a notification for their death.</summary>
    void CountKernelSignals()
    {
        for (int index = 0; index < kernel.Processes.Capacity; index++)
        {
            Process process = kernel.Processes[index];
            if (process is not { IsUsed: true, DeathNotification: { } kept }) continue;
            (ObjectType, int) target = (ObjectType.Notification, kept.Index);
            references[target] = references.GetValueOrDefault(target) + 1;
        }
    }

    /// <summary>Badges that are owed, by who is charged for them and is there still.</summary>
    int[] CountOwed()
    {
        int[] owed = new int[kernel.Processes.Capacity];
        for (int index = 0; index < kernel.Endpoints.Capacity; index++)
        {
            Endpoint endpoint = kernel.Endpoints[index];
            if (!endpoint.IsUsed) continue;
            int count = 0;
            for (int entry = endpoint.FirstOwed; entry != 0; entry = kernel.Badges.NextOwed(entry))
                count++;
            Require(count == endpoint.OwedCount, $"endpoint {index} miscounts what it owes");
            if (endpoint.Minter is { } minter && minter.Id == endpoint.MinterId)
                owed[minter.Index] += count;
        }

        return owed;
    }

    /// <summary>Objects that the process has made and that are there.</summary>
    int CountMade(Process process, ObjectType type)
    {
        return type switch
        {
            ObjectType.Endpoint => Count(kernel.Endpoints.Capacity, i => kernel.Endpoints[i].Maker),
            ObjectType.Notification =>
                Count(kernel.Notifications.Capacity, i => kernel.Notifications[i].Maker),
            ObjectType.Memory =>
                Count(kernel.MemoryObjects?.End ?? 0, i => kernel.MemoryObjects![i].Maker),
            ObjectType.Vault => Count(kernel.Vaults?.End ?? 0, i => kernel.Vaults![i].Maker),
            _ => 0,
        };

        int Count(int end, Func<int, ObjectMaker> makerOf)
        {
            int made = 0;
            for (int index = 0; index < end; index++)
                if (makerOf(index).Is(process)) made++;
            return made;
        }
    }

    void CheckProcesses()
    {
        int[] owed = CountOwed();
        for (int index = 0; index < kernel.Processes.Capacity; index++)
        {
            Process process = kernel.Processes[index];
            int threads = 0;
            if (!process.IsUsed)
            {
                Require(process.Handles.Count == 0, $"free process {index} has handles");
                continue;
            }

            Require(process.OwedBadges == owed[index], $"process {index} miscounts what is owed");
            for (int type = 0; type < process.ObjectsMade.Length; type++)
            {
                Require(
                    process.ObjectsMade[type] == CountMade(process, (ObjectType)type),
                    $"process {index} miscounts each {(ObjectType)type} that it has made");
            }

            for (Thread? thread = process.FirstThread; thread is not null;
                 thread = thread.NextInProcess)
            {
                threads++;
            }

            Require(threads == process.ThreadCount, $"process {process.Id} miscounts its threads");
            if (!process.IsReclaimed) continue;
            Require(process.Handles.Count == 0 && threads == 0,
                $"reclaimed process {process.Id} holds something");
        }
    }
}
