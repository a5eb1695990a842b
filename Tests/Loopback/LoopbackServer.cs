// A task that serves an endpoint, and outlives its own deaths: the endpoint stays.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Shared.Abi;
using Shared.Sdk;

namespace Tests.Loopback;

public sealed class LoopbackServer
{
    private readonly LoopbackMachine _machine;
    private readonly string _name;
    private readonly LoopbackEndpoint _endpoint;
    private readonly string[] _arguments;
    private readonly CapabilityRecord _root;
    private ServerLoop? _loop;
    private IServer? _server;
    private bool _isPumping;

    internal LoopbackServer(
        LoopbackMachine machine, string name, LoopbackEndpoint endpoint, string[] arguments)
    {
        _machine = machine;
        _name = name;
        _endpoint = endpoint;
        _arguments = arguments;
        Kernel = machine.CreateTask(name);
        Owner = machine.CreateTask("supervisor of " + name);
        _root = machine.Add(Owner, ObjectType.Endpoint, endpoint, Rights.All);
    }

    /// <summary>The serving task's kernel; another one after each Restart.</summary>
    public LoopbackKernel Kernel { get; private set; }

    /// <summary>Who holds the endpoint's first capability, as the supervisor does.</summary>
    public LoopbackKernel Owner { get; }

    /// <summary>The endpoint as its owner sees it.</summary>
    public Handle OwnerEndpoint => _root.Handle;

    /// <summary>The endpoint as the serving task sees it (Receive, Mint and all others).</summary>
    public Handle Endpoint { get; private set; }

    public Handle Control { get; private set; }

    public TaskContext? Context { get; private set; }

    /// <summary>More capabilities for the next Start, by name: (owner, handle).</summary>
    public Dictionary<string, (LoopbackKernel Owner, Handle Handle)> Capabilities { get; } = [];

    /// <summary>A capability of a client for the endpoint, with a badge.</summary>
    public Handle Connect(
        LoopbackKernel client, Badge badge = default,
        Rights rights = Rights.Use)
    {
        lock (_machine.Lock)
        {
            return _machine.Add(
                client, ObjectType.Endpoint, _endpoint, rights, badge, _root).Handle;
        }
    }

    /// <summary>Kills the task without a word. Calls in its hands queue again, or end.</summary>
    public void Kill()
    {
        lock (_machine.Lock)
        {
            _loop = null;
            _server = null;
            _endpoint.Server = null;
            foreach (PendingCall call in _endpoint.Calls.ToArray())
            {
                if (call.State is PendingState.Delivered or PendingState.Parked)
                {
                    call.State = PendingState.Queued;
                }
                if (_endpoint.OnDeath == OnDeath.Fail) call.End(Status.PeerDied);
                if (_endpoint.OnDeath == OnDeath.Vanish) call.End(Status.Revoked);
            }
            Kernel.Die();
            if (_endpoint.OnDeath == OnDeath.Vanish) _machine.Revoke(_root);
            _machine.Pulse();
        }
    }

    /// <summary>Starts the next incarnation on the same endpoint.</summary>
    public void Restart(Func<TaskContext, IServer> make)
    {
        lock (_machine.Lock)
        {
            if (_loop is not null) Kill();
            LoopbackKernel dead = Kernel;
            Kernel = _machine.CreateTask(_name);
            foreach (CapabilityRecord kept in _machine.OwnedBy(dead)) kept.Owner = Kernel;
            Start(make);
        }
    }

    /// <summary>Signals bits to the serving task, and lets it handle them.</summary>
    public void Signal(ControlBits bits) => Kernel.NotificationSignal(Control, (ulong)bits);

    internal void Start(Func<TaskContext, IServer> make)
    {
        Endpoint = _machine.Add(
            Kernel, ObjectType.Endpoint, _endpoint, Rights.All, default, _root).Handle;
        Control = Kernel.NotificationCreate().Value;
        Dictionary<string, string> environment = new()
        {
            ["CAP_endpoint"] = $"{Endpoint.Value:x}",
            ["CAP_control"] = $"{Control.Value:x}",
            ["CAP_log"] = $"{Kernel.OpenLog().Value:x}",
        };
        foreach ((string name, (LoopbackKernel owner, Handle handle)) in Capabilities)
        {
            environment["CAP_" + name] = $"{owner.Give(handle, Kernel).Value:x}";
        }
        Context = new TaskContext(Kernel, _name, _arguments, environment);
        _server = make(Context);
        _loop = new ServerLoop(Kernel, Endpoint, Control);
        _loop.Start();
        _endpoint.Server = this;
        Pump();
        _machine.Pulse();
    }

    /// <summary>Runs the loop until it has nothing to do. The machine's lock is held.</summary>
    internal void Pump()
    {
        if (_isPumping || _loop is null) return;
        _isPumping = true;
        try
        {
            // Deadline 1 is in the past: the loop sends what it owes and does not wait.
            while (_loop is not null && _loop.Turn(_server!, deadlineNs: 1)) { }
        }
        finally
        {
            _isPumping = false;
            _machine.Pulse();
        }
    }
}
