// A file server on a loopback machine, and a client that holds its root directory.
//
// Rules: one for each test.

using System;
using Shared.Abi;
using Shared.Sdk;
using Tests.Conformance.Writable;
using Tests.Loopback;

namespace Tests.Conformance.Hosted;

public sealed class LoopbackMount : MountedFileSystem
{
    public static readonly Badge RootBadge = new(1);

    private readonly Func<TaskContext, IServer> _make;

    public LoopbackMount(LoopbackMachine machine, Func<TaskContext, IServer> make)
        : this(machine, machine.Serve("server", make), machine.CreateTask("client"), make)
    {
    }

    private LoopbackMount(
        LoopbackMachine machine, LoopbackServer server, LoopbackKernel client,
        Func<TaskContext, IServer> make)
        : base(client, server.Connect(client, RootBadge))
    {
        Machine = machine;
        Server = server;
        Task = client;
        _make = make;
    }

    public LoopbackMachine Machine { get; }
    public LoopbackServer Server { get; }

    /// <summary>The client's task.</summary>
    public LoopbackKernel Task { get; }

    public override void KillAndRestart()
    {
        Server.Kill();
        Machine.Advance(1_000_000);
        Server.Restart(_make);
    }
}
