// IPipes, and IByteStream for both ends of each pipe.
//
// Rules: everything is in the vault before it is answered, so the next incarnation goes on with
// the same ends and the same bytes. An end that no vault knows is answered PeerDied (reader) or
// NoReader (writer): neither ever waits for what cannot come.

using System;
using System.Collections.Generic;
using System.Linq;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Vaults;

namespace Servers.Pipes;

internal sealed class PipesServer : IServer, IPipesHandler, IByteStreamHandler
{
    /// <summary>Set in the badge of each end; the supervisor's capability has it not.</summary>
    private const ulong EndBit = 1UL << 63;
    /// <summary>Set in the badge of a writer, beside that of its reader.</summary>
    private const ulong WriterBit = 1;

    private readonly PipesVault _vault;
    private readonly Dictionary<ulong, Pipe> _pipes = [];
    private readonly Stack<int> _unusedRings = new();
    private readonly byte[] _staging = new byte[PipesVault.RingBytes];
    private ulong _lastBadge;

    /// <summary>Knows at once what earlier incarnations have left.</summary>
    /// <param name="uptimeNs">Nanoseconds since boot, for badges.</param>
    public PipesServer(ulong uptimeNs, PipesVault vault)
    {
        _vault = vault;
        // Counting starts at the clock, so that no badge of an earlier incarnation comes again.
        _lastBadge = EndBit | uptimeNs << 1;
        HashSet<int> used = [];
        foreach (ulong key in vault.Pipes.Keys.ToArray())
        {
            vault.Pipes.TryGet(key, out ReadOnlySpan<byte> bytes);
            Pipe pipe = new(vault, key, PipeRecord.Read(bytes), _staging);
            pipe.SaveWrite();
            _pipes.Add(key, pipe);
            _lastBadge = Math.Max(_lastBadge, key);
            if (!used.Add(pipe.RingNumber)) throw new VaultDamagedException("two in one ring");
        }
        for (int ring = PipesVault.MaxPipes - 1; ring >= 0; ring--)
        {
            if (!used.Contains(ring)) _unusedRings.Push(ring);
        }
    }

    public ulong NextDeadlineNs => 0;
    public int Count => _pipes.Count;

    /// <summary>Closes the ends that went while nobody served; before the first request.</summary>
    public void Reconcile(IKernel kernel, Handle endpoint)
    {
        if (LiveBadges.Read(kernel, endpoint) is not { } live) return;
        foreach (ulong key in _pipes.Keys.ToArray())
        {
            if (!live.Contains(key)) Closed(new Badge(key));
            if (!live.Contains(key | WriterBit)) Closed(new Badge(key | WriterBit));
        }
    }

    public void Handle(Request request)
    {
        if (!ByteStreamDispatcher.Dispatch(this, request)) PipesDispatcher.Dispatch(this, request);
    }

    public void Commit() => _vault.Commit();

    public void Notified(ulong bits)
    {
    }

    public void DeadlineReached()
    {
    }

    public void Closed(Badge badge)
    {
        ulong key = badge.Value & ~WriterBit;
        if (!_pipes.TryGetValue(key, out Pipe? pipe)) return;
        if (IsWriter(badge)) pipe.CloseWriter();
        else pipe.CloseReader();
        if (pipe.IsDead) Remove(key, pipe);
    }

    public Result<PipeEnds> Create(Request request)
    {
        if (IsEnd(request.Badge)) return Status.WrongType;
        if (_pipes.Count == PipesVault.MaxPipes) return Status.QuotaExceeded;
        _lastBadge += 2;
        const Rights rights = Rights.Call | Rights.Pass;
        Result<Capability> reader = request.Mint(rights, new Badge(_lastBadge));
        if (!reader.IsOk) return reader.Status;
        // When this fails the reader goes with the answer, and Closed finds no pipe.
        Result<Capability> writer = request.Mint(rights, new Badge(_lastBadge | WriterBit));
        if (!writer.IsOk) return writer.Status;
        PipeRecord record = new()
        {
            Ring = _unusedRings.Pop(), HasReader = true, HasWriter = true,
        };
        Pipe pipe = new(_vault, _lastBadge, record, _staging);
        pipe.Put();
        _pipes.Add(_lastBadge, pipe);
        return new PipeEnds(reader.Value, writer.Value);
    }

    public Result<uint> Read(Request request, WriteLease target)
    {
        if (!IsEnd(request.Badge)) return Status.WrongType;
        if (IsWriter(request.Badge)) return Status.NoRight;
        if (request.Attempt > 1 && _vault.Reads.Find(request.Id) is { } saved)
        {
            return ReadAgain(request, target, saved);
        }
        if (!_pipes.TryGetValue(request.Badge.Value, out Pipe? pipe)) return Status.PeerDied;
        return target.LengthBytes == 0 ? 0u : pipe.Read(request, target);
    }

    public Status Write(Request request, ReadLease source)
    {
        if (!IsEnd(request.Badge)) return Status.WrongType;
        if (!IsWriter(request.Badge)) return Status.NoRight;
        _vault.Writes.TryFind(request, out ulong taken);
        if (taken != 0 && taken == source.LengthBytes) return Status.Ok;
        ulong key = request.Badge.Value & ~WriterBit;
        if (!_pipes.TryGetValue(key, out Pipe? pipe)) return Status.NoReader;
        return pipe.Write(request, source, (uint)taken);
    }

    private Status ReadAgain(Request request, WriteLease target, byte[] saved)
    {
        if (request.Park() != Status.Ok) return Status.Parked;
        Status status = target.CopyFrom(0, saved);
        Result<uint> answer = new(status, (uint)saved.Length);
        request.Complete(answer);
        _vault.Reads.Forget(request.Id);
        return Status.Parked;
    }

    private void Remove(ulong key, Pipe pipe)
    {
        _pipes.Remove(key);
        _vault.Pipes.Remove(key);
        _vault.Commit();
        _vault.Discard(pipe.RingNumber);
        _unusedRings.Push(pipe.RingNumber);
    }

    private static bool IsEnd(Badge badge) => (badge.Value & EndBit) != 0;

    private static bool IsWriter(Badge badge) => (badge.Value & WriterBit) != 0;
}
