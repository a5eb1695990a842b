// One pipe: a ring, and the calls that wait at both of its ends, in order of arrival.
//
// Rules: bytes leave the ring before the reply that carries them, so that a death between the two
// does not give them to somebody else, and come back when the reply finds nobody: a reader that
// dies takes none along. A write enters piece by piece as there is room; the next write waits until
// it is in whole. Whoever changes something calls Pump. What is answered is in the vault.

using System;
using System.Collections.Generic;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Servers.Pipes;

internal sealed class Pipe
{
    /// <summary>Calls that may wait at one end; the next is QuotaExceeded.</summary>
    public const int MaxWaiting = 32;

    private readonly PipesVault _vault;
    private readonly ulong _key;
    private readonly Ring _ring;
    private readonly byte[] _staging;
    private readonly Queue<WaitingRead> _reads = new();
    private readonly Queue<WaitingWrite> _writes = new();
    private PipeRecord _record;

    /// <param name="key">Badge of the reader.</param>
    /// <param name="staging">Room for a whole ring, which all pipes may share.</param>
    public Pipe(PipesVault vault, ulong key, in PipeRecord record, byte[] staging)
    {
        _vault = vault;
        _key = key;
        _record = record;
        _staging = staging;
        _ring = vault.MakeRing(record.Ring);
        _ring.Set(record.First, record.LengthBytes);
    }

    public int RingNumber => _record.Ring;
    public bool IsDead => !_record.HasReader && !_record.HasWriter;

    /// <summary>Parks the request, and answers it at once where that is possible.</summary>
    public Status Read(Request request, WriteLease target)
    {
        if (_reads.Count == MaxWaiting) SweepReads();
        if (_reads.Count == MaxWaiting) return Status.QuotaExceeded;
        if (request.Park() != Status.Ok) return Status.Parked;
        _reads.Enqueue(new WaitingRead(request, target));
        Pump();
        return Status.Parked;
    }

    /// <summary>Parks the request, and answers it at once where that is possible.</summary>
    /// <param name="takenBytes">What an earlier incarnation has taken of it.</param>
    public Status Write(Request request, ReadLease source, uint takenBytes)
    {
        if (!_record.HasReader) return Status.NoReader;
        if (source.LengthBytes == 0) return Status.Ok;
        if (_writes.Count == MaxWaiting) SweepWrites();
        if (_writes.Count == MaxWaiting) return Status.QuotaExceeded;
        if (request.Park() != Status.Ok) return Status.Parked;
        _writes.Enqueue(new WaitingWrite(request, source) { TakenBytes = takenBytes });
        Pump();
        return Status.Parked;
    }

    public void CloseReader()
    {
        _record.HasReader = false;
        _ring.Set(0, 0);
        Commit();
        Pump();
    }

    public void CloseWriter()
    {
        _record.HasWriter = false;
        Commit();
        Pump();
    }

    /// <summary>Puts the pipe as it is now into the transaction in progress.</summary>
    public void Put()
    {
        _record.First = _ring.First;
        _record.LengthBytes = _ring.LengthBytes;
        Span<byte> bytes = stackalloc byte[PipeRecord.Bytes];
        _vault.Pipes.Put(_key, _record.WriteTo(bytes));
    }

    /// <summary>What was in hand at a death goes to the records of that; at the start.</summary>
    public void SaveWrite()
    {
        if (_record.Write.Value == 0) return;
        _vault.Writes.Record(_record.Write, _record.TakenBytes);
        _record.Write = default;
        _record.TakenBytes = 0;
        Commit();
    }

    private void Commit()
    {
        Put();
        _vault.Commit();
    }

    private void Pump()
    {
        bool hasMoved = true;
        while (hasMoved) hasMoved = Fill() | Drain();
        if (!_record.HasReader)
        {
            while (_writes.TryDequeue(out WaitingWrite? write))
            {
                write.Request.Complete(Status.NoReader);
            }
        }
        if (_record.HasWriter || _ring.LengthBytes != 0 || _writes.Count != 0) return;
        while (_reads.TryDequeue(out WaitingRead? read)) read.Request.Complete(Status.EndOfStream);
    }

    /// <summary>Bytes of the oldest write enter the ring; true when something happened.</summary>
    private bool Fill()
    {
        if (!_record.HasReader || !_writes.TryPeek(out WaitingWrite? write)) return false;
        int count = (int)Math.Min((uint)_ring.FreeBytes, write.RestBytes);
        if (count != 0)
        {
            Span<byte> bytes = _staging.AsSpan(0, count);
            Status status = write.Source.CopyTo(write.TakenBytes, bytes);
            if (status != Status.Ok)
            {
                _writes.Dequeue();
                write.Request.Complete(status);
                return true;
            }
            _ring.Fill(bytes);
            _ring.Filled(count);
            write.TakenBytes += (uint)count;
            _record.Write = write.Request.Id;
            _record.TakenBytes = write.TakenBytes;
            Commit();
        }
        if (write.RestBytes != 0) return count != 0;
        _writes.Dequeue();
        write.Request.Complete(Status.Ok);
        return true;
    }

    /// <summary>Answers the oldest read from the ring; true when something happened.</summary>
    private bool Drain()
    {
        if (_ring.LengthBytes == 0 || !_reads.TryDequeue(out WaitingRead? read)) return false;
        int first = _ring.First, length = _ring.LengthBytes;
        int count = (int)Math.Min((uint)length, read.Target.LengthBytes);
        Span<byte> bytes = _staging.AsSpan(0, count);
        _ring.Read(first, bytes);
        Status status = read.Target.CopyFrom(0, bytes);
        if (status != Status.Ok)
        {
            read.Request.Complete(status);
            return true;
        }
        _ring.Consume(count);
        _vault.TakeInHand(read.Request.Id, RingNumber, first, count);
        Commit();
        Result<uint> answer = (uint)count;
        if (read.Request.Complete(answer) != Status.Ok)
        {
            _ring.Set(first, length);
            Put();
        }
        _vault.EmptyHand();
        return true;
    }

    // The kernel tells nobody that a parked call was cancelled. One byte through its lease does;
    // what lies in the buffer of a call that has not ended means nothing yet.
    private void SweepReads()
    {
        for (int count = _reads.Count; count > 0; count--)
        {
            WaitingRead read = _reads.Dequeue();
            if (read.Target.CopyFrom(0, [0]) == Status.Ok) _reads.Enqueue(read);
            else read.Request.Complete(Status.CallerGone);
        }
    }

    private void SweepWrites()
    {
        Span<byte> probe = stackalloc byte[1];
        for (int count = _writes.Count; count > 0; count--)
        {
            WaitingWrite write = _writes.Dequeue();
            if (write.Source.CopyTo(0, probe) == Status.Ok) _writes.Enqueue(write);
            else write.Request.Complete(Status.CallerGone);
        }
    }

    private sealed record WaitingRead(Request Request, WriteLease Target);

    private sealed class WaitingWrite(Request request, ReadLease source)
    {
        public Request Request { get; } = request;
        public ReadLease Source { get; } = source;
        public uint TakenBytes { get; set; }
        public uint RestBytes => Source.LengthBytes - TakenBytes;
    }
}
