// A vault whose process can be made to die at any of its stores: all after it are not there, and
// the store itself may be or not. A cut Write or Clear leaves its first part.

using System;
using Shared.Sdk.Vaults;

namespace Tests.Loopback;

/// <summary>The process is dead. Nobody below the test may catch it.</summary>
public sealed class VaultDeath : Exception;

/// <summary>Whether the store at which a process dies is there.</summary>
public enum LastStore { Missing, Done }

/// <param name="dieAt">Number of the store of the death, from 0; none if negative.</param>
/// <param name="cutPercent">How much of a longer store is there, if it is missing.</param>
public sealed class MortalMemory(
    IVaultMemory vault, int dieAt = -1, int cutPercent = 50, LastStore last = LastStore.Missing)
    : IVaultMemory
{
    private readonly int _cutPercent = last == LastStore.Done ? 100 : cutPercent;

    public int Stores { get; private set; }
    public bool IsDead { get; private set; }
    public ulong LengthBytes => vault.LengthBytes;

    public ulong Load(ulong offset)
    {
        RequireLife();
        return vault.Load(offset);
    }

    public void Read(ulong offset, Span<byte> target)
    {
        RequireLife();
        vault.Read(offset, target);
    }

    public void Store(ulong offset, ulong value)
    {
        if (Count() && last == LastStore.Done) vault.Store(offset, value);
        RequireLife();
        vault.Store(offset, value);
    }

    public void Write(ulong offset, ReadOnlySpan<byte> source)
    {
        if (Count()) vault.Write(offset, source[..(source.Length * _cutPercent / 100)]);
        RequireLife();
        vault.Write(offset, source);
    }

    /// <summary>Whoever wants one is about to write: that is a store.</summary>
    public Span<byte> Window(ulong offset, int lengthBytes)
    {
        Count();
        RequireLife();
        return vault.Window(offset, lengthBytes);
    }

    public void Clear(ulong offset, ulong lengthBytes)
    {
        if (Count()) vault.Clear(offset, lengthBytes * (ulong)_cutPercent / 100);
        RequireLife();
        vault.Clear(offset, lengthBytes);
    }

    public void Discard(ulong offset, ulong lengthBytes)
    {
        Count();
        RequireLife();
        vault.Discard(offset, lengthBytes);
    }

    /// <summary>True when it dies at this very store.</summary>
    private bool Count()
    {
        if (IsDead || Stores++ != dieAt) return false;
        IsDead = true;
        return true;
    }

    private void RequireLife()
    {
        if (IsDead) throw new VaultDeath();
    }
}
