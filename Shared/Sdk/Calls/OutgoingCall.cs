// One call of a generated client: packs, sends, resends where the contract allows, unpacks.
//
// Lives on the stack of the client's method. Never resends an operation that is not [Idempotent].

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Native;

namespace Shared.Sdk.Calls;

/// <summary>For generated code: parameters are added in order, then Send.</summary>
public ref struct OutgoingCall
{
    /// <summary>A server that dies on the same request again and again is given up.</summary>
    private const int MaxResends = 3;

    private readonly IKernel _kernel;
    private readonly ushort _operation;
    private MessageFlags _flags;
    private Registers _registers;
    private HandleBlock _handles;
    private LeaseSpans _leases;
    private int _wordCount;
    private int _handleCount;
    private int _receivedCount;
    private Status _refused;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public OutgoingCall(
        IKernel kernel, Handle endpoint, CallOptions options, ushort operation, MessageFlags flags)
    {
        _kernel = kernel;
        _operation = operation;
        _flags = flags;
        _registers.A0 = endpoint.Value;
        _registers.A2 = options.DeadlineNs;
        _registers.A4 = options.Serving.Value;
    }

    /// <summary>How the last Send ended.</summary>
    public Outcome Outcome { get; private set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add<T>(T value) where T : unmanaged => WireFormat.Pack(
        value, ref _registers.Words, ref _wordCount, ref _handles, ref _handleCount);

    public void LendRead(ReadOnlySpan<byte> source) => _leases.Add(source, LeaseRights.Read);

    public void LendWrite(Span<byte> target) => _leases.Add(target, LeaseRights.Write);

    /// <summary>
    /// The text lies in the words that are left, as Request.TakeText finds it. False, and
    /// nothing added, when it is too long for them.
    /// </summary>
    public bool TryAddText(ReadOnlySpan<char> text)
    {
        Span<ulong> words = ((Span<ulong>)_registers.Words)[_wordCount..];
        Span<byte> room = MemoryMarshal.AsBytes(words);
        if (text.Length >= room.Length) return false;
        Status status = WireFormat.Encode(text, room[1..], out int lengthBytes);
        if (status == Status.TooLarge)
        {
            words.Clear();
            return false;
        }
        if (status != Status.Ok) _refused = status;
        room[0] = (byte)lengthBytes;
        _flags |= MessageFlags.InlineText;
        return true;
    }

    /// <summary>Lends the text as UTF-8; the scratch must live until Send has returned.</summary>
    public void LendText(ReadOnlySpan<char> text, Span<byte> scratch)
    {
        Status status = WireFormat.Encode(text, scratch, out int lengthBytes);
        if (status != Status.Ok) _refused = status;
        LendRead(scratch[..lengthBytes]);
    }

    /// <summary>Sends, and answers the server's status or why there is none.</summary>
    [SkipLocalsInit]
    public Status Send()
    {
        if (_refused != Status.Ok)
        {
            Outcome = Outcome.NotExecuted;
            return _refused;
        }
        // The kernel leaves all registers but rax as they were when there is no reply.
        _registers.A1 = new MessageInfo(_operation, _handleCount, _leases.Count, _flags).Value;
        for (int resends = 0; ; resends++)
        {
            Unsafe.SkipInit(out MessageExtras extras);
            CallResult result = SendOnce(ref extras);
            if (result.Status == Status.Ok) return TakeReply(ref extras);
            // What one attempt may have done is not undone because the next was never received.
            if (resends == 0 || result.Outcome == Outcome.MaybeExecuted) Outcome = result.Outcome;
            if (!MayRepeat(result, _flags, resends)) return result.Status;
        }
    }

    /// <summary>Whether a call that has ended so may be sent once more.</summary>
    internal static bool MayRepeat(CallResult result, MessageFlags flags, int resends) =>
        result.Status == Status.PeerDied && result.Outcome == Outcome.MaybeExecuted
        && (flags & MessageFlags.Idempotent) != 0 && resends < MaxResends;

    /// <summary>Send for an operation that answers a Status alone.</summary>
    public Status SendForStatus()
    {
        Status status = Send();
        if (_receivedCount != 0) CloseUnused(used: 0);
        return status;
    }

    /// <summary>Send for an operation that answers a value.</summary>
    public Result<T> SendForResult<T>() where T : unmanaged
    {
        Status status = Send();
        T value = default;
        uint used = 0;
        if (status == Status.Ok)
        {
            int word = 0;
            value = WireFormat.Unpack<T>(
                ref _registers.Words, ref word, ref _handles, _receivedCount, ref used);
        }
        if (_receivedCount != 0) CloseUnused(used);
        return new Result<T>(status, value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private CallResult SendOnce(ref MessageExtras extras)
    {
        _registers.Number = (ulong)SystemCall.Call;
        if (_handleCount + _leases.Count == 0)
        {
            return Pinned.InvokeExtras(
                _kernel, ref _registers, ref _registers.A3, ref extras);
        }
        Span<ulong> block = MemoryMarshal.Cast<MessageExtras, ulong>(
            new Span<MessageExtras>(ref extras));
        for (int i = 0; i < _handleCount; i++) block[i] = _handles[i];
        return Pinned.InvokeMessage(_kernel, ref _registers, ref extras, in _leases);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Status TakeReply(ref MessageExtras extras)
    {
        MessageInfo reply = new(_registers.A1);
        Outcome = Outcome.Replied;
        if (reply.Capabilities != 0) TakeHandles(reply.Capabilities, ref extras);
        if (reply.IsMinting)
        {
            _handles[0] = _registers.A9;
            _receivedCount = 1;
        }
        return reply.Status;
    }

    private void TakeHandles(int count, ref MessageExtras extras)
    {
        ReadOnlySpan<ulong> block = MemoryMarshal.Cast<MessageExtras, ulong>(
            new ReadOnlySpan<MessageExtras>(in extras));
        _receivedCount = Math.Min(count, Message.MaxCapabilities);
        for (int i = 0; i < _receivedCount; i++) _handles[i] = block[i];
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
