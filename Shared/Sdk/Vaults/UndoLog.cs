// Changes of several words of a vault that happen together or not at all, at whatever instruction
// the process dies.
//
// A word is changed where it lies, as soon as Set is called; what it was before is in the log by
// then. One store of the next transaction's number commits all of them, since entries count for the
// transaction whose number they carry. The next incarnation puts back what was not committed, the
// last change first.
// Rules: Recover before anything else. A word that a transaction has set is stored to by nobody
// else before the commit. Who catches an exception of Set, or calls Rollback, opens the vault anew:
// what was made of the words outside of it is not put back.

using System;
using System.Collections.Generic;
using System.Numerics;
using System.Runtime.CompilerServices;
using Shared.Sdk.Native;

namespace Shared.Sdk.Vaults;

public sealed class UndoLog
{
    // The head is the number of the transaction in progress, with a check. An entry is an offset,
    // the old word, and the number with a check of the two: there when that is.
    private const ulong HeadBytes = 8;
    private const ulong EntryBytes = 24;
    private const ulong TagAt = 16;
    private const int CheckBits = 16;
    private const ulong CheckMask = (1UL << CheckBits) - 1;
    private const ulong One = 1UL << CheckBits;
    private const ulong Multiplier = 0x9E37_79B9_7F4A_7C15;

    /// <summary>So many entries are written without a look for the word among them.</summary>
    private const int MaxRepeats = 512;

    private readonly VaultWords _words;
    private readonly ulong _first;
    private readonly int _maxWords;
    /// <summary>From this entry on, a word has one at most.</summary>
    private readonly ulong _repeatsEnd;
    private readonly ulong _end;
    /// <summary>Above CheckBits of zeros.</summary>
    private ulong _number = One;
    /// <summary>Where the next entry comes to.</summary>
    private ulong _next;
    /// <summary>The words of the entries, once there are as many as MaxRepeats.</summary>
    private HashSet<ulong>? _logged;

    /// <param name="first">Offset in the vault of BytesFor(maxWords) bytes for the log.</param>
    /// <param name="maxWords">Different words that one transaction changes at most.</param>
    public UndoLog(IVaultMemory memory, ulong first, int maxWords)
    {
        _words = new VaultWords(memory);
        _first = first;
        _maxWords = maxWords;
        _next = EntryAt(0);
        _repeatsEnd = EntryAt(RepeatsFor(maxWords));
        _end = EntryAt(maxWords + RepeatsFor(maxWords));
    }

    /// <summary>The number of the transaction in progress; never zero.</summary>
    public ulong Transaction => _number;

    /// <summary>A transaction is in progress, and has changed something.</summary>
    public bool HasChanges => _next != EntryAt(0);

    public static ulong BytesFor(int maxWords) =>
        HeadBytes + EntryBytes * (ulong)(maxWords + RepeatsFor(maxWords));

    /// <summary>One word of the transaction in progress; is there at once.</summary>
    /// <exception cref="InvalidOperationException">
    /// The transaction is too large; all of it was rolled back.
    /// </exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Set(ulong offset, ulong value)
    {
        if (!_words.TryLoad(offset, out ulong old)) SetAnyhow(offset, value);
        else if (old != value) Change(offset, old, value);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void SetAnyhow(ulong offset, ulong value)
    {
        ulong old = _words.Load(offset);
        if (old != value) ChangeAnyhow(offset, old, value);
    }

    /// <summary>
    /// A word that nobody looks at unless the transaction in progress is committed, since another
    /// word of it says that there is something: it need not be put back.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetFree(ulong offset, ulong value) => _words.Store(offset, value);

    /// <summary>SetFree of zero, for words that follow each other.</summary>
    public void ClearFree(ulong offset, int words) => _words.Clear(offset, words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Load(ulong offset) => _words.Load(offset);

    /// <summary>So many words that follow each other: in place, or in the scratch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<ulong> Read(ulong offset, Span<ulong> scratch) =>
        _words.Read(offset, scratch);

    /// <summary>When this returns, nobody can take the transaction back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Commit()
    {
        if (!HasChanges) return;
        BeginNext();
    }

    /// <summary>Every word is what it was before the transaction in progress.</summary>
    public void Rollback()
    {
        PutBack((int)((_next - EntryAt(0)) / EntryBytes));
        if (HasChanges) BeginNext();
    }

    /// <summary>Puts back what an earlier incarnation has changed and not committed.</summary>
    public void Recover()
    {
        ulong head = _words.Load(_first);
        _number = head & ~CheckMask;
        bool isPossible = _number != 0 && head == HeadOf(_number);
        if (!isPossible) throw new VaultDamagedException($"log of transaction {head:x}");
        int count = CountValid();
        PutBack(count);
        if (count != 0) BeginNext();
    }

    /// <summary>Forgets whatever the log holds; for a vault that is made anew.</summary>
    public void Reset()
    {
        // Somebody may have died while he made it, and his entries count no more.
        _words.Store(EntryAt(0) + TagAt, 0);
        _number = _words.Load(_first) & ~CheckMask;
        BeginNext();
    }

    // Saves no registers, since it jumps to the only thing that it calls; a method that is marked
    // NoInlining would not.
    private void Change(ulong offset, ulong old, ulong value)
    {
        ulong at = _next;
        if (at >= _repeatsEnd
            || !_words.TryStore(at, offset, old, TagOf(offset, old), offset, value))
        {
            ChangeAnyhow(offset, old, value);
            return;
        }
        _next = at + EntryBytes;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ChangeAnyhow(ulong offset, ulong old, ulong value)
    {
        ulong at = _next;
        bool isLogged = at >= _repeatsEnd && FindLogged(offset);
        if (!isLogged)
        {
            _words.Store(at, offset);
            _words.Store(at + sizeof(ulong), old);
            _words.Store(at + TagAt, TagOf(offset, old));
            _next = at + EntryBytes;
        }
        _words.Store(offset, value);
    }

    private void BeginNext()
    {
        _number += One;
        _words.Store(_first, HeadOf(_number));
        _next = EntryAt(0);
        _logged = null;
    }

    /// <summary>
    /// False when the word has to be logged, and there is room: of many changes the later ones are
    /// looked up, so that a log holds as many different words as it was made for.
    /// </summary>
    private bool FindLogged(ulong offset)
    {
        if (_logged is null)
        {
            _logged = [];
            for (ulong at = EntryAt(0); at != _next; at += EntryBytes) _logged.Add(_words.Load(at));
        }
        if (!_logged.Add(offset)) return true;
        if (_next < _end) return false;
        Rollback();
        throw new InvalidOperationException($"transaction of more than {_maxWords} words");
    }

    /// <summary>How many entries the transaction in progress has left.</summary>
    private int CountValid()
    {
        // The first entry is always of this transaction or of the last one that had any.
        ulong first = _words.Load(EntryAt(0) + TagAt) & ~CheckMask;
        bool isPossible = first == 0 || first == _number || first == _number - One;
        if (!isPossible) throw new VaultDamagedException("log of an impossible transaction");
        int count = 0;
        while (EntryAt(count) != _end && IsCurrent(count)) Check(EntryAt(count++));
        bool isWhole = EntryAt(count) == _end || EntryAt(count + 1) == _end
            || !IsCurrent(count + 1);
        return isWhole ? count : throw new VaultDamagedException($"log without entry {count}");
    }

    private bool IsCurrent(int entry) =>
        (_words.Load(EntryAt(entry) + TagAt) & ~CheckMask) == _number;

    private void Check(ulong at)
    {
        ulong offset = _words.Load(at);
        ulong check = _words.Load(at + TagAt) & CheckMask;
        bool isGood = check == CheckOf(offset, _words.Load(at + sizeof(ulong)))
            && offset % sizeof(ulong) == 0
            && offset <= _words.Memory.LengthBytes - sizeof(ulong);
        if (!isGood) throw new VaultDamagedException("log entry");
    }

    // A word that was changed twice has two entries, of which the first one counts: it comes last.
    private void PutBack(int count)
    {
        while (--count >= 0)
        {
            ulong at = EntryAt(count);
            _words.Store(_words.Load(at), _words.Load(at + sizeof(ulong)));
        }
    }

    private ulong EntryAt(int entry) => _first + HeadBytes + EntryBytes * (ulong)entry;

    private static ulong HeadOf(ulong number) => number | CheckOf(0, number);

    private static int RepeatsFor(int maxWords) => Math.Min(maxWords, MaxRepeats);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong TagOf(ulong offset, ulong old) => _number | CheckOf(offset, old);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong CheckOf(ulong offset, ulong old) =>
        ((offset ^ BitOperations.RotateLeft(old, 29)) * Multiplier) >> (64 - CheckBits);
}
