// Bytes on their way through one pipe, first in, first out, in a span of the vault.
//
// Rules: bytes enter by Filled after Fill, and leave by Consume after they have reached their
// reader: whoever fails between the two steps has changed nothing. Where the first byte lies, and
// how many there are, the pipe writes into its record.

using System;
using Shared.Sdk.Vaults;

namespace Servers.Pipes;

internal sealed class Ring(IVaultMemory memory, ulong at, int capacityBytes)
{
    public int First { get; private set; }
    public int LengthBytes { get; private set; }
    public int FreeBytes => capacityBytes - LengthBytes;

    /// <summary>Goes on with what an earlier incarnation has left, or is given back.</summary>
    public void Set(int first, int lengthBytes)
    {
        bool isPossible = (uint)first < (uint)capacityBytes && (uint)lengthBytes <= capacityBytes;
        if (!isPossible) throw new VaultDamagedException("place in a ring");
        First = first;
        LengthBytes = lengthBytes;
    }

    /// <summary>Puts bytes where the room begins; they are in the ring after Filled.</summary>
    public void Fill(ReadOnlySpan<byte> source)
    {
        if (source.Length > FreeBytes) throw new ArgumentOutOfRangeException(nameof(source));
        int start = (First + LengthBytes) % capacityBytes;
        int piece = Math.Min(source.Length, capacityBytes - start);
        memory.Write(at + (ulong)start, source[..piece]);
        if (piece != source.Length) memory.Write(at, source[piece..]);
    }

    public void Filled(int count)
    {
        if ((uint)count > (uint)FreeBytes) throw new ArgumentOutOfRangeException(nameof(count));
        LengthBytes += count;
    }

    /// <summary>Copies bytes from a place in the ring on, round its end.</summary>
    public void Read(int first, Span<byte> target)
    {
        int piece = Math.Min(target.Length, capacityBytes - first);
        memory.Read(at + (ulong)first, target[..piece]);
        if (piece != target.Length) memory.Read(at, target[piece..]);
    }

    public void Consume(int count)
    {
        if ((uint)count > (uint)LengthBytes) throw new ArgumentOutOfRangeException(nameof(count));
        LengthBytes -= count;
        // An empty ring starts again at zero, so that small messages are moved in one piece.
        First = LengthBytes == 0 ? 0 : (First + count) % capacityBytes;
    }
}
