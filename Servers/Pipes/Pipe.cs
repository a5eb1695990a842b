// One pipe: a ring, and the calls that wait at both of its ends, in order of arrival.
//
// Rules: bytes leave the ring only when the reply that carries them was accepted, so a reader that
// dies takes none along. A write enters piece by piece as there is room; the next write waits until
// it is in whole. Whoever changes something calls Pump.

using System;
using System.Collections.Generic;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Servers.Pipes;

internal sealed class Pipe(Ring ring)
{
    /// <summary>Calls that may wait at one end; the next is QuotaExceeded.</summary>
    public const int MaxWaiting = 32;

    private readonly Queue<WaitingRead> _reads = new();
    private readonly Queue<WaitingWrite> _writes = new();

    public Ring Ring { get; } = ring;
    public bool HasReader { get; private set; } = true;
    public bool HasWriter { get; private set; } = true;
    public bool IsDead => !HasReader && !HasWriter;

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
    public Status Write(Request request, ReadLease source)
    {
        if (!HasReader) return Status.NoReader;
        if (source.LengthBytes == 0) return Status.Ok;
        if (_writes.Count == MaxWaiting) SweepWrites();
        if (_writes.Count == MaxWaiting) return Status.QuotaExceeded;
        if (request.Park() != Status.Ok) return Status.Parked;
        _writes.Enqueue(new WaitingWrite(request, source));
        Pump();
        return Status.Parked;
    }

    public void CloseReader()
    {
        HasReader = false;
        Pump();
    }

    public void CloseWriter()
    {
        HasWriter = false;
        Pump();
    }

    private void Pump()
    {
        bool hasMoved = true;
        while (hasMoved) hasMoved = Fill() | Drain();
        if (!HasReader)
        {
            Ring.Consume(Ring.LengthBytes);
            while (_writes.TryDequeue(out WaitingWrite? write))
            {
                write.Request.Complete(Status.NoReader);
            }
        }
        if (HasWriter || Ring.LengthBytes != 0 || _writes.Count != 0) return;
        while (_reads.TryDequeue(out WaitingRead? read)) read.Request.Complete(Status.EndOfStream);
    }

    /// <summary>Bytes of the oldest write enter the ring; true when something happened.</summary>
    private bool Fill()
    {
        if (!HasReader || !_writes.TryPeek(out WaitingWrite? write)) return false;
        bool hasMoved = false;
        while (write.RestBytes != 0 && Ring.FreeBytes != 0)
        {
            Span<byte> free = Ring.FreeSpan;
            int count = (int)Math.Min((uint)free.Length, write.RestBytes);
            Status status = write.Source.CopyTo(write.DoneBytes, free[..count]);
            if (status != Status.Ok)
            {
                _writes.Dequeue();
                write.Request.Complete(status);
                return true;
            }
            Ring.Filled(count);
            write.DoneBytes += (uint)count;
            hasMoved = true;
        }
        if (write.RestBytes != 0) return hasMoved;
        _writes.Dequeue();
        write.Request.Complete(Status.Ok);
        return true;
    }

    /// <summary>Answers the oldest read from the ring; true when something happened.</summary>
    private bool Drain()
    {
        if (Ring.LengthBytes == 0 || !_reads.TryDequeue(out WaitingRead? read)) return false;
        int total = (int)Math.Min((uint)Ring.LengthBytes, read.Target.LengthBytes);
        for (int done = 0; done < total;)
        {
            ReadOnlySpan<byte> piece = Ring.Peek(done);
            if (piece.Length > total - done) piece = piece[..(total - done)];
            Status status = read.Target.CopyFrom((uint)done, piece);
            if (status != Status.Ok)
            {
                read.Request.Complete(status);
                return true;
            }
            done += piece.Length;
        }
        Result<uint> answer = (uint)total;
        if (read.Request.Complete(answer) == Status.Ok) Ring.Consume(total);
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
        public uint DoneBytes { get; set; }
        public uint RestBytes => Source.LengthBytes - DoneBytes;
    }
}
