// Bytes for the serial line that were not yet sent, in the vault.
//
// Rules: what is added counts with the transaction that SetEnd is part of. Sent is one store for
// each byte, behind the byte: a death between the two sends that one byte again and loses none.
// When a far end that does not read leaves no room, what does not fit is dropped.

using System;
using Shared.Sdk.Vaults;

namespace Servers.Console.Keeping;

public sealed class OutputRing
{
    /// <summary>With more than this unsent, writers wait.</summary>
    public const int MaxUnsentBytes = 64 * 1024;
    /// <summary>The rest is for echo, which waits for nobody.</summary>
    public const int CapacityBytes = 4 * MaxUnsentBytes;
    private const ulong EndAt = 8;
    private const ulong BytesAt = 16;

    private readonly SmallVault _vault;
    private readonly ulong _at;
    private ulong _sent;
    private ulong _committed;
    private ulong _end;

    public OutputRing(SmallVault vault)
    {
        _vault = vault;
        _at = vault.Reserve(BytesAt + CapacityBytes);
        if (vault.IsNew)
        {
            vault.Memory.Store(_at, 0);
            vault.Memory.Store(_at + EndAt, 0);
        }
        _sent = vault.Memory.Load(_at);
        _committed = _end = vault.Memory.Load(_at + EndAt);
        if (_end - _sent > CapacityBytes) throw new VaultDamagedException("unsent bytes");
    }

    /// <summary>All bytes that were ever sent.</summary>
    public ulong SentBytes => _sent;

    public bool IsFull => _end - _sent > MaxUnsentBytes;

    /// <summary>There is something to send that no death can take back.</summary>
    public bool HasUnsent => _sent != _committed;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        int room = CapacityBytes - (int)(_end - _sent);
        if (bytes.Length > room) bytes = bytes[..room];
        int start = (int)(_end % CapacityBytes);
        int piece = Math.Min(bytes.Length, CapacityBytes - start);
        _vault.Memory.Write(_at + BytesAt + (ulong)start, bytes[..piece]);
        if (piece != bytes.Length) _vault.Memory.Write(_at + BytesAt, bytes[piece..]);
        _end += (ulong)bytes.Length;
    }

    /// <summary>Puts what was added into the transaction in progress.</summary>
    public void SetEnd()
    {
        if (_end != _committed) _vault.Log.Set(_at + EndAt, _end);
        _committed = _end;
    }

    /// <summary>Copies what comes next; answers how many bytes. They stay until Sent.</summary>
    public int Peek(Span<byte> target)
    {
        int start = (int)(_sent % CapacityBytes);
        int count = (int)Math.Min(_committed - _sent, (ulong)(CapacityBytes - start));
        count = Math.Min(count, target.Length);
        _vault.Memory.Read(_at + BytesAt + (ulong)start, target[..count]);
        return count;
    }

    /// <summary>The next byte has left.</summary>
    public void Sent() => _vault.Memory.Store(_at, ++_sent);
}
