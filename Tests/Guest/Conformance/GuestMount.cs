// A mount of this machine, of which nobody else makes use, and the server behind it.

using System;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Tests.Conformance.Writable;

namespace Tests.Guest.Conformance;

internal sealed class GuestMount : MountedFileSystem
{
    private readonly SupervisorClient _supervisor;
    private readonly string _server;

    private GuestMount(IKernel kernel, Handle root, SupervisorClient supervisor, string server)
        : base(kernel, root)
    {
        _supervisor = supervisor;
        _server = server;
    }

    /// <summary>Null: nothing is mounted there.</summary>
    public static GuestMount? Open(TaskContext task, string directory, string server)
    {
        VfsClient vfs = new(task.Kernel, task.Claim("vfs"));
        Result<Resolved> found = vfs.Resolve(directory);
        if (!found.IsOk || found.Value.RestOffset != (uint)directory.Length) return null;
        SupervisorClient supervisor = new(task.Kernel, task.Claim("supervisor"));
        return new GuestMount(task.Kernel, found.Value.Root.Handle, supervisor, server);
    }

    /// <summary>Calls wait until the next one serves.</summary>
    public override void KillAndRestart()
    {
        Status status = _supervisor.Kill(_server);
        if (status != Status.Ok) throw new InvalidOperationException($"kill {_server}: {status}");
    }

    /// <summary>Removes all that an earlier case has left.</summary>
    public void Clear() => Clear("");

    private void Clear(string directory)
    {
        foreach (string name in Names(directory))
        {
            string path = directory.Length == 0 ? name : $"{directory}/{name}";
            Status status = Root.RemoveFile(path);
            if (status == Status.IsDirectory)
            {
                Clear(path);
                status = Root.RemoveDirectory(path);
            }
            if (status != Status.Ok) throw new InvalidOperationException($"rm {path}: {status}");
        }
    }
}
