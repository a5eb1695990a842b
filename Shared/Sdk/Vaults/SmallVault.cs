// The vault of a server with little state: a header, a log, and the tables that reserve their
// places one after the other.
//
// Rules: each incarnation makes the same tables in the same order, then calls Publish. Tables put
// the words of a change into Log; the server calls Commit before it answers. The header remembers
// every size, so a program with other tables does not read the vault as its own.

using System;
using Shared.Abi;

namespace Shared.Sdk.Vaults;

public sealed class SmallVault
{
    private const int MaxReserved = 13;

    private readonly VaultHeader _header;
    private readonly ulong[] _sizes = new ulong[1 + MaxReserved];
    private int _count;
    private ulong _endBytes = Limits.PageBytes;

    /// <param name="name">Eight ASCII characters; the last one is the format.</param>
    /// <param name="logWords">Of the largest transaction.</param>
    public SmallVault(IVaultMemory memory, string name, int logWords)
    {
        Memory = memory;
        _header = new VaultHeader(memory, name, _sizes.Length);
        Log = new UndoLog(memory, Reserve(UndoLog.BytesFor(logWords)), logWords);
        if (IsNew) Log.Reset();
        else Log.Recover();
    }

    public IVaultMemory Memory { get; }
    public UndoLog Log { get; }
    public bool IsNew => _header.IsNew;

    /// <summary>Bytes of the vault that are spoken for.</summary>
    public ulong EndBytes => _endBytes;

    /// <summary>
    /// The offset of the next so many bytes, from a page's start. What they hold is not known
    /// while the vault IsNew.
    /// </summary>
    public ulong Reserve(ulong lengthBytes)
    {
        if (_count == _sizes.Length) throw new InvalidOperationException("too many tables");
        bool isKnown = IsNew || _header.Parameters[_count] == lengthBytes;
        if (!isKnown) throw new VaultDamagedException("vault has tables of other sizes");
        _sizes[_count++] = lengthBytes;
        ulong first = _endBytes;
        _endBytes += (lengthBytes + Limits.PageBytes - 1) & ~(Limits.PageBytes - 1UL);
        if (_endBytes > Memory.LengthBytes) throw new ArgumentException("vault too small");
        return first;
    }

    /// <summary>As Reserve; while the vault IsNew they are zeros.</summary>
    public ulong ReserveZeros(ulong lengthBytes)
    {
        ulong first = Reserve(lengthBytes);
        if (IsNew) Memory.Clear(first, lengthBytes);
        return first;
    }

    /// <summary>What was changed since the last time outlives this process from now on.</summary>
    public void Commit() => Log.Commit();

    /// <summary>All tables are there. A new vault is opened, and not made, from now on.</summary>
    public void Publish()
    {
        Log.Commit();
        if (IsNew)
        {
            _header.Write(_sizes);
            _header.Publish();
            return;
        }
        bool hasMore = _count < _sizes.Length && _header.Parameters[_count] != 0;
        if (hasMore) throw new VaultDamagedException("vault has more tables");
    }
}
