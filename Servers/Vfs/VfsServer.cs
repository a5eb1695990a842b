// IVfs: which mount a path lies on. Keeps a copy of the supervisor's mounts and nothing else.
//
// Rules: the supervisor is the truth. A copy of a root that turns out Revoked is never handed out.
// While the supervisor is silent Vfs answers from what it has, and asks again a little later.

using System.Collections.Generic;
using System.Text;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Servers.Vfs;

internal sealed class VfsServer(IKernel kernel, Handle supervisor) : IServer, IVfsHandler
{
    private const ulong AskTimeoutNs = 1_000_000_000;
    private const ulong RetryAfterNs = 500_000_000;
    private const uint MaxMounts = 256;

    private readonly byte[] _target = new byte[Limits.MaxPathBytes];
    private MountTable _table = MountTable.Empty;
    private ulong _version;

    /// <summary>When to ask the supervisor again; 0 while the table is as it last said.</summary>
    public ulong NextDeadlineNs { get; private set; }

    public void Handle(Request request) => VfsDispatcher.Dispatch(this, request);

    public void Closed(Badge badge)
    {
    }

    public void Notified(ulong bits)
    {
        if (((ControlBits)bits & ControlBits.Changed) != 0) Refresh(default);
    }

    public void DeadlineReached() => Refresh(default);

    /// <summary>Reads the mounts; on failure the old ones stay, and a retry is due.</summary>
    public void Refresh(CallOptions served)
    {
        ulong nowNs = kernel.ClockNow();
        CallOptions options = served with { DeadlineNs = nowNs + AskTimeoutNs };
        if (!TryRead(new SupervisorClient(kernel, supervisor, options), out List<Mount> mounts))
        {
            CloseRoots(mounts);
            NextDeadlineNs = kernel.ClockNow() + RetryAfterNs;
            return;
        }
        MountTable table = new(mounts);
        // A version must not come again in a later incarnation: it is a time.
        if (_version == 0 || !table.IsSameAs(_table)) _version = nowNs == 0 ? 1 : nowNs;
        CloseRoots(_table.Mounts);
        _table = table;
        NextDeadlineNs = 0;
    }

    public Result<Resolved> Resolve(Request request, string path)
    {
        Status status = PathRules.CheckAbsolute(path);
        if (status != Status.Ok) return status;
        Mount? mount = _table.Match(path, out int restOffset);
        // A retry that is due has its time, but nothing can be said before the first table.
        bool isStale = (mount == null || IsRevoked(mount)) && NextDeadlineNs == 0;
        if (isStale || !IsKnown)
        {
            Refresh(request.Serve);
            if (!IsKnown) return Status.TimedOut;
            mount = _table.Match(path, out restOffset);
        }
        while (mount != null && IsRevoked(mount))
        {
            Drop(mount);
            mount = _table.Match(path, out restOffset);
        }
        if (mount == null) return Status.NotFound;
        return new Resolved(new Capability(mount.Root), (uint)restOffset, mount.Id);
    }

    public Result<ulong> Version(Request request) => _version;

    /// <summary>The supervisor has said at least once which mounts there are.</summary>
    private bool IsKnown => _version != 0;

    private bool TryRead(SupervisorClient client, out List<Mount> mounts)
    {
        mounts = [];
        for (uint index = 0; index < MaxMounts; index++)
        {
            Result<MountEntry> entry = client.GetMount(index, _target);
            if (entry.Status == Status.NotFound) return true;
            if (!entry.IsOk) return false;
            MountEntry found = entry.Value;
            int length = (int)System.Math.Min(found.TargetBytes, (uint)_target.Length);
            string target = Encoding.UTF8.GetString(_target, 0, length);
            mounts.Add(new Mount(found.Root.Handle, found.MountId, target));
        }
        return true;
    }

    private bool IsRevoked(Mount mount)
    {
        Result<HandleDescription> description = kernel.DescribeHandle(mount.Root);
        return !description.IsOk || description.Value.Type != ObjectType.Endpoint;
    }

    private void Drop(Mount mount)
    {
        kernel.Close(mount.Root);
        _table = _table.Without(mount);
        _version = kernel.ClockNow();
    }

    private void CloseRoots(IReadOnlyList<Mount> mounts)
    {
        foreach (Mount mount in mounts) kernel.Close(mount.Root);
    }
}
