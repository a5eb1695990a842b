// Keys that were typed and that no line has yet, in the vault.
//
// Rules: keys are stored beyond what the vault says is there, and count with the transaction that
// SetEnds is part of. Keys for which there is no room are dropped.

using System;
using System.Collections.Generic;
using Servers.Console.Editing;
using Shared.Sdk.Vaults;

namespace Servers.Console.Keeping;

public sealed class KeyQueue
{
    /// <summary>Keys beyond this that nobody reads are dropped.</summary>
    public const int MaxTypedAhead = 32 * 1024;
    // Between two transactions as many keys may come as InputRing holds bytes, or a line comes
    // back: none of them may lie over keys that are still there for the next incarnation.
    private const int Capacity = MaxTypedAhead + 3 * InputRing.Capacity;
    private const ulong EndAt = 8;
    private const ulong KeysAt = 16;
    // Far from zero, so that keys can come back before the first one.
    private const ulong FirstNumber = 1UL << 40;
    private const int KindShift = 40;
    private const int LengthShift = 32;

    private readonly SmallVault _vault;
    private readonly ulong _at;
    private ulong _start;
    private ulong _end;
    private ulong _committedStart;
    private ulong _committedEnd;

    public KeyQueue(SmallVault vault)
    {
        _vault = vault;
        _at = vault.Reserve(KeysAt + Capacity * sizeof(ulong));
        if (vault.IsNew)
        {
            vault.Memory.Store(_at, FirstNumber);
            vault.Memory.Store(_at + EndAt, FirstNumber);
        }
        _start = _committedStart = vault.Memory.Load(_at);
        _end = _committedEnd = vault.Memory.Load(_at + EndAt);
        if (_end - _start > Capacity) throw new VaultDamagedException("typed keys");
    }

    public int Count => (int)(_end - _start);

    public void Add(Key key)
    {
        if (Count >= MaxTypedAhead) return;
        Store(_end++, key);
    }

    /// <summary>Keys of a line that nobody has, before all that was typed since.</summary>
    public void PutBack(List<Key> keys)
    {
        int room = Math.Min(keys.Count, Capacity - InputRing.Capacity - Count);
        for (int i = room - 1; i >= 0; i--) Store(--_start, keys[i]);
    }

    public bool TryTake(out Key key)
    {
        key = default;
        if (_start == _end) return false;
        ulong word = _vault.Memory.Load(WordAt(_start++));
        key = new Key(
            (KeyKind)(byte)(word >> KindShift), (uint)word, (byte)(word >> LengthShift) & 7);
        return true;
    }

    public void Clear() => _start = _end;

    /// <summary>Puts what was added and taken into the transaction in progress.</summary>
    public void SetEnds()
    {
        if (_start != _committedStart) _vault.Log.Set(_at, _start);
        if (_end != _committedEnd) _vault.Log.Set(_at + EndAt, _end);
        _committedStart = _start;
        _committedEnd = _end;
    }

    private void Store(ulong number, Key key) => _vault.Memory.Store(
        WordAt(number),
        (ulong)key.Kind << KindShift | (ulong)key.LengthBytes << LengthShift | key.Bytes);

    private ulong WordAt(ulong number) => _at + KeysAt + number % Capacity * sizeof(ulong);
}
