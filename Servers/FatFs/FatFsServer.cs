// IFileSystem on a FAT volume: from a badge to a node, and from the node to entries and bytes.
//
// Rules: each event is one transaction (a long one is several): blocks, open files and the record
// of the request are committed to the vault together, before the answer. So the next incarnation
// goes on where this one died, and a request that comes again is not executed twice. What fails,
// for whatever reason, is aborted whole. Operations are in the other parts of this class.

using System;
using System.Collections.Generic;
using Servers.FatFs.Checking;
using Servers.FatFs.Keeping;
using Servers.FatFs.Trees;
using Servers.FatFs.Volumes;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Disks;
using Shared.Sdk.Files;
using Shared.Sdk.Tasks;
using Shared.Sdk.Vaults;

namespace Servers.FatFs;

internal sealed partial class FatFsServer : IServer, IFileSystemHandler
{
    private const int StepBytes = 64 * 1024;
    /// <summary>An operation that needs more write-backs than this is wrong.</summary>
    private const int MaxAttempts = 8;
    /// <summary>
    /// From the first change to its way to the disk, and until it is tried again.
    /// </summary>
    private const ulong WriteDelayNs = 1_000_000_000, RetryDelayNs = 5_000_000_000;
    /// <summary>The same for a server that only this keeps from its end.</summary>
    private const ulong LastRetryDelayNs = 500_000_000;

    private readonly FatVolume _volume;
    private readonly FatFsVault _vault;
    private readonly ServerClocks _clocks;
    private readonly Action<string> _log;
    private readonly Action<ulong> _tellUnwritten;
    private readonly NodeTable _nodes;
    private readonly Orphans _orphans;
    private readonly OpenObjects _objects;
    private readonly GoneNames _gone;
    private readonly FatTree _tree;
    private readonly FileBytes _bytes;
    private readonly FileWords _words = new();
    /// <summary>Nodes that this transaction has given their first holder, or lost.</summary>
    private readonly List<FatNode> _opened = [];
    private readonly List<ulong> _forgotten = [];
    private byte[] _staging = new byte[StepBytes];
    private string? _damage;
    private bool _isReadOnly;
    private bool _isRetiring;
    private (Request Request, ulong Content, ulong Answer)? _executed;

    /// <summary>Knows at once what earlier incarnations have left.</summary>
    /// <param name="tellUnwritten">
    /// Called before a write-back that nobody waits for, with the bytes that it is about.
    /// </param>
    public FatFsServer(
        OpenedVolume opened, ServerClocks clocks, Action<string> log, Action<ulong> tellUnwritten)
    {
        _tellUnwritten = tellUnwritten;
        _volume = opened.Volume;
        _vault = opened.Vault;
        _isReadOnly = opened.IsReadOnly;
        _clocks = clocks;
        _log = log;
        _nodes = new NodeTable(_volume);
        _orphans = new Orphans(_volume, _vault.Orphans);
        NodeRecords.Restore(_vault.Nodes, _nodes);
        _objects = new OpenObjects(_vault.Badges, _nodes, clocks.UptimeNs());
        _gone = new GoneNames(_volume.WriteBack);
        _tree = new FatTree(_volume, _nodes, _orphans, _gone, clocks.NowNs, CommitPiece);
        _bytes = new FileBytes(_volume, _nodes, _tree, _orphans, CommitPiece);
        TryWrite();
        FreeOrphans();
    }

    public ulong NextDeadlineNs { get; private set; }
    public bool RetiresItself => true;

    /// <summary>Bytes that are not on the disk yet.</summary>
    public ulong UnwrittenBytes =>
        (ulong)_volume.Cache.DirtyCount * (ulong)_volume.Cache.BlockBytes;

    private bool IsReadOnly => _isReadOnly || _damage is not null;

    /// <summary>
    /// Forgets the capabilities that were closed while nobody served; before the first request.
    /// </summary>
    public void Reconcile(IKernel kernel, Handle endpoint)
    {
        if (LiveBadges.Read(kernel, endpoint) is not { } live) return;
        foreach (Badge badge in _objects.NotIn(live))
        {
            Closed(badge);
            Commit();
        }
    }

    public void Handle(Request request)
    {
        if (_volume.Disk is RemoteDisk remote) remote.Serving = request.Serve;
        FileSystemDispatcher.Dispatch(this, request);
        if (_volume.Disk is RemoteDisk served) served.Serving = default;
    }

    public void Closed(Badge badge)
    {
        if (_objects.Remove(badge) is { } node) Forget(node);
    }

    public void Notified(ulong bits)
    {
        if ((bits & (ulong)ControlBits.Retire) == 0) return;
        _isRetiring = true;
        DeadlineReached();
    }

    /// <summary>Brings everything to the disk, and says there that the volume is clean.</summary>
    public void DeadlineReached()
    {
        NextDeadlineNs = 0;
        if (!_isReadOnly) WriteAll();
        else if (_isRetiring) throw new RetiredException();
    }

    private void WriteAll()
    {
        _tellUnwritten(UnwrittenBytes);
        bool isWritten = Try(() =>
        {
            _volume.Sync();
            if (IsClean()) _volume.Mark.SetClean();
        });
        if (isWritten && _isRetiring) throw new RetiredException();
        if (isWritten) _volume.Cache.DiscardSlots();
        else NextDeadlineNs =
            _clocks.UptimeNs() + (_isRetiring ? LastRetryDelayNs : RetryDelayNs);
    }

    public void Commit()
    {
        CommitAll();
        FreeOrphans();
        bool isWaiting = _volume.Cache.DirtyCount != 0 || _volume.Mark.IsDirty && IsClean();
        if (isWaiting && NextDeadlineNs == 0 && !_isReadOnly)
        {
            NextDeadlineNs = _clocks.UptimeNs() + WriteDelayNs;
        }
    }

    /// <summary>No cluster is in use that no entry leads to.</summary>
    private bool IsClean()
    {
        if (_damage is not null || !_orphans.IsEmpty) return false;
        foreach (FatNode node in _nodes.All)
        {
            if (node.State.IsDeleted || node.State.IsLoose) return false;
        }
        return true;
    }

    private void Forget(FatNode node)
    {
        if (node == _nodes.Root) return;
        Try(() => _bytes.Tighten(node));
        if (node.State.IsDeleted) _orphans.Add(node.State.FirstCluster);
        _nodes.Remove(node);
        _forgotten.Add(node.Number);
    }

    private void CommitAll()
    {
        foreach (FatNode node in _nodes.Changed)
        {
            if (node.Holders != 0) NodeRecords.Put(_vault.Nodes, node);
        }
        foreach (FatNode node in _opened) NodeRecords.Put(_vault.Nodes, node);
        foreach (ulong number in _forgotten) _vault.Nodes.Remove(number);
        _opened.Clear();
        _forgotten.Clear();
        _objects.Stage();
        _orphans.Stage();
        if (_executed is { } executed)
        {
            _vault.Requests.Record(executed.Request, executed.Content, executed.Answer);
            _executed = null;
        }
        if (_volume.Cache.StagedCount != 0)
        {
            _vault.PutState(_volume.Layout, _volume.Allocator);
            _volume.Cache.Stage();
        }
        _vault.Commit();
        _volume.Cache.Settle();
        _volume.Allocator.Settle();
        _nodes.Settle();
        _gone.Settle();
    }

    private void CommitPiece()
    {
        CommitAll();
        MakeRoom();
    }

    private void FreeOrphans()
    {
        while (!_orphans.IsEmpty)
        {
            bool isFreed = Try(() =>
            {
                MakeRoom();
                _orphans.FreeSome();
            });
            if (!isFreed) return;
            CommitAll();
        }
    }

    /// <summary>The next transaction has room; in none.</summary>
    private void MakeRoom()
    {
        bool isShort = _volume.Cache.Room < _vault.MaxStaged;
        if (isShort || _volume.WriteBack.IsBroken) _volume.Write();
    }

    private bool TryWrite() => _isReadOnly || Try(_volume.Write);

    /// <summary>False, and nothing has changed, when disk or volume has failed.</summary>
    private bool Try(Action action)
    {
        Status status = Guard(() =>
        {
            action();
            return Status.Ok;
        });
        return status == Status.Ok;
    }

    /// <summary>Runs an operation; one that does not succeed leaves no trace.</summary>
    private Status Guard(Func<Status> operation) =>
        Guard(() => new Result<int>(operation(), 0)).Status;

    private Result<T> Guard<T>(Func<Result<T>> operation)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                Result<T> result = operation();
                if (!result.IsOk) Abort();
                return result;
            }
            catch (WriteBackNeededException)
            {
                Abort();
                if (attempt == MaxAttempts || !TryWrite()) return Status.IoError;
            }
            catch (VolumeDamagedException exception)
            {
                Abort();
                NoteDamage(exception.Message);
                return Status.IoError;
            }
            catch (DiskException)
            {
                Abort();
                return Status.IoError;
            }
        }
    }

    private void Abort()
    {
        _volume.Cache.Abort();
        _volume.Allocator.Abort();
        _nodes.Abort();
        _orphans.Abort();
        _gone.Abort();
        _opened.Clear();
        _executed = null;
    }

    private void NoteDamage(string reason)
    {
        if (_damage is null) _log($"volume is damaged, read-only from now on: {reason}");
        _damage ??= reason;
    }
}

/// <summary>Time of day (nanoseconds since 1970), and time since boot.</summary>
internal sealed record ServerClocks(Func<ulong> NowNs, Func<ulong> UptimeNs);
