// The few numbers of a mount that are no table's: how far serials were given out, what is being
// freed, and what waits for its last holder.
//
// Serials name nodes, entries and open capabilities, in the order in which these are made. None is
// used twice: an incarnation goes on behind all that the ones before it were promised.
// Rules: one record with a check of its own; changed by transactions, once each.

using System;
using Shared.Sdk.Vaults;

namespace Servers.MemFs.Vaults;

internal sealed class VaultHead
{
    /// <summary>Enough for half a million a second in four months.</summary>
    public const int SerialBits = 41;
    /// <summary>So many serials are promised with one transaction.</summary>
    private const ulong SerialBlock = 1 << 16;
    /// <summary>Promised before the last ones are needed: what is out was committed.</summary>
    private const ulong SerialMargin = SerialBlock / 2;
    private const ulong First = 64;
    private const int Words = 3;
    private const int LimitAt = 0;
    private const int ShrinkingAt = 1;
    private const int OrphanAt = 2;
    private const ulong CheckAt = First + Words * sizeof(ulong);

    private readonly UndoLog _log;
    private readonly ulong[] _words = new ulong[Words];
    private bool _isChanged;

    /// <param name="firstSerial">Of a new vault: none up to this one is given out.</param>
    public VaultHead(UndoLog log, bool isNew, ulong firstSerial)
    {
        _log = log;
        if (isNew)
        {
            FirstSerial = LastSerial = Math.Max(firstSerial, NodeKey.Root.Number);
            Change(LimitAt, LastSerial + SerialBlock);
            return;
        }
        for (int i = 0; i < Words; i++) _words[i] = log.Load(WordAt(i));
        if (log.Load(CheckAt) != Checksum.Of(_words))
            throw new VaultDamagedException("the numbers of the vault are damaged");
        FirstSerial = LastSerial = _words[LimitAt];
    }

    /// <summary>Greater ones are of this incarnation.</summary>
    public ulong FirstSerial { get; }

    /// <summary>The one that was given out last.</summary>
    public ulong LastSerial { get; private set; }

    /// <summary>No more can be given out; after years.</summary>
    public bool IsSpent => LastSerial >= (1UL << SerialBits) - SerialBlock;

    /// <summary>The file whose chunks beyond its length are being freed.</summary>
    public NodeKey Shrinking
    {
        get => new(_words[ShrinkingAt]);
        set => Change(ShrinkingAt, value.Value);
    }

    /// <summary>The first of the nodes that have no name and are held.</summary>
    public SlotLink FirstOrphan
    {
        get => new((uint)_words[OrphanAt]);
        set => Change(OrphanAt, value.Value);
    }

    /// <summary>Grows, and is never used twice.</summary>
    public ulong NextSerial()
    {
        ulong serial = ++LastSerial;
        if (serial + SerialMargin > _words[LimitAt]) Change(LimitAt, serial + SerialBlock);
        return serial;
    }

    public void Stage()
    {
        if (!_isChanged) return;
        _isChanged = false;
        for (int i = 0; i < Words; i++) _log.Set(WordAt(i), _words[i]);
        _log.Set(CheckAt, Checksum.Of(_words));
    }

    private void Change(int word, ulong value)
    {
        _words[word] = value;
        _isChanged = true;
    }

    private static ulong WordAt(int word) => First + sizeof(ulong) * (ulong)word;
}
