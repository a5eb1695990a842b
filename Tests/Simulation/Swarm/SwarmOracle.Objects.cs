// Objects that a call has made, and what the keeper does with processes.

using CosmosKernel.Capabilities;
using CosmosKernel.Processes;
using Shared.Abi;

namespace Tests.Simulation.Swarm;

sealed unsafe partial class SwarmOracle
{
    void NoteObject(SwarmThread thread, Status status)
    {
        switch (thread.Number)
        {
            case SystemCall.ProcessGive:
                var target = thread.Process.Find(thread.Arguments[0])?.Target as SwarmProcess;
                if (target is not { IsAlive: true })
                    Require(status is Status.Exited or Status.BadHandle, $"Give: {status}");
                else NoteCopy(thread, target, status, 1);
                break;
            case SystemCall.ProcessStart or SystemCall.ProcessKill or SystemCall.ProcessCollect:
                NoteProcess(thread, status);
                break;
            case SystemCall.ProcessStop or SystemCall.ProcessContinue:
                Stop(thread, status, thread.Number == SystemCall.ProcessStop);
                break;
            case SystemCall.EndpointCreate or SystemCall.NotificationCreate
                or SystemCall.ThreadSelf or SystemCall.MemoryCreate or SystemCall.ImageOpen
                or SystemCall.ProcessCreate:
                if (status == Status.Ok) NoteMade(thread);
                else RequireFull(thread, status);
                break;
            default: break;
        }
    }

    void RequireFull(SwarmThread thread, Status status)
    {
        bool isFull = status == Status.NoMemory && thread.Number == SystemCall.MemoryCreate
            || status == Status.QuotaExceeded
                && (thread.Process.Handles.Count >= thread.Process.HandleQuota
                    || HasMadeItsShare(thread));
        Require(isFull, $"{thread}: {thread.Number} answered {status}");
    }

    /// <summary>KernelAudit has counted what each has made.</summary>
    bool HasMadeItsShare(SwarmThread thread)
    {
        (ObjectType type, IObjectTable table)? made = thread.Number switch
        {
            SystemCall.EndpointCreate => (ObjectType.Endpoint, world.Kernel.Endpoints),
            SystemCall.NotificationCreate => (ObjectType.Notification, world.Kernel.Notifications),
            SystemCall.MemoryCreate => (ObjectType.Memory, world.Kernel.MemoryObjects),
            _ => null,
        };
        if (made is not var (type, table)) return false;
        Process process = thread.Kernel.Process;
        return process.ObjectsMade[(int)type] >= ObjectQuota.MostOfOne(table.Capacity)
            || table.Capacity - table.Count <= ObjectQuota.Reserve(table.Capacity);
    }

    /// <summary>A root: nothing is above it.</summary>
    void NoteMade(SwarmThread thread)
    {
        ulong handle = thread.Kernel.Frame->A0;
        ref readonly CapabilityRecord record = ref world.Kernel.Capabilities[(int)(uint)handle];
        Require(record.Parent == 0, $"{thread}: a new object hangs below another");
        object? target = thread.Number switch
        {
            SystemCall.EndpointCreate => MakeEndpoint(thread, record.ObjectIndex),
            SystemCall.NotificationCreate => new SwarmNotification(record.ObjectIndex),
            SystemCall.ThreadSelf => thread,
            SystemCall.ProcessCreate => MakeProcess(thread, record.ObjectIndex),
            _ => null,
        };
        world.Tree.Add(new()
        {
            Handle = handle, Owner = thread.Process, Type = record.Type, Rights = record.Rights,
            Target = target,
        }, null);
    }

    SwarmEndpoint MakeEndpoint(SwarmThread thread, int index)
    {
        // An index is free for another one only when the last of its capabilities has gone.
        world.Endpoints.RemoveAll(one => one.Kernel.Index == index);
        SwarmEndpoint endpoint = new(world.Kernel.Endpoints[index], (OnDeath)thread.Arguments[0]);
        world.Endpoints.Add(endpoint);
        return endpoint;
    }

    SwarmProcess MakeProcess(SwarmThread thread, int index)
    {
        Process kernel = world.Kernel.Processes[index];
        ProcessSpec* spec = (ProcessSpec*)thread.Arguments[1];
        SwarmProcess process = new(kernel, $"{(char)spec->Name[0]}.{kernel.Id}")
        {
            DeathNotification = (SwarmNotification)
                thread.Process.Find(spec->DeathNotification)!.Target!,
            DeathBits = spec->DeathBits,
        };
        world.Processes[index] = process;
        return process;
    }

    void NoteProcess(SwarmThread thread, Status status)
    {
        var target = thread.Process.Find(thread.Arguments[0])?.Target as SwarmProcess;
        bool isEarly = thread.Number == SystemCall.ProcessCollect && target is { IsEnding: true };
        Require(status == (isEarly ? Status.WouldBlock : Status.Ok) && target is not null,
            $"{thread.Number} answered {status}");
        if (thread.Number == SystemCall.ProcessStart) world.AddThreads(target!);
        else Require(!target!.IsAlive, $"{target.Name} lives after {thread.Number}");
    }

    static void Stop(SwarmThread thread, Status status, bool isStopped)
    {
        var target = thread.Process.Find(thread.Arguments[0])?.Target as SwarmProcess;
        if (status == Status.Ok) target!.IsStopped = isStopped;
        else Require(target is not { IsAlive: true }, $"{thread.Number} answered {status}");
    }
}
