// Makes and ends mounts. A mount is a task with an endpoint of its own, and the capability M for
// its root directory.
//
// Rules: all authority over a mount descends from the supervisor's endpoint capability, so one
// Revoke ends it, whoever holds what; umount asks nobody: neither Vfs nor the server.

using System;
using Servers.Supervisor.Keeping;
using Servers.Supervisor.Launching;
using Servers.Supervisor.Tasks;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Servers.Supervisor.Mounts;

public sealed class MountKeeper(
    Authority authority, MountTable mounts, TaskTable tasks, TaskKeeper keeper,
    SupervisorVault vault)
{
    /// <summary>Badge of a root directory; every file server knows it.</summary>
    private static readonly Badge Root = new(1);

    private readonly IKernel _kernel = authority.Kernel;

    /// <summary>Mount as a user asks for it.</summary>
    public Status Mount(string source, string target, string type, string options)
    {
        Status status = MountOptions.CheckTarget(target);
        if (status != Status.Ok) return status;
        if (!MountOptions.IsSource(source)) return Status.BadArgument;
        if (MountOptions.Parse(options) is not { } parsed) return Status.BadArgument;
        string serverOptions = parsed.Access == Access.ReadOnly ? "ro" : "";
        return Mount(source, target, type, parsed, serverOptions);
    }

    public Status Mount(
        string source, string target, string type, MountOptions options, string serverOptions)
    {
        if (SpecOf(type) is not { } spec) return Status.NotFound;
        if (mounts.Find(target) is not null) return Status.AlreadyExists;
        uint id = ++authority.State.LastMountId;
        vault.StageState();
        Mount mount = new(id, source, target, type, options, serverOptions);
        ServerTask task = new(spec, mount.TaskName) { Mount = mount };
        Status status = keeper.Prepare(task);
        if (status != Status.Ok) return status;
        Result<Handle> root = _kernel.Mint(
            task.Endpoint, Rights.Call | Rights.Pass, Root);
        if (root.IsOk) authority.Keep(mount.Root = root.Value);
        status = root.IsOk ? keeper.Start(task) : root.Status;
        if (status != Status.Ok)
        {
            Drop(task);
            return status;
        }
        mounts.Add(task);
        authority.Log($"mount {mount.Line(task.ProcessId)}");
        SignalVfs();
        return Status.Ok;
    }

    public Status Unmount(string target)
    {
        if (mounts.Find(target) is not { } task) return Status.NotMounted;
        Remove(task);
        return Status.Ok;
    }

    /// <summary>A task that will not come back takes its mount with it.</summary>
    public void Lost(ServerTask task)
    {
        if (task.Mount is not null) Remove(task);
    }

    /// <summary>A row that an earlier incarnation has made.</summary>
    public void Adopt(ServerTask task) => mounts.Add(task);

    /// <summary>Revokes everything that was ever obtained through the mount, and ends it.</summary>
    public void Remove(ServerTask task)
    {
        _kernel.Revoke(task.Endpoint);
        mounts.Remove(task);
        Drop(task);
        authority.Log($"umount {task.Mount!.Target}");
        SignalVfs();
    }

    private void Drop(ServerTask task)
    {
        Handle root = task.Mount!.Root;
        task.Mount.Root = Handle.None;
        keeper.Remove(task);
        if (!root.IsNone) _kernel.Close(root);
    }

    /// <summary>The mounts have changed, or may have.</summary>
    public void SignalVfs()
    {
        ServerTask? vfs = tasks.Find(SystemTable.Vfs.Name);
        if (vfs is null || vfs.Control.IsNone) return;
        _kernel.NotificationSignal(vfs.Control, (ulong)ControlBits.Changed);
    }

    private static TaskSpec? SpecOf(string type)
    {
        foreach (TaskSpec spec in SystemTable.MountTypes)
        {
            if (spec.Name == type) return spec;
        }
        return null;
    }
}
