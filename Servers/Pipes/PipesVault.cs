// What outlives this process: pipes and their bytes, and how far the requests in hand had come.
//
// Rules: a request is done with one transaction at a time, committed before its answer. What an
// earlier incarnation had in hand is moved to the records of that at the start: a write that comes
// again goes on where it was, a read that comes again gets the same bytes. A read that does not
// come again has been answered, or its caller is gone and cannot know whether it was.

using System;
using Shared.Abi;
using Shared.Sdk.Vaults;

namespace Servers.Pipes;

internal sealed class PipesVault
{
    public const int RingBytes = 64 * 1024;
    public const int MaxPipes = 64;
    public const ulong VaultBytes = 8 * 1024 * 1024;
    /// <summary>The last digit is the format.</summary>
    private const string Name = "CKPIPES3";
    private const int LogWords = 128;
    private const int WritesKept = 256;
    private const ulong HandKey = 1;
    private const int HandBytes = 4 * sizeof(ulong);

    private readonly SmallVault _vault;
    private readonly RecordTable _hand;
    private readonly RequestLog _writes;
    private readonly SavedReads _reads;
    private readonly ulong _rings;
    private readonly byte[] _scratch = new byte[HandBytes];

    public PipesVault(IVaultMemory memory)
    {
        _vault = new SmallVault(memory, Name, LogWords);
        Pipes = new RecordTable(_vault, MaxPipes, PipeRecord.Bytes);
        _hand = new RecordTable(_vault, slots: 1, HandBytes);
        _writes = new RequestLog(_vault, WritesKept);
        _reads = new SavedReads(_vault, RingBytes);
        _rings = _vault.Reserve(MaxPipes * (ulong)RingBytes);
        _vault.Publish();
        SaveHand();
    }

    /// <summary>By the badge of the reader; see PipeRecord.</summary>
    public RecordTable Pipes { get; }

    /// <summary>Writes of earlier incarnations, with the bytes that had been taken.</summary>
    public RequestLog Writes => _writes;

    /// <summary>Reads of earlier incarnations, with the bytes that are theirs.</summary>
    public SavedReads Reads => _reads;

    public static PipesVault OnHeap() => new(new HeapVaultMemory(VaultBytes));

    public Ring MakeRing(int number) => new(_vault.Memory, RingAt(number), RingBytes);

    /// <summary>Bytes of a pipe that is gone take no memory.</summary>
    public void Discard(int ring) => _vault.Memory.Discard(RingAt(ring), RingBytes);

    /// <summary>With the transaction in progress, the bytes are this read's.</summary>
    public void TakeInHand(RequestId read, int ring, int first, int count)
    {
        RecordWriter writer = new(_scratch);
        writer.Number(read.Value);
        writer.Number((ulong)ring);
        writer.Number((ulong)first);
        writer.Number((ulong)count);
        _hand.Put(HandKey, writer.Bytes);
    }

    /// <summary>The read in hand was answered, or its caller is gone.</summary>
    public void EmptyHand()
    {
        _hand.Remove(HandKey);
        Commit();
    }

    public void Commit() => _vault.Commit();

    private ulong RingAt(int number) => _rings + (ulong)number * RingBytes;

    private void SaveHand()
    {
        if (!_hand.TryGet(HandKey, out ReadOnlySpan<byte> hand)) return;
        RecordReader reader = new(hand);
        RequestId read = new(reader.Number());
        ulong ring = reader.Number(), first = reader.Number(), count = reader.Number();
        bool isPossible = ring < MaxPipes && first < RingBytes && count <= RingBytes;
        if (!isPossible) throw new VaultDamagedException("read in hand");
        byte[] bytes = new byte[count];
        MakeRing((int)ring).Read((int)first, bytes);
        _reads.Save(read, bytes);
        EmptyHand();
    }
}
