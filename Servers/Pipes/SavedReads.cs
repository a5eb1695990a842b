// Bytes that had left their ring for a reader when the process died, until that read comes again.
//
// Rules: a death leaves one of them at most. The oldest makes room: its read has not come for as
// many deaths as there are places.

using System;
using System.Linq;
using Shared.Abi;
using Shared.Sdk.Vaults;

namespace Servers.Pipes;

internal sealed class SavedReads
{
    public const int Places = 16;
    private const int RecordBytes = 2 * sizeof(ulong);

    private readonly record struct SavedRead(ulong Sequence, int LengthBytes);

    private readonly SmallVault _vault;
    private readonly RecordTable _records;
    private readonly ulong _first;
    private readonly ulong _placeBytes;

    public SavedReads(SmallVault vault, int maxBytes)
    {
        _vault = vault;
        _records = new RecordTable(vault, Places, RecordBytes);
        _placeBytes = (ulong)maxBytes;
        _first = vault.Reserve(Places * _placeBytes);
    }

    public int Count => _records.Count;

    /// <summary>The bytes are there at once, their record with the transaction.</summary>
    public void Save(RequestId read, ReadOnlySpan<byte> bytes)
    {
        ulong sequence = 0;
        foreach (ulong other in _records.Keys)
        {
            sequence = Math.Max(sequence, Find(other).Sequence + 1);
        }
        Free(sequence);
        _vault.Memory.Write(At(sequence), bytes);
        RecordWriter writer = new(stackalloc byte[RecordBytes]);
        writer.Number(sequence);
        writer.Number((ulong)bytes.Length);
        _records.Put(read.Value, writer.Bytes);
    }

    /// <summary>The bytes of a read that comes again, or null.</summary>
    public byte[]? Find(RequestId read)
    {
        if (_records.Count == 0 || !_records.TryGet(read.Value, out _)) return null;
        SavedRead found = Find(read.Value);
        byte[] bytes = new byte[found.LengthBytes];
        _vault.Memory.Read(At(found.Sequence), bytes);
        return bytes;
    }

    /// <summary>The read was answered.</summary>
    public void Forget(RequestId read)
    {
        ulong sequence = Find(read.Value).Sequence;
        _records.Remove(read.Value);
        _vault.Commit();
        _vault.Memory.Discard(At(sequence), _placeBytes);
    }

    private void Free(ulong sequence)
    {
        foreach (ulong other in _records.Keys.ToArray())
        {
            if (Find(other).Sequence % Places == sequence % Places) Forget(new RequestId(other));
        }
    }

    private SavedRead Find(ulong read)
    {
        _records.TryGet(read, out ReadOnlySpan<byte> record);
        RecordReader reader = new(record);
        ulong sequence = reader.Number(), length = reader.Number();
        if (length > _placeBytes) throw new VaultDamagedException("saved read");
        return new SavedRead(sequence, (int)length);
    }

    private ulong At(ulong sequence) => _first + sequence % Places * _placeBytes;
}
