// Spans of a caller's memory, as a handler sees them.
//
// They are good until the request is answered; after that every copy is CallerGone. A server reads
// each leased byte once and validates its copy: the caller may change the original meanwhile.

using System;
using Shared.Abi;
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
    /// The last bytes that the handler gives: as CopyFrom, but they may be on their way only with
    /// the answer, if that is Ok. What they are taken from must keep them until then, and the
    /// server's Commit leave them alone.
    /// </summary>
    public Status AnswerFrom(uint offset, FixedBytes source) =>
        _request.AnswerToLease(_serial, _index, offset, source);
}
