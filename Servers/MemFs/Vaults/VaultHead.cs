// The few numbers of a mount that are no table's: what was given out last, and what is being freed.
//
// Rules: one record with a check of its own; changed by transactions, once each.

using System;
using Shared.Sdk.Vaults;

namespace Servers.MemFs.Vaults;

internal sealed class VaultHead
{
    private const ulong First = 64;
    private const int Words = 4;
    private const int NumberAt = 0;
    private const int CookieAt = 1;
    private const int BadgeAt = 2;
    private const int ShrinkingAt = 3;
    private const ulong CheckAt = First + Words * sizeof(ulong);

    private readonly UndoLog _log;
    private readonly ulong[] _words = new ulong[Words];
    private bool _isChanged;

    public VaultHead(UndoLog log, bool isNew)
    {
        _log = log;
        if (isNew)
        {
            _isChanged = true;
            return;
        }
        for (int i = 0; i < Words; i++) _words[i] = log.Load(WordAt(i));
        if (log.Load(CheckAt) == Checksum.Of(_words)) return;
        throw new VaultDamagedException("the numbers of the vault are damaged");
    }

    /// <summary>No badge from here on was ever minted.</summary>
    public ulong BadgeLimit
    {
        get => _words[BadgeAt];
        set => Change(BadgeAt, value);
    }

    /// <summary>The file whose chunks beyond its length are being freed.</summary>
    public NodeKey Shrinking
    {
        get => new(_words[ShrinkingAt]);
        set => Change(ShrinkingAt, value.Value);
    }

    /// <summary>For a node: grows, and is never used twice.</summary>
    public ulong NextNumber() => Change(NumberAt, _words[NumberAt] + 1);

    /// <summary>For an entry's place in a listing: grows, and is never used twice.</summary>
    public ulong NextCookie() => Change(CookieAt, _words[CookieAt] + 1);

    public void Stage()
    {
        if (!_isChanged) return;
        _isChanged = false;
        for (int i = 0; i < Words; i++) _log.Set(WordAt(i), _words[i]);
        _log.Set(CheckAt, Checksum.Of(_words));
    }

    private ulong Change(int word, ulong value)
    {
        _words[word] = value;
        _isChanged = true;
        return value;
    }

    private static ulong WordAt(int word) => First + sizeof(ulong) * (ulong)word;
}
