// The mounts as the supervisor last said, with their roots in the vault's own capability table: the
// next incarnation can answer before the supervisor does.
//
// Rules: a record is there before its root is moved to the vault, and goes after its root was
// closed: no root is ever there that no record knows. Of two records for one target the later one
// counts; both are there only when somebody died between them.

using System;
using System.Collections.Generic;
using System.Linq;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Vaults;

namespace Servers.Vfs;

internal sealed class VfsVault
{
    public const ulong VaultBytes = 4 * 1024 * 1024;
    public const int MaxMounts = 256;
    /// <summary>The last digit is the format.</summary>
    private const string Name = "CKVFSMT2";
    private const int RecordBytes = 3 * sizeof(ulong) + Limits.MaxPathBytes;

    private readonly SmallVault _vault;
    /// <summary>By the handle of the root, which is never used again.</summary>
    private readonly RecordTable _roots;
    private readonly byte[] _scratch = new byte[RecordBytes];
    private ulong _sequence;

    public VfsVault(IVaultMemory memory)
    {
        _vault = new SmallVault(memory, Name, 2 * RecordTable.LogWordsFor(RecordBytes));
        // While mounts are replaced, the old ones and the new.
        _roots = new RecordTable(_vault, 2 * MaxMounts, RecordBytes);
        _vault.Publish();
    }

    /// <summary>What an earlier incarnation has left and nobody has revoked since.</summary>
    public List<Mount> Restore(IKernel kernel)
    {
        SortedDictionary<ulong, Mount> bySequence = [];
        foreach (ulong root in _roots.Keys.ToArray())
        {
            _roots.TryGet(root, out ReadOnlySpan<byte> record);
            RecordReader reader = new(record);
            ulong sequence = reader.Number();
            uint id = (uint)reader.Number();
            Mount mount = new(new Handle(root), id, reader.Text());
            _sequence = Math.Max(_sequence, sequence);
            if (IsAlive(kernel, mount.Root)) bySequence.Add(sequence, mount);
            else Remove(kernel, mount);
        }
        Dictionary<string, Mount> byTarget = [];
        foreach (Mount mount in bySequence.Values)
        {
            if (byTarget.Remove(mount.Target, out Mount? earlier)) Remove(kernel, earlier);
            byTarget.Add(mount.Target, mount);
        }
        return [.. byTarget.Values];
    }

    /// <summary>Takes the new roots, and closes the old ones.</summary>
    public void Replace(IKernel kernel, IReadOnlyList<Mount> old, IReadOnlyList<Mount> mounts)
    {
        foreach (Mount mount in mounts) Add(kernel, mount);
        foreach (Mount mount in old) Remove(kernel, mount);
    }

    /// <summary>Closes the root of a mount that is gone.</summary>
    public void Remove(IKernel kernel, Mount mount)
    {
        kernel.Close(mount.Root);
        _roots.Remove(mount.Root.Value);
        _vault.Commit();
    }

    private void Add(IKernel kernel, Mount mount)
    {
        // A mount that is gone already has none.
        if (mount.Root.IsNone) return;
        RecordWriter writer = new(_scratch);
        writer.Number(++_sequence);
        writer.Number(mount.Id);
        writer.Text(mount.Target);
        _roots.Put(mount.Root.Value, writer.Bytes);
        _vault.Commit();
        kernel.MoveToVault(mount.Root);
    }

    private static bool IsAlive(IKernel kernel, Handle root)
    {
        Result<HandleDescription> found = kernel.DescribeHandle(root);
        return found.IsOk && found.Value.Type == ObjectType.Endpoint;
    }
}
