// Bytes that a device has given and nobody has looked at yet, in the vault.
//
// Rules: one store for each byte, as soon as the device has given it: only the byte between a port
// and that store can be lost. Taken counts with the transaction in progress.

using System.Collections.Generic;
using Shared.Sdk.Vaults;

namespace Servers.Console.Keeping;

public sealed class InputRing
{
    public const int Capacity = 4096;
    private const ulong WordsAt = 8;
    // A word is the byte, and above it its number, so that one store says both.
    private const int ByteBits = 8;

    private readonly SmallVault _vault;
    private readonly ulong _at;
    private ulong _taken;
    private ulong _last;

    public InputRing(SmallVault vault)
    {
        _vault = vault;
        _at = vault.Reserve(WordsAt + Capacity * sizeof(ulong));
        if (vault.IsNew) vault.Memory.Clear(_at, WordsAt + Capacity * sizeof(ulong));
        _taken = _last = vault.Memory.Load(_at);
        while (Number(_last + 1) == _last + 1 && !IsFull) _last++;
    }

    /// <summary>All bytes that were ever added.</summary>
    public ulong Count => _last;

    public bool IsFull => _last - _taken == Capacity;

    public void Add(byte value)
    {
        _last++;
        _vault.Memory.Store(WordAt(_last), _last << ByteBits | value);
    }

    /// <summary>All that is there; it is gone with the transaction in progress.</summary>
    public void Take(List<byte> bytes)
    {
        if (_taken == _last) return;
        while (_taken != _last) bytes.Add((byte)_vault.Memory.Load(WordAt(++_taken)));
        _vault.Log.Set(_at, _taken);
    }

    private ulong Number(ulong number) => _vault.Memory.Load(WordAt(number)) >> ByteBits;

    private ulong WordAt(ulong number) => _at + WordsAt + number % Capacity * sizeof(ulong);
}
