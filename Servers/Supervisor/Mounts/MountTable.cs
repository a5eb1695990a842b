// The mounts, in the order in which they were made. The one truth of what is mounted.
//
// Pure: it holds handles as values and never calls the kernel.

using System.Collections.Generic;
using Servers.Supervisor.Tasks;

namespace Servers.Supervisor.Mounts;

public sealed class MountTable
{
    private readonly List<ServerTask> _mounts = [];
    private uint _lastId;

    public IReadOnlyList<ServerTask> All => _mounts;

    /// <summary>An id that no mount has had before.</summary>
    public uint NextId() => ++_lastId;

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
