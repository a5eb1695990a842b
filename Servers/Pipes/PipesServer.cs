// IPipes, and IByteStream for both ends of each pipe.
//
// Rules: bytes on their way are lost with the process. An end of an earlier incarnation is answered
// PeerDied (reader) or NoReader (writer): neither ever waits for what cannot come.

using System.Collections.Generic;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Servers.Pipes;

internal sealed class PipesServer(ulong uptimeNs) : IServer, IPipesHandler, IByteStreamHandler
{
    public const int RingBytes = 64 * 1024;
    public const int MaxPipes = 64;
    /// <summary>Set in the badge of each end; the supervisor's capability has it not.</summary>
    private const ulong EndBit = 1UL << 63;
    /// <summary>Set in the badge of a writer, beside that of its reader.</summary>
    private const ulong WriterBit = 1;

    private readonly Dictionary<ulong, Pipe> _pipes = [];
    private readonly Stack<Ring> _unusedRings = new();
    // Counting starts at the clock, so that no badge of an earlier incarnation comes again.
    private ulong _lastBadge = EndBit | uptimeNs << 1;

    public ulong NextDeadlineNs => 0;
    public int Count => _pipes.Count;

    public void Handle(Request request)
    {
        if (!ByteStreamDispatcher.Dispatch(this, request)) PipesDispatcher.Dispatch(this, request);
    }

    public void Notified(ulong bits)
    {
    }

    public void DeadlineReached()
    {
    }

    public void Closed(Badge badge)
    {
        if (!_pipes.TryGetValue(badge.Value & ~WriterBit, out Pipe? pipe)) return;
        if (IsWriter(badge)) pipe.CloseWriter();
        else pipe.CloseReader();
        if (pipe.IsDead) Remove(badge.Value & ~WriterBit, pipe);
    }

    public Result<PipeEnds> Create(Request request)
    {
        if (IsEnd(request.Badge)) return Status.WrongType;
        if (_pipes.Count == MaxPipes) return Status.QuotaExceeded;
        _lastBadge += 2;
        const Rights rights = Rights.Call | Rights.Pass;
        Result<Capability> reader = request.Mint(rights, new Badge(_lastBadge));
        if (!reader.IsOk) return reader.Status;
        // When this fails the reader goes with the answer, and Closed finds no pipe.
        Result<Capability> writer = request.Mint(rights, new Badge(_lastBadge | WriterBit));
        if (!writer.IsOk) return writer.Status;
        Ring ring = _unusedRings.TryPop(out Ring? unused) ? unused : new Ring(RingBytes);
        _pipes.Add(_lastBadge, new Pipe(ring));
        return new PipeEnds(reader.Value, writer.Value);
    }

    public Result<uint> Read(Request request, WriteLease target)
    {
        if (!IsEnd(request.Badge)) return Status.WrongType;
        if (IsWriter(request.Badge)) return Status.NoRight;
        if (!_pipes.TryGetValue(request.Badge.Value, out Pipe? pipe)) return Status.PeerDied;
        return target.LengthBytes == 0 ? 0u : pipe.Read(request, target);
    }

    public Status Write(Request request, ReadLease source)
    {
        if (!IsEnd(request.Badge)) return Status.WrongType;
        if (!IsWriter(request.Badge)) return Status.NoRight;
        ulong key = request.Badge.Value & ~WriterBit;
        if (!_pipes.TryGetValue(key, out Pipe? pipe)) return Status.NoReader;
        return pipe.Write(request, source);
    }

    private void Remove(ulong key, Pipe pipe)
    {
        _pipes.Remove(key);
        _unusedRings.Push(pipe.Ring);
    }

    private static bool IsEnd(Badge badge) => (badge.Value & EndBit) != 0;

    private static bool IsWriter(Badge badge) => (badge.Value & WriterBit) != 0;
}
