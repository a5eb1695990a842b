// IVfs: which mount a path lies on. Keeps a copy of the supervisor's mounts and nothing else.
//
// Rules: the supervisor is the truth. When MountWords count a change that is not in the copy, it is
// asked before anybody gets an answer. A copy of a root that turns out Revoked is never handed out.
// While the supervisor is silent Vfs answers from what it has, which outlives its own death too,
// and asks again a little later.

using System.Collections.Generic;
using System.Linq;
using System.Text;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Paths;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Servers.Vfs;

internal sealed class VfsServer : IServer, IVfsHandler
{
    /// <summary>Without any table there is nothing else to do than to wait.</summary>
    private const ulong FirstAskTimeoutNs = 1_000_000_000;
    private const ulong AskTimeoutNs = 200_000_000;
    private const ulong RetryAfterNs = 500_000_000;

    private readonly IKernel _kernel;
    private readonly Handle _supervisor;
    private readonly VfsVault _vault;
    /// <summary>What programs get of the page of MountWords; None when there is none.</summary>
    private readonly Handle _pageForReading;
    private readonly MountWords? _words;
    private readonly byte[] _target = new byte[Limits.MaxPathBytes];
    private MountTable _table;
    private ulong _version;
    /// <summary>Changes of the words that the table has in it.</summary>
    private ulong _caughtUp;

    /// <summary>Knows at once what an earlier incarnation was told.</summary>
    /// <param name="page">That of MountWords; None: there is none.</param>
    public VfsServer(IKernel kernel, Handle supervisor, VfsVault vault, Handle page)
    {
        _kernel = kernel;
        _supervisor = supervisor;
        _vault = vault;
        _words = MountWords.Map(kernel, page, Rights.Read | Rights.Write);
        if (_words is not null) _pageForReading = ForReading(page);
        _table = new MountTable(vault.Restore(kernel));
        if (_table.Mounts.Count != 0) BeginVersion();
    }

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
        ulong changes = _words?.Changes ?? 0;
        ulong patienceNs = IsKnown ? AskTimeoutNs : FirstAskTimeoutNs;
        CallOptions options = served with { DeadlineNs = _kernel.ClockNow() + patienceNs };
        if (!TryRead(new SupervisorClient(_kernel, _supervisor, options), out List<Mount> mounts))
        {
            CloseRoots(mounts);
            NextDeadlineNs = _kernel.ClockNow() + RetryAfterNs;
            return;
        }
        NextDeadlineNs = 0;
        MountTable table = new(mounts);
        bool isSame = IsKnown && table.IsSameAs(_table) && !_table.Mounts.Any(IsRevoked);
        if (isSame) CloseRoots(mounts);
        else Take(table);
        _caughtUp = changes;
        _words?.CatchUp(changes);
    }

    private void Take(MountTable table)
    {
        if (!IsKnown || !table.IsSameAs(_table)) BeginVersion();
        _vault.Replace(_kernel, _table.Mounts, table.Mounts);
        _table = table;
    }

    public Result<Resolved> Resolve(Request request, string path)
    {
        Status status = PathRules.CheckAbsolute(path);
        if (status != Status.Ok) return status;
        Mount? mount = _table.Match(path, out int restOffset);
        if (mount == null || IsRevoked(mount) || !IsCurrent)
        {
            RefreshIfTime(request);
            if (!IsKnown) return Status.TimedOut;
            mount = _table.Match(path, out restOffset);
        }
        while (mount != null && IsRevoked(mount))
        {
            Drop(mount);
            mount = _table.Match(path, out restOffset);
        }
        if (mount == null) return Status.NotFound;
        Result<Handle> root = request.MayChange ? mount.Root : ForReading(request, mount);
        if (!root.IsOk) return root.Status;
        return new Resolved(new Capability(root.Value), (uint)restOffset, mount.Id);
    }

    /// <summary>Whoever may only look at the name space may only look at what is in it.</summary>
    private Result<Handle> ForReading(Request request, Mount mount)
    {
        Result<Handle> copy = _kernel.Copy(mount.Root, Rights.Use & ~Rights.Write);
        if (copy.IsOk) request.CloseAfterReply(copy.Value);
        return copy;
    }

    public Result<ulong> Version(Request request)
    {
        if (!IsCurrent) RefreshIfTime(request);
        // Another version of this server may have tried itself meanwhile, and not passed.
        _words?.Publish(_version);
        return _version;
    }

    public Result<ListedTargets> List(Request request, WriteLease targets)
    {
        if (!IsCurrent) RefreshIfTime(request);
        if (!IsKnown) return Status.TimedOut;
        byte[] list = Encoding.UTF8.GetBytes(
            string.Concat(_table.Mounts.Select(mount => mount.Target + '\0')));
        if (list.Length > targets.LengthBytes) return Status.TooLarge;
        Status status = targets.CopyFrom(0, list);
        return new Result<ListedTargets>(status, new ListedTargets(
            _version, (uint)list.Length, new Capability(_pageForReading)));
    }

    /// <summary>The supervisor has said at least once which mounts there are.</summary>
    private bool IsKnown => _version != 0;

    /// <summary>It has said so since the mounts have changed last, as far as words tell.</summary>
    private bool IsCurrent => IsKnown && (_words is null || _words.Changes == _caughtUp);

    // A retry that is due has its time, but nothing can be said before the first table.
    private void RefreshIfTime(Request request)
    {
        if (NextDeadlineNs == 0 || !IsKnown) Refresh(request.Serve);
    }

    // A version must not come again in a later incarnation: it is a time.
    private void BeginVersion()
    {
        _version = System.Math.Max(_kernel.ClockNow(), 1);
        _words?.Publish(_version);
    }

    private Handle ForReading(Handle page)
    {
        Result<Handle> copy = _kernel.Copy(page, Rights.Read | Rights.Pass);
        return copy.IsOk ? copy.Value : default;
    }

    private bool TryRead(SupervisorClient client, out List<Mount> mounts)
    {
        mounts = [];
        for (uint index = 0; index < VfsVault.MaxMounts; index++)
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
        Result<HandleDescription> description = _kernel.DescribeHandle(mount.Root);
        return !description.IsOk || description.Value.Type != ObjectType.Endpoint;
    }

    private void Drop(Mount mount)
    {
        _vault.Remove(_kernel, mount);
        _table = _table.Without(mount);
        BeginVersion();
    }

    private void CloseRoots(IReadOnlyList<Mount> mounts)
    {
        foreach (Mount mount in mounts) _kernel.Close(mount.Root);
    }
}
