// A pipe as it lies in the vault: which ends live, where its bytes are, and how far its oldest
// write has come.
//
// Rules: written whole with each change; the transaction takes only the words that differ.

using System;
using Shared.Abi;
using Shared.Sdk.Vaults;

namespace Servers.Pipes;

internal record struct PipeRecord
{
    public const int Bytes = 6 * sizeof(ulong);
    private const ulong ReaderBit = 1;
    private const ulong WriterBit = 2;

    public int Ring;
    public bool HasReader, HasWriter;
    public int First, LengthBytes;
    /// <summary>The write that bytes were taken of last, and how many.</summary>
    public RequestId Write;
    public uint TakenBytes;

    public readonly ReadOnlySpan<byte> WriteTo(Span<byte> target)
    {
        RecordWriter writer = new(target);
        writer.Number((ulong)Ring);
        writer.Number((HasReader ? ReaderBit : 0) | (HasWriter ? WriterBit : 0));
        writer.Number((ulong)First);
        writer.Number((ulong)LengthBytes);
        writer.Number(Write.Value);
        writer.Number(TakenBytes);
        return target[..Bytes];
    }

    public static PipeRecord Read(ReadOnlySpan<byte> source)
    {
        RecordReader reader = new(source);
        ulong ring = reader.Number(), ends = reader.Number();
        if (ring >= PipesVault.MaxPipes) throw new VaultDamagedException("ring of a pipe");
        return new PipeRecord
        {
            Ring = (int)ring,
            HasReader = (ends & ReaderBit) != 0,
            HasWriter = (ends & WriterBit) != 0,
            First = (int)reader.Number(),
            LengthBytes = (int)reader.Number(),
            Write = new RequestId(reader.Number()),
            TakenBytes = (uint)reader.Number(),
        };
    }
}
