// Makes and ends mounts. A mount is a task with an endpoint of its own, and the capability M for
// its root directory.
//
// Rules: all authority over a mount descends from the supervisor's endpoint capability, so one
// Revoke ends it, whoever holds what; umount asks nobody: neither Vfs nor the server. A server that
// has a disk lives on for a while, without a mount (RetirementKeeper).

using System;
using Servers.Supervisor.Devices;
using Servers.Supervisor.Keeping;
using Servers.Supervisor.Launching;
using Servers.Supervisor.Tasks;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Servers.Supervisor.Mounts;

public sealed class MountKeeper(
    Authority authority, MountTable mounts, TaskTable tasks, TaskKeeper keeper,
    DeviceKeeper devices, RetirementKeeper retirements, SupervisorVault vault)
{
    /// <summary>Badge of a root directory; every file server knows it.</summary>
    internal static readonly Badge Root = new(1);
    private const ulong SignalAfterNs = 20_000_000;

    private readonly IKernel _kernel = authority.Kernel;

    /// <summary>When SignalIfDue wants to be called; 0 never.</summary>
    public ulong NextSignalNs { get; private set; }

    /// <summary>Mount as a user asks for it.</summary>
    /// <param name="program">The server's bytes; None: the type is one of the table.</param>
    public Status Mount(
        string source, string target, string type, string options, Handle program = default)
    {
        Status status = MountOptions.CheckTarget(target);
        if (status != Status.Ok) return status;
        if (!MountOptions.IsSource(source)) return Status.BadArgument;
        if (MountOptions.Parse(options) is not { } parsed) return Status.BadArgument;
        string serverOptions = parsed.Access == Access.ReadOnly ? "ro" : "";
        return Mount(source, target, type, parsed, serverOptions, program);
    }

    public Status Mount(
        string source, string target, string type, MountOptions options, string serverOptions,
        Handle program = default)
    {
        TaskSpec? known = SpecOf(type);
        if (known is not null && !program.IsNone) return Status.AlreadyExists;
        if (!program.IsNone && !IsTypeName(type)) return Status.BadArgument;
        if ((program.IsNone ? known : SystemTable.UserFileSystem) is not { } spec)
            return Status.NotFound;
        if (mounts.Find(target) is not null) return Status.AlreadyExists;
        uint id = ++authority.State.LastMountId;
        vault.StageState();
        Mount mount = new(id, source, target, type, options, serverOptions);
        if (FindGivenUp(target) is { } kept)
        {
            bool isSame = kept.Mount!.Source == source && kept.Mount.Type == type;
            if (isSame)
            {
                mount.Disk = kept.Mount.Disk;
                return Revive(kept, mount);
            }
            // Somebody's files; only their owner says whether they may go.
            if (!kept.Vault.IsNone) return Status.GivenUp;
            Drop(kept);
        }
        Status status = OpenDisk(spec, mount);
        if (status != Status.Ok) return status;
        ServerTask task = new(spec, mount.TaskName) { Mount = mount };
        if (!program.IsNone)
        {
            Result<Handle> bytes = _kernel.Copy(program, Rights.Execute | Rights.Read);
            if (!bytes.IsOk) return bytes.Status;
            authority.Keep(task.Program = bytes.Value);
            task.Image = type;
        }
        status = keeper.Prepare(task);
        if (status == Status.Ok) status = StartServing(task);
        else
        {
            CloseDisk(mount);
            if (!task.Program.IsNone) _kernel.Close(task.Program);
        }
        if (status != Status.Ok) Drop(task);
        return status;
    }

    /// <summary>
    /// A task's next incarnation. A mount that was given up is made again as it was.
    /// </summary>
    public Status Restart(ServerTask task)
    {
        if (task.State != TaskState.GivenUp || task.Mount is null) return keeper.Restart(task);
        if (mounts.Find(task.Mount.Target) is not null) return Status.AlreadyExists;
        return Revive(task, task.Mount with { Id = ++authority.State.LastMountId });
    }

    /// <summary>What the mount's server gets of a disk, if its source is one.</summary>
    private Status OpenDisk(TaskSpec spec, Mount mount)
    {
        bool wantsDisk = false;
        foreach (string capability in spec.Capabilities)
        {
            wantsDisk |= capability == SystemTable.DiskCapability;
        }
        if (!wantsDisk || mount.Source == SystemTable.RamSource) return Status.Ok;
        // What a user's server makes of another source is its own business.
        bool isOther = spec == SystemTable.UserFileSystem && !DiskName.IsPath(mount.Source);
        if (isOther) return Status.Ok;
        Result<Handle> disk = devices.OpenDisk(mount.Source);
        if (disk.IsOk) mount.Disk = disk.Value;
        return disk.Status;
    }

    private void CloseDisk(Mount mount)
    {
        Handle disk = mount.Disk;
        mount.Disk = Handle.None;
        if (!disk.IsNone) _kernel.Close(disk);
    }

    /// <summary>Endpoint and root are new; the vault is the one that was kept.</summary>
    private Status Revive(ServerTask task, Mount mount)
    {
        vault.StageState();
        task.Mount = mount;
        task.History.Clear();
        Status status = keeper.MakeEndpoint(task);
        if (status == Status.Ok) status = StartServing(task);
        if (status == Status.Ok) return Status.Ok;
        task.State = TaskState.GivenUp;
        Suspend(task);
        return status;
    }

    private Status StartServing(ServerTask task)
    {
        Mount mount = task.Mount!;
        Result<Handle> root = _kernel.Mint(task.Endpoint, Rights.Use, Root);
        if (!root.IsOk) return root.Status;
        authority.Keep(mount.Root = root.Value);
        Status status = keeper.Start(task);
        if (status != Status.Ok) return status;
        mounts.Add(task);
        authority.Log($"mount {mount.Line(task.ProcessId)}");
        SignalVfs();
        return Status.Ok;
    }

    /// <summary>
    /// NotMounted; Parked when the mount is gone, and the request is to wait for its server.
    /// </summary>
    public Result<Unmounted> Unmount(string target, RequestId waiter)
    {
        if (mounts.Find(target) is { } task)
        {
            if (task.Mount!.Disk.IsNone) Remove(task);
            else return Retire(task, waiter);
        }
        else if (FindGivenUp(target) is { } kept)
        {
            bool hasDisk = !kept.Mount!.Disk.IsNone;
            Drop(kept);
            if (hasDisk) return new Unmounted(Unmounted.Unknown);
        }
        else
        {
            return Status.NotMounted;
        }
        return new Unmounted(0);
    }

    /// <summary>As Remove, but the server goes on until its disk has everything.</summary>
    private Status Retire(ServerTask task, RequestId waiter)
    {
        string target = task.Mount!.Target;
        Handle root = task.Mount.Root;
        _kernel.Revoke(task.Endpoint);
        mounts.Remove(task);
        task.Mount.Root = Handle.None;
        retirements.Begin(task, waiter);
        if (!root.IsNone) _kernel.Close(root);
        authority.Log($"umount {target}, {task.Name} writes what it has");
        SignalVfsLater();
        return Status.Parked;
    }

    /// <summary>
    /// A task that will not come back takes its mount with it. Whoever asks for the vanishing of a
    /// mount with its server has the vault vanish too; given up, it is kept.
    /// </summary>
    public void Lost(ServerTask task)
    {
        if (task.Mount is null) return;
        if (task.Retirement is not null) retirements.End(task);
        else if (task.State == TaskState.GivenUp) Suspend(task);
        else Remove(task);
    }

    /// <summary>A row that an earlier incarnation has made.</summary>
    public void Adopt(ServerTask task)
    {
        if (task.Retirement is not null) retirements.Adopt(task);
        else if (task.State != TaskState.GivenUp) mounts.Add(task);
        // That one has died between two steps of it.
        else if (!task.Endpoint.IsNone) Suspend(task);
    }

    /// <summary>Revokes everything that was ever obtained through the mount, and ends it.</summary>
    public void Remove(ServerTask task)
    {
        _kernel.Revoke(task.Endpoint);
        mounts.Remove(task);
        Drop(task);
        authority.Log($"umount {task.Mount!.Target}");
        SignalVfsLater();
    }

    /// <summary>
    /// As Remove, but the row stays, and with it the vault: for `restart`, or for the same mount
    /// made again.
    /// </summary>
    private void Suspend(ServerTask task)
    {
        Handle endpoint = task.Endpoint, root = task.Mount!.Root;
        if (!endpoint.IsNone) _kernel.Revoke(endpoint);
        mounts.Remove(task);
        task.Endpoint = task.Mount.Root = Handle.None;
        vault.Save(task);
        foreach (Handle handle in (Handle[])[root, endpoint])
        {
            if (!handle.IsNone) _kernel.Close(handle);
        }
        string what = task.Vault.IsNone ? "" : ", its files are kept";
        authority.Log($"umount {task.Mount.Target}{what}");
        SignalVfsLater();
    }

    private ServerTask? FindGivenUp(string target)
    {
        foreach (ServerTask task in tasks.All)
        {
            bool isKept = task.State == TaskState.GivenUp && task.Retirement is null;
            if (isKept && task.Mount?.Target == target) return task;
        }
        return null;
    }

    private void Drop(ServerTask task)
    {
        Handle root = task.Mount!.Root, disk = task.Mount.Disk;
        task.Mount.Root = task.Mount.Disk = Handle.None;
        keeper.Remove(task);
        if (!root.IsNone) _kernel.Close(root);
        if (!disk.IsNone) _kernel.Close(disk);
    }

    /// <summary>The mounts have changed, or may have.</summary>
    public void SignalVfs()
    {
        authority.MountWords?.NoteChange();
        SignalNow();
    }

    /// <summary>
    /// As SignalVfs, for a mount that is gone: the words and its roots say so. Vfs looks when it is
    /// asked, and at the latest when whoever waits for the umount has gone on (decision 0062).
    /// </summary>
    private void SignalVfsLater()
    {
        authority.MountWords?.NoteChange();
        if (authority.MountWords is null) SignalNow();
        else if (NextSignalNs == 0) NextSignalNs = authority.NowNs + SignalAfterNs;
    }

    public void SignalIfDue(ulong nowNs)
    {
        if (NextSignalNs != 0 && nowNs >= NextSignalNs) SignalNow();
    }

    private void SignalNow()
    {
        NextSignalNs = 0;
        ServerTask? vfs = tasks.Find(SystemTable.Vfs.Name);
        if (vfs is null || vfs.Control.IsNone) return;
        _kernel.NotificationSignal(vfs.Control, (ulong)ControlBits.Changed);
    }

    /// <summary>It stands in a task's name, and in lines of text.</summary>
    private static bool IsTypeName(string type) =>
        type.Length is > 0 and <= Limits.MaxNameBytes
        && !type.AsSpan().ContainsAnyInRange('\0', ' ') && type.AsSpan().IndexOfAny('@', '/') < 0;

    private static TaskSpec? SpecOf(string type)
    {
        foreach (TaskSpec spec in SystemTable.MountTypes)
        {
            if (spec.Name == type) return spec;
        }
        return null;
    }
}
