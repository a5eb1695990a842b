// Spans of a caller's memory, as a handler sees them.
//
// They are good until the request is answered; after that every copy is CallerGone. A server reads
// each leased byte once and validates its copy: the caller may change the original meanwhile.

using System;
using System.Runtime.InteropServices;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Calls;
using Shared.Sdk.Native;

namespace Shared.Sdk;

/// <summary>Bytes of the caller that the handler may read.</summary>
public readonly struct ReadLease
{
    private readonly Request _request;
    private readonly uint _serial;
    private readonly int _index;

    internal ReadLease(Request request, uint serial, int index)
    {
        _request = request;
        _serial = serial;
        _index = index;
        LengthBytes = request.LeaseLengthBytes(index);
    }

    public uint LengthBytes { get; }

    /// <summary>Copies caller's bytes from the offset on. BadArgument beyond the end.</summary>
    public Status CopyTo(uint offset, Span<byte> target) =>
        _request.CopyFromLease(_serial, _index, offset, target);
}

/// <summary>Bytes of the caller that the handler may write.</summary>
public readonly struct WriteLease
{
    private readonly Request _request;
    private readonly uint _serial;
    private readonly int _index;

    internal WriteLease(Request request, uint serial, int index)
    {
        _request = request;
        _serial = serial;
        _index = index;
        LengthBytes = request.LeaseLengthBytes(index);
    }

    public uint LengthBytes { get; }

    /// <summary>Copies to the caller, from the offset on. BadArgument beyond the end.</summary>
    public Status CopyFrom(uint offset, ReadOnlySpan<byte> source) =>
        _request.CopyToLease(_serial, _index, offset, source);

    /// <summary>
    /// False: the call was cancelled, or its caller has died. A server does not hear of it before
    /// it answers; who keeps a parked request and shows it to somebody asks.
    /// </summary>
    public bool HasCaller => _request.HasCaller(_serial, _index);

    /// <summary>
    /// The last bytes that the handler gives: as CopyFrom, but they may be on their way only with
    /// the answer, if that is Ok. What they are taken from must keep them until then, and the
    /// server's Commit leave them alone.
    /// </summary>
    public Status AnswerFrom(uint offset, FixedBytes source) =>
        _request.AnswerToLease(_serial, _index, offset, source);
}

// The half of a request that moves their bytes: taken by dispatchers, copied by handlers, or sent
// with the answer.
public sealed partial class Request
{
    /// <summary>Words of a lease that lies in words.</summary>
    private const int LeaseWords = 2;

    /// <summary>What goes out with the answer, and where in the lease.</summary>
    private FixedBytes _data;
    private uint _dataOffset;

    public bool TakeLease(out ReadLease lease)
    {
        lease = new ReadLease(this, Serial, _progress.NextLease++);
        bool isThere = HasLease(_progress.NextLease - 1, LeaseRights.Read);
        return IsTaken(isThere ? Status.Ok : Status.BadArgument);
    }

    public bool TakeLease(out WriteLease lease)
    {
        lease = new WriteLease(this, Serial, _progress.NextLease++);
        bool isThere = HasLease(_progress.NextLease - 1, LeaseRights.Write);
        return IsTaken(isThere ? Status.Ok : Status.BadArgument);
    }

    internal uint LeaseLengthBytes(int lease) => (uint)_leases[lease * 2 + 1];

    private bool HasLease(int lease, LeaseRights rights) =>
        lease < _progress.LeaseCount && ((LeaseRights)(_leases[lease * 2 + 1] >> 32) & rights) != 0;

    /// <summary>
    /// The text behind so many words, or that of the next lease: the handler's until the answer.
    /// False, with the reason as answer, when it is no text.
    /// </summary>
    public bool TakeText(int wordsBefore, out ReadOnlySpan<byte> text)
    {
        if ((Flags & MessageFlags.InlineText) == 0) return TakeText(out text);
        Status status = FindText(wordsBefore, out text);
        return IsTaken(status == Status.Ok ? WireFormat.Check(text) : status);
    }

    public bool TakeText(out ReadOnlySpan<byte> text)
    {
        Status status = StatusOfText(out int lease, out uint lengthBytes);
        byte[] bytes = status == Status.Ok ? new byte[lengthBytes] : [];
        if (status == Status.Ok) status = CopyFromLease(Serial, lease, 0, bytes);
        text = bytes;
        return IsTaken(status == Status.Ok ? WireFormat.Check(text) : status);
    }

    public bool TakeText(int wordsBefore, out string text)
    {
        if ((Flags & MessageFlags.InlineText) == 0) return TakeText(out text);
        text = "";
        Status status = FindText(wordsBefore, out ReadOnlySpan<byte> bytes);
        return IsTaken(status == Status.Ok ? WireFormat.Decode(bytes, out text) : status);
    }

    public bool TakeText(out string text)
    {
        text = "";
        Status status = StatusOfText(out int lease, out uint lengthBytes);
        if (status != Status.Ok) return IsTaken(status);
        Span<byte> bytes = stackalloc byte[(int)lengthBytes];
        status = CopyFromLease(Serial, lease, 0, bytes);
        return IsTaken(status == Status.Ok ? WireFormat.Decode(bytes, out text) : status);
    }

    private Status FindText(int wordsBefore, out ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(
            ((ReadOnlySpan<ulong>)_block.Registers.Words)[wordsBefore..]);
        bool isInside = bytes[0] < bytes.Length;
        text = isInside ? bytes.Slice(1, bytes[0]) : default;
        return isInside ? Status.Ok : Status.BadArgument;
    }

    /// <summary>Whether the next lease may be a text's.</summary>
    private Status StatusOfText(out int lease, out uint lengthBytes)
    {
        lease = _progress.NextLease++;
        lengthBytes = LeaseLengthBytes(lease);
        if (lengthBytes > Limits.MaxPathBytes) return Status.TooLarge;
        return HasLease(lease, LeaseRights.Read) ? Status.Ok : Status.BadArgument;
    }

    private bool IsTaken(Status status)
    {
        if (status == Status.Ok) return true;
        Answer(status);
        return false;
    }

    internal Status CopyFromLease(uint serial, int lease, uint offset, Span<byte> target)
    {
        if (!IsLive(serial)) return Status.CallerGone;
        ulong end = (ulong)offset + (ulong)target.Length;
        if (end > LeaseLengthBytes(lease)) return Status.BadArgument;
        while (target.Length != 0)
        {
            Span<byte> step = target[..Math.Min(target.Length, Message.MaxLeaseStepBytes)];
            Result<uint> moved = kernel.LeaseRead(ReplyHandle, lease, offset, step);
            if (!moved.IsOk) return GoneIfUnknown(moved.Status);
            if (moved.Value != step.Length) return Status.BadArgument;
            offset += moved.Value;
            target = target[step.Length..];
        }
        return Status.Ok;
    }

    internal Status CopyToLease(uint serial, int lease, uint offset, ReadOnlySpan<byte> source)
    {
        if (!IsLive(serial)) return Status.CallerGone;
        ulong end = (ulong)offset + (ulong)source.Length;
        if (end > LeaseLengthBytes(lease)) return Status.BadArgument;
        while (source.Length != 0)
        {
            ReadOnlySpan<byte> step =
                source[..Math.Min(source.Length, Message.MaxLeaseStepBytes)];
            Status status = CopyStep(lease, offset, step);
            if (status != Status.Ok) return status;
            offset += (uint)step.Length;
            source = source[step.Length..];
        }
        return Status.Ok;
    }

    private Status CopyStep(int lease, uint offset, ReadOnlySpan<byte> step)
    {
        Result<uint> moved = kernel.LeaseWrite(ReplyHandle, lease, offset, step);
        if (!moved.IsOk) return GoneIfUnknown(moved.Status);
        return moved.Value == step.Length ? Status.Ok : Status.BadArgument;
    }

    internal bool HasCaller(uint serial, int lease) =>
        IsLive(serial) && CopyStep(lease, 0, default) == Status.Ok;

    internal Status AnswerToLease(uint serial, int lease, uint offset, FixedBytes source)
    {
        bool isLast = serial == Serial && State == RequestState.Received && lease == 0
            && _progress.DataCount == 0 && source.LengthBytes <= Message.MaxLeaseStepBytes;
        if (!isLast) return CopyToLease(serial, lease, offset, source.Span);
        if ((ulong)offset + (uint)source.LengthBytes > LeaseLengthBytes(lease))
            return Status.BadArgument;
        _data = source;
        _dataOffset = offset;
        _progress.DataCount = source.LengthBytes == 0 ? (byte)0 : (byte)1;
        return Status.Ok;
    }

    private bool IsLive(uint serial) =>
        serial == Serial && State is RequestState.Received or RequestState.Parked;

    private void StoreData()
    {
        _block.Registers.A1 = new MessageInfo(
            (ushort)_status, leases: 1, flags: MessageFlags.InlineLease).Value;
        _block.Registers.A9 = _data.Address;
        _block.Registers.A10 = (uint)_data.LengthBytes | (ulong)_dataOffset << 32;
    }

    /// <summary>The answer has no room for bytes beside it: they go ahead.</summary>
    private void SendData()
    {
        if (_progress.DataCount == 0) return;
        _progress.DataCount = 0;
        Status status = CopyStep(0, _dataOffset, _data.Span);
        if (status != Status.Ok) _status = status;
    }
}
