// Which node each badge stands for, in the vault too: a capability outlives the incarnation that
// minted it.
//
// Rules: badge 1 is the root directory for ever. Other badges are never used twice, also not by a
// later incarnation: counting starts at the clock, which is always ahead of the badges ever used.

using System;
using System.Collections.Generic;
using System.Linq;
using Servers.FatFs.Keeping;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Vaults;

namespace Servers.FatFs.Trees;

/// <summary>What a capability of this mount names; the mode is that of Open, for files.</summary>
internal readonly record struct OpenObject(FatNode Node, OpenMode Mode, LockMode Lock);

internal sealed class OpenObjects
{
    public const int RecordBytes = 2 * sizeof(ulong);
    public static readonly Badge RootBadge = new(1);
    private const int LockShift = 8;

    private readonly RecordTable _table;
    private readonly NodeTable _nodes;
    private readonly Dictionary<Badge, OpenObject> _objects = [];
    private readonly HashSet<Badge> _changed = [];
    private ulong _lastBadge;

    /// <summary>Knows at once what earlier incarnations have left open.</summary>
    public OpenObjects(RecordTable table, NodeTable nodes, ulong nowNs)
    {
        _table = table;
        _nodes = nodes;
        _lastBadge = RootBadge.Value + nowNs;
        foreach (ulong badge in table.Keys.ToArray()) Restore(badge);
    }

    public int Count => _objects.Count;
    public bool IsFull => _objects.Count == FatFsVault.MaxBadges
        || _nodes.Count > FatFsVault.MaxNodes;

    /// <summary>A badge that nobody has had; it stands for nothing until Add.</summary>
    public Badge NextBadge() => new(++_lastBadge);

    /// <summary>The caller has seen that it is not full.</summary>
    public void Add(Badge badge, FatNode node, OpenMode mode)
    {
        _objects[badge] = new OpenObject(node, mode, LockMode.None);
        _changed.Add(badge);
        node.Holders++;
    }

    public bool TryFind(Badge badge, out OpenObject found)
    {
        if (badge == RootBadge)
        {
            found = new OpenObject(_nodes.Root, default, LockMode.None);
            return true;
        }
        return _objects.TryGetValue(badge, out found);
    }

    /// <summary>
    /// Gives the capability another lock on its file, or none. Locked, and nothing has changed,
    /// when another capability has one that does not go with it.
    /// </summary>
    public Status SetLock(Badge badge, LockMode mode)
    {
        OpenObject found = _objects[badge];
        CountLock(found.Node, found.Lock, -1);
        bool isRefused = mode switch
        {
            LockMode.Shared => found.Node.ExclusiveLocks != 0,
            LockMode.Exclusive => found.Node.ExclusiveLocks + found.Node.SharedLocks != 0,
            _ => false,
        };
        CountLock(found.Node, isRefused ? found.Lock : mode, 1);
        if (isRefused) return Status.Locked;
        _objects[badge] = found with { Lock = mode };
        _changed.Add(badge);
        return Status.Ok;
    }

    /// <summary>The node that nobody holds any more, or null.</summary>
    public FatNode? Remove(Badge badge)
    {
        if (!_objects.Remove(badge, out OpenObject removed)) return null;
        _changed.Add(badge);
        CountLock(removed.Node, removed.Lock, -1);
        return --removed.Node.Holders == 0 ? removed.Node : null;
    }

    /// <summary>One whose badge is not live was closed while nobody served.</summary>
    public List<Badge> NotIn(HashSet<ulong> live) =>
        [.. _objects.Keys.Where(badge => !live.Contains(badge.Value))];

    /// <summary>Puts what has changed into the vault's transaction.</summary>
    public void Stage()
    {
        Span<byte> record = stackalloc byte[RecordBytes];
        foreach (Badge badge in _changed)
        {
            if (!_objects.TryGetValue(badge, out OpenObject opened))
            {
                _table.Remove(badge.Value);
                continue;
            }
            RecordWriter writer = new(record);
            writer.Number(opened.Node.Number);
            writer.Number((ulong)opened.Lock << LockShift | (ulong)opened.Mode);
            _table.Put(badge.Value, writer.Bytes);
        }
        _changed.Clear();
    }

    private void Restore(ulong badge)
    {
        _table.TryGet(badge, out ReadOnlySpan<byte> bytes);
        RecordReader reader = new(bytes);
        ulong number = reader.Number(), word = reader.Number();
        FatNode node = _nodes.Find(number)
            ?? throw new VaultDamagedException($"badge {badge} without its node");
        LockMode mode = (LockMode)(byte)(word >> LockShift);
        _objects.Add(new Badge(badge), new OpenObject(node, (OpenMode)(byte)word, mode));
        CountLock(node, mode, 1);
        node.Holders++;
        _lastBadge = Math.Max(_lastBadge, badge);
    }

    private static void CountLock(FatNode node, LockMode mode, int change)
    {
        if (mode == LockMode.Shared) node.SharedLocks += change;
        if (mode == LockMode.Exclusive) node.ExclusiveLocks += change;
    }
}
