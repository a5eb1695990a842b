// Pipes by which the conductor and its client tell each other how far they are: a byte a sign. The
// client's last words are the machine's time.

using System;
using System.Buffers.Binary;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Tests.Guest.Contract;

internal sealed class Signs(IKernel kernel, Handle reader, Handle writer)
{
    public const byte IsOpen = (byte)'o', MayCall = (byte)'c', MayTry = (byte)'t';

    /// <summary>The ends that the other one gets, of a conductor; it closes them.</summary>
    public (Handle Reader, Handle Writer) Others { get; private init; }

    /// <summary>Both pipes, made for a client that is to be started.</summary>
    public static Signs Make(IKernel kernel, Handle pipes)
    {
        PipesClient calls = new(kernel, pipes);
        Result<PipeEnds> there = calls.Create(), back = calls.Create();
        if (!there.IsOk || !back.IsOk) throw new InvalidOperationException("no pipes");
        return new Signs(kernel, back.Value.Reader.Handle, there.Value.Writer.Handle)
        {
            Others = (there.Value.Reader.Handle, back.Value.Writer.Handle),
        };
    }

    /// <summary>What the other one has not read yet stays in the pipe.</summary>
    public void Give(byte sign) => new ByteStreamClient(kernel, writer).Write([sign]);

    /// <summary>False: another sign came, or the other one is gone.</summary>
    public bool Await(byte sign) => Await() == sign;

    /// <summary>Whatever comes next; 0: the other one is gone.</summary>
    public byte Await()
    {
        byte[] read = new byte[1];
        return Fill(read) ? read[0] : (byte)0;
    }

    public void GiveTime(ulong nowNs)
    {
        byte[] time = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(time, nowNs);
        new ByteStreamClient(kernel, writer).Write(time);
    }

    /// <summary>0: the other one is gone without a time.</summary>
    public ulong AwaitTime()
    {
        byte[] time = new byte[sizeof(ulong)];
        return Fill(time) ? BinaryPrimitives.ReadUInt64LittleEndian(time) : 0;
    }

    private bool Fill(Span<byte> target)
    {
        while (target.Length != 0)
        {
            Result<uint> read = new ByteStreamClient(kernel, reader).Read(target);
            if (!read.IsOk || read.Value == 0) return false;
            target = target[(int)read.Value..];
        }
        return true;
    }

    public void Close()
    {
        kernel.Close(reader);
        kernel.Close(writer);
    }
}
