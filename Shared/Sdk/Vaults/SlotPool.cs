// Which records of a table in a vault are in use, so that a start looks at those and at few more.
//
// A word of the vault says how many of the first records were ever used; the lowest free record is
// taken first, and the word falls again when the last ones are free. So it follows what lives, not
// what has lived.
// Rules: Stage before each commit, Settle after it. Records at or above the word are free whatever
// their bytes say; below it the table itself says which are free, and Load must tell.

using System;

namespace Shared.Sdk.Vaults;

public sealed class SlotPool
{
    private readonly IVaultMemory _memory;
    private readonly RedoLog _log;
    private readonly ulong _usedAt;
    private readonly BitMap _free;
    private int _storedUsed;

    /// <param name="usedAt">Offset of the word; zero in a new vault.</param>
    public SlotPool(IVaultMemory memory, RedoLog log, ulong usedAt, int capacity)
    {
        _memory = memory;
        _log = log;
        _usedAt = usedAt;
        _free = new BitMap(capacity);
        Capacity = capacity;
        ulong used = memory.Load(usedAt);
        if (used > (ulong)capacity) throw new VaultDamagedException($"table of {used} records");
        Used = _storedUsed = (int)used;
    }

    public int Capacity { get; }
    /// <summary>All records from here on are free.</summary>
    public int Used { get; private set; }
    public bool IsFull => Used == Capacity && _free.Count == 0;

    public bool IsFree(int slot) => slot >= Used || _free.Contains(slot);

    /// <summary>The lowest free record; the caller has seen that there is one.</summary>
    public int Take()
    {
        if (IsFull) throw new InvalidOperationException("no free record");
        return _free.Count != 0 ? _free.TakeLowest() : Used++;
    }

    /// <summary>
    /// The record can be taken again, also by the transaction that frees it. At the start: the
    /// record is below Used, and is free.
    /// </summary>
    public void Release(int slot) => _free.Add(slot);

    /// <summary>Puts the word into the transaction, when it has grown.</summary>
    public void Stage()
    {
        if (Used <= _storedUsed) return;
        _storedUsed = Used;
        _log.Set(_usedAt, (ulong)Used);
    }

    /// <summary>Lets the word fall; too high is harmless, so one store will do.</summary>
    public void Settle()
    {
        while (Used != 0 && _free.Remove(Used - 1)) Used--;
        if (Used >= _storedUsed) return;
        _storedUsed = Used;
        _memory.Store(_usedAt, (ulong)Used);
    }
}
