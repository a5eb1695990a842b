// The only door to the bytes of a vault: what is stored here survives the death of the process.
//
// Rules: offsets are from the vault's start. Load and Store take aligned words; a Store is whole or
// not there, and no store is seen before the one that came first in the program. Write and Clear
// may be cut anywhere by a death. A page that was never stored to, or was discarded, reads as
// zeros.

using System;
using Shared.Sdk.Native;

namespace Shared.Sdk.Vaults;

public interface IVaultMemory
{
    ulong LengthBytes { get; }

    ulong Load(ulong offset);
    void Store(ulong offset, ulong value);

    void Read(ulong offset, Span<byte> target);
    void Write(ulong offset, ReadOnlySpan<byte> source);
    void Clear(ulong offset, ulong lengthBytes);

    /// <summary>
    /// The bytes themselves, to read or to write as by Write; good until the next Discard. Empty
    /// where there are none to be had, and Read and Write are the way.
    /// </summary>
    Span<byte> Window(ulong offset, int lengthBytes) => default;

    /// <summary>As Window, for who keeps the place until its answer is sent.</summary>
    FixedBytes Fixed(ulong offset, int lengthBytes) => default;

    /// <summary>Whole pages: they read as zeros, and their memory is free.</summary>
    void Discard(ulong offset, ulong lengthBytes);
}

/// <summary>
/// The vault holds what no version of this program has written. Nobody goes on with it.
/// </summary>
public sealed class VaultDamagedException(string message) : Exception(message);
