// A machine without a kernel, for host tests: tasks are objects, calls run the server in place.
//
// The caller's thread runs the real ServerLoop of the server it calls, under one lock, so a test
// with one thread is deterministic. A call that is parked blocks its host thread until somebody
// completes it; use a thread of its own for that. The clock stands still until Advance.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Shared.Abi;
using Shared.Sdk;

namespace Tests.Loopback;

public sealed class LoopbackMachine
{
    internal readonly object Lock = new();
    internal readonly List<LoopbackEndpoint> Endpoints = [];
    private readonly Dictionary<ulong, CapabilityRecord> _capabilities = [];
    private readonly Dictionary<int, LoopbackThread> _threads = [];
    private readonly List<string> _log = [];
    internal readonly List<LoopbackMemory> Memories = [];
    private uint _nextIndex = 1;
    private ulong _nextRequest = 1;

    public ulong NowNs { get; private set; } = 1;

    /// <summary>Nobody maps any memory.</summary>
    public bool IsOutOfMemory { get; set; }

    /// <summary>Longest real time that a call waits before its test fails.</summary>
    public TimeSpan HostPatience { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Lines written to the log, "name: text".</summary>
    public IReadOnlyList<string> LogLines => _log;

    /// <summary>Answers system calls that the machine does not know, if set.</summary>
    public SystemCallHook? OtherCalls { get; set; }

    public delegate CallResult SystemCallHook(LoopbackKernel caller, ref Registers registers);

    public LoopbackKernel CreateTask(string name) => new(this, name);

    /// <summary>A task that serves an endpoint with the real loop.</summary>
    public LoopbackServer Serve(
        string name, Func<TaskContext, IServer> make, OnDeath onDeath = OnDeath.Hold,
        params string[] arguments)
    {
        lock (Lock)
        {
            LoopbackEndpoint endpoint = new(Endpoints.Count, onDeath, 0);
            Endpoints.Add(endpoint);
            LoopbackServer server = new(this, name, endpoint, arguments);
            server.Start(make);
            return server;
        }
    }

    public LoopbackServer Serve(string name, IServer server, OnDeath onDeath = OnDeath.Hold) =>
        Serve(name, _ => server, onDeath);

    /// <summary>Moves the clock; deadlines that have passed take effect.</summary>
    public void Advance(ulong elapsedNs)
    {
        lock (Lock)
        {
            NowNs += elapsedNs;
            foreach (LoopbackEndpoint endpoint in Endpoints.ToArray()) endpoint.Server?.Pump();
            Monitor.PulseAll(Lock);
        }
    }

    /// <summary>Closes what was closed for later (CloseLate) and not kept.</summary>
    public void Tick()
    {
        lock (Lock)
        {
            foreach (CapabilityRecord late in _capabilities.Values.ToArray())
            {
                if (late.IsClosedLate) Close(late);
            }
        }
    }

    /// <summary>Capabilities that a task owns now; leak tests compare.</summary>
    public int CountCapabilities(LoopbackKernel owner)
    {
        lock (Lock) return _capabilities.Values.Count(one => one.Owner == owner);
    }

    /// <summary>Calls that are parked at the moment, on any endpoint.</summary>
    public int CountParked()
    {
        lock (Lock)
        {
            return Endpoints.Sum(
                one => one.Calls.Count(call => call.State == PendingState.Parked));
        }
    }

    /// <summary>Requests of the calls that have not ended, on any endpoint.</summary>
    public IReadOnlyList<RequestId> InFlight()
    {
        lock (Lock)
        {
            return
            [
                .. Endpoints.SelectMany(static one => one.Calls)
                    .Where(static call => call.State != PendingState.Ended)
                    .Select(static call => call.Id),
            ];
        }
    }

    /// <summary>Blocks the test until so many calls are parked.</summary>
    public void WaitParked(int count)
    {
        lock (Lock)
        {
            while (CountParked() < count) Wait("calls to park");
        }
    }

    internal void Wait(string forWhat)
    {
        if (Monitor.Wait(Lock, HostPatience)) return;
        throw new TimeoutException($"nothing has happened while waiting for {forWhat}");
    }

    internal void Pulse() => Monitor.PulseAll(Lock);

    internal void WriteLog(string line) => _log.Add(line);

    internal RequestId NewRequestId() => new(_nextRequest++);

    internal LoopbackThread CurrentThread()
    {
        int id = Environment.CurrentManagedThreadId;
        if (!_threads.TryGetValue(id, out LoopbackThread? thread))
        {
            _threads.Add(id, thread = new LoopbackThread());
        }
        return thread;
    }

    internal CapabilityRecord Add(
        LoopbackKernel owner, ObjectType type, object target, Rights rights,
        Badge badge = default, CapabilityRecord? parent = null)
    {
        CapabilityRecord record = new()
        {
            Handle = new Handle(_nextIndex++, 1), Owner = owner, Type = type, Target = target,
            Rights = rights, Badge = badge, Parent = parent,
        };
        parent?.Children.Add(record);
        _capabilities.Add(record.Handle.Value, record);
        if (type == ObjectType.Endpoint) CountBadge((LoopbackEndpoint)target, badge, 1);
        return record;
    }

    internal CapabilityRecord? Find(LoopbackKernel owner, ulong handle) =>
        _capabilities.TryGetValue(handle, out CapabilityRecord? record) && record.Owner == owner
            ? record : null;

    internal CapabilityRecord[] OwnedBy(LoopbackKernel owner) =>
        _capabilities.Values.Where(one => one.Owner == owner).ToArray();

    /// <summary>Removes one slot; its children get its parent.</summary>
    internal void Close(CapabilityRecord record)
    {
        _capabilities.Remove(record.Handle.Value);
        record.Parent?.Children.Remove(record);
        foreach (CapabilityRecord child in record.Children)
        {
            child.Parent = record.Parent;
            record.Parent?.Children.Add(child);
        }
        if (record.Type == ObjectType.Reply) ((PendingCall)record.Target).End(Status.PeerDied);
        Forget(record);
        Pulse();
    }

    /// <summary>Makes tombstones of all descendants, and ends what goes through them.</summary>
    internal void Revoke(CapabilityRecord root)
    {
        foreach (CapabilityRecord child in root.Children.ToArray())
        {
            Revoke(child);
            root.Children.Remove(child);
            child.Parent = null;
            ObjectType type = child.Type;
            child.Type = ObjectType.Tombstone;
            foreach (LoopbackEndpoint endpoint in Endpoints)
            {
                foreach (PendingCall call in endpoint.Calls.ToArray())
                {
                    if (call.Through == child) call.End(Status.Revoked);
                }
            }
            Forget(child, type);
        }
        Pulse();
    }

    private void Forget(CapabilityRecord record) => Forget(record, record.Type);

    private void Forget(CapabilityRecord record, ObjectType type)
    {
        if (type != ObjectType.Endpoint) return;
        CountBadge((LoopbackEndpoint)record.Target, record.Badge, -1);
    }

    private static void CountBadge(LoopbackEndpoint endpoint, Badge badge, int change)
    {
        if (badge.Value == 0) return;
        int count = endpoint.LiveBadges.GetValueOrDefault(badge.Value) + change;
        endpoint.LiveBadges[badge.Value] = count;
        if (count != 0) return;
        endpoint.LiveBadges.Remove(badge.Value);
        endpoint.OwedClosed.Add(badge.Value);
        endpoint.Server?.Pump();
    }
}
