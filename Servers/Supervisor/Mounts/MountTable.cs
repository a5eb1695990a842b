// The mounts, in the order in which they were made. The one truth of what is mounted.
//
// Pure: it holds handles as values and never calls the kernel.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Servers.Supervisor.Tasks;

namespace Servers.Supervisor.Mounts;

public sealed class MountTable
{
    private readonly List<ServerTask> _mounts = [];

    /// <summary>Until the next change of the table.</summary>
    public ReadOnlySpan<ServerTask> All => CollectionsMarshal.AsSpan(_mounts);

    public void Add(ServerTask task) => _mounts.Add(task);

    public void Remove(ServerTask task) => _mounts.Remove(task);

    public ServerTask? Find(string target)
    {
        foreach (ServerTask task in _mounts)
        {
            if (task.Mount!.Target == target) return task;
        }
        return null;
    }
}
