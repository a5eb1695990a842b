// Changes of several words of a vault that happen together or not at all, at whatever instruction
// the process dies.
//
// A transaction is written to the log first, published by one store of the commit word, and then
// applied. The next incarnation applies a published transaction again, which changes nothing that
// was applied before; one that was not published has never been.
// Rules: Recover before anything else. The words of a transaction are read elsewhere (an index in
// memory) until Commit, since the vault does not have them yet.

using System;

namespace Shared.Sdk.Vaults;

public sealed class RedoLog
{
    private const ulong EntryBytes = 16;
    private const ulong HeadBytes = 8;

    private readonly IVaultMemory _memory;
    private readonly ulong _first;
    private readonly ulong[] _staged;
    private int _count;

    /// <param name="first">Offset in the vault of BytesFor(maxWords) bytes for the log.</param>
    public RedoLog(IVaultMemory memory, ulong first, int maxWords)
    {
        _memory = memory;
        _first = first;
        _staged = new ulong[2 * maxWords];
    }

    public int MaxWords => _staged.Length / 2;
    public int StagedWords => _count;

    public static ulong BytesFor(int maxWords) => HeadBytes + EntryBytes * (ulong)maxWords;

    /// <summary>One word more of the transaction; the last value of a word counts.</summary>
    public void Set(ulong offset, ulong value)
    {
        if (_count == MaxWords) throw new InvalidOperationException("transaction too large");
        if (offset % sizeof(ulong) != 0) throw new ArgumentException("not the offset of a word");
        _staged[2 * _count] = offset;
        _staged[2 * _count + 1] = value;
        _count++;
    }

    /// <summary>When this returns, the transaction will be found by whoever comes next.</summary>
    public void Commit()
    {
        if (_count > 1) Publish();
        for (int i = 0; i < _count; i++) _memory.Store(_staged[2 * i], _staged[2 * i + 1]);
        if (_count > 1) _memory.Store(_first, 0);
        _count = 0;
    }

    /// <summary>Completes what an earlier incarnation has published.</summary>
    public void Recover()
    {
        ulong commit = _memory.Load(_first);
        if (commit == 0) return;
        ulong count = commit >> 32;
        bool isPossible = count != 0 && count <= (ulong)MaxWords;
        if (!isPossible) throw new VaultDamagedException($"log of {count} words");
        for (int i = 0; i < 2 * (int)count; i++) _staged[i] = _memory.Load(WordAt(i));
        if (commit != CommitWord((int)count)) throw new VaultDamagedException("log checksum");
        for (int i = 0; i < (int)count; i++)
        {
            if (_staged[2 * i] > _memory.LengthBytes - sizeof(ulong))
            {
                throw new VaultDamagedException("log offset");
            }
        }
        for (int i = 0; i < (int)count; i++) _memory.Store(_staged[2 * i], _staged[2 * i + 1]);
        _memory.Store(_first, 0);
    }

    /// <summary>Forgets whatever the log holds; for a vault that is made anew.</summary>
    public void Reset()
    {
        _count = 0;
        _memory.Store(_first, 0);
    }

    private void Publish()
    {
        for (int i = 0; i < 2 * _count; i++) _memory.Store(WordAt(i), _staged[i]);
        _memory.Store(_first, CommitWord(_count));
    }

    private ulong WordAt(int index) => _first + HeadBytes + sizeof(ulong) * (ulong)index;

    // Never zero, since a published transaction has words.
    private ulong CommitWord(int count) =>
        (ulong)count << 32 | Checksum.Of(_staged.AsSpan(0, 2 * count));
}
