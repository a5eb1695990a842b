// One call of a generated client: packs, sends, resends where the contract allows, unpacks.
//
// Lives on the stack of the client's method. Never resends an operation that is not [Idempotent].

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Native;

namespace Shared.Sdk;

/// <summary>
/// DeadlineNs is absolute, in ClockNow's time; 0 leaves it to the endpoint, or to the call that is
/// served. Serving is the Reply handle of the request on whose behalf the call is made (see
/// Request.Serve): identity, deadline and priority of that request go along.
/// </summary>
public readonly record struct CallOptions(ulong DeadlineNs, Handle Serving);

/// <summary>For generated code: parameters are added in order, then Send.</summary>
public ref struct OutgoingCall
{
    /// <summary>A server that dies on the same request again and again is given up.</summary>
    private const int MaxResends = 3;

    private readonly IKernel _kernel;
    private readonly Handle _endpoint;
    private readonly CallOptions _options;
    private readonly ushort _operation;
    private readonly MessageFlags _flags;
    private WordBlock _words;
    private HandleBlock _handles;
    private LeaseSpans _leases;
    private int _wordCount;
    private int _handleCount;
    private int _receivedCount;
    private Status _refused;

    public OutgoingCall(
        IKernel kernel, Handle endpoint, CallOptions options, ushort operation, MessageFlags flags)
    {
        _kernel = kernel;
        _endpoint = endpoint;
        _options = options;
        _operation = operation;
        _flags = flags;
    }

    /// <summary>How the last Send ended.</summary>
    public Outcome Outcome { get; private set; }

    public void Add<T>(T value) where T : unmanaged => WireFormat.Pack(
        value, ref _words, ref _wordCount, ref _handles, ref _handleCount);

    public void LendRead(ReadOnlySpan<byte> source) => _leases.Add(source, LeaseRights.Read);

    public void LendWrite(Span<byte> target) => _leases.Add(target, LeaseRights.Write);

    /// <summary>Lends the text as UTF-8; the scratch must live until Send has returned.</summary>
    public void LendText(string text, Span<byte> scratch)
    {
        Status status = WireFormat.Encode(text, scratch, out int lengthBytes);
        if (status != Status.Ok) _refused = status;
        LendRead(scratch[..lengthBytes]);
    }

    /// <summary>Sends, and answers the server's status or why there is none.</summary>
    public Status Send()
    {
        Outcome = Outcome.NotExecuted;
        if (_refused != Status.Ok) return _refused;
        for (int resends = 0; ; resends++)
        {
            WordBlock words = _words;
            HandleBlock handles = _handles;
            Status status = SendOnce(ref words, ref handles);
            bool mayRepeat = status == Status.PeerDied && Outcome == Outcome.MaybeExecuted
                && (_flags & MessageFlags.Idempotent) != 0 && resends < MaxResends;
            if (mayRepeat) continue;
            _words = words;
            _handles = handles;
            return status;
        }
    }

    /// <summary>Send for an operation that answers a Status alone.</summary>
    public Status SendForStatus()
    {
        Status status = Send();
        CloseUnused(used: 0);
        return status;
    }

    /// <summary>Send for an operation that answers a value.</summary>
    public Result<T> SendForResult<T>() where T : unmanaged
    {
        Status status = Send();
        if (status != Status.Ok)
        {
            CloseUnused(used: 0);
            return status;
        }
        int word = 0;
        uint used = 0;
        T value = WireFormat.Unpack<T>(
            ref _words, ref word, ref _handles, _receivedCount, ref used);
        CloseUnused(used);
        return value;
    }

    private Status SendOnce(ref WordBlock words, ref HandleBlock handles)
    {
        MessageInfo info = new(_operation, _handleCount, _leases.Count, _flags);
        Registers registers = new(SystemCall.Call)
        {
            A0 = _endpoint.Value, A1 = info.Value, A2 = _options.DeadlineNs,
            A4 = _options.Serving.Value,
        };
        words.Store(ref registers);
        Unsafe.SkipInit(out MessageExtras extras);
        Span<ulong> block = MemoryMarshal.Cast<MessageExtras, ulong>(
            new Span<MessageExtras>(ref extras));
        for (int i = 0; i < _handleCount; i++) block[i] = handles[i];
        CallResult result = Pinned.InvokeMessage(_kernel, ref registers, ref extras, in _leases);
        Outcome = result.Outcome;
        _receivedCount = 0;
        if (result.Status != Status.Ok) return result.Status;
        Outcome = Outcome.Replied;
        MessageInfo reply = new(registers.A1);
        words.Load(in registers);
        _receivedCount = Math.Min(reply.Capabilities, Message.MaxCapabilities);
        for (int i = 0; i < _receivedCount; i++) handles[i] = block[i];
        return reply.Status;
    }

    // A server may send more handles than the contract says; they must not fill our table.
    private void CloseUnused(uint used)
    {
        for (int i = 0; i < _receivedCount; i++)
        {
            if ((used & 1u << i) == 0) _kernel.Close(new Handle(_handles[i]));
        }
        _receivedCount = 0;
    }
}
