// Vfs, and in the same process a file server that passes everything on to the mount at the root:
// what requests through two servers look like. Vfs alone makes no nested calls to file servers.

using Servers.Vfs;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using System;
using Tests.Loopback;

namespace Tests.Simulation.Work;

sealed class RelayingVfs : IServer
{
    /// <summary>Operations up to this are those of IVfs.</summary>
    const ushort LastOfVfs = 3;

    readonly IKernel kernel;
    readonly VfsServer vfs;
    readonly RelayServer relay;
    readonly SupervisorClient supervisor;
    Handle root;

    public RelayingVfs(IKernel kernel, VfsServer vfs, Handle supervisor)
    {
        this.kernel = kernel;
        this.vfs = vfs;
        this.supervisor = new SupervisorClient(kernel, supervisor);
        relay = new RelayServer(kernel, FindRoot);
    }

    public ulong NextDeadlineNs => vfs.NextDeadlineNs;

    public void Handle(Request request)
    {
        if (request.Operation <= LastOfVfs)
        {
            vfs.Handle(request);
            return;
        }

        relay.Handle(request);
        if (!root.IsNone) kernel.Close(root);
        root = Shared.Abi.Handle.None;
    }

    public void Commit()
    {
    }

    public void Closed(Badge badge) => vfs.Closed(badge);

    public void Notified(ulong bits) => vfs.Notified(bits);

    public void DeadlineReached() => vfs.DeadlineReached();

    Handle FindRoot()
    {
        if (root.IsNone) root = supervisor.GetMount(0, new byte[16]).Value.Root.Handle;
        return root;
    }
}
