// One call in a server's hands: what came, and the one answer to it.
//
// The loop owns the object and uses it again for the next call, unless the handler parks it; then
// it is the handler's until Complete. Capabilities minted here are closed after the answer, since
// the caller has its copy by then.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Native;

namespace Shared.Sdk;

internal enum RequestState { Idle, Received, Answered, Parked, Done }

/// <summary>Handlers get one with each operation.</summary>
public sealed class Request(IKernel kernel, Handle endpoint)
{
    /// <summary>As the kernel left them at the receive; the answer goes out in them.</summary>
    private Registers _registers;
    private HandleBlock _handles;
    private HandleBlock _closeAfterReply;
    private int _nextWord;
    private int _nextLease;
    private int _handleCount;
    private uint _taken;
    private int _closeCount;
    private Status _status;

    internal RequestState State { get; private set; }
    /// <summary>A handler may still hold it, so the loop must not use it again.</summary>
    internal bool WasParked { get; private set; }
    internal Handle ReplyHandle { get; private set; }
    /// <summary>Changes with each use of the object, so that old leases are known.</summary>
    internal uint Serial { get; private set; }
    internal bool HasHandlesToClose =>
        (_closeCount | _handleCount) != 0 && (_closeCount != 0 || _taken != AllTaken);

    private MessageInfo Info { get; set; }
    public Badge Badge { get; private set; }
    public RequestId Id { get; private set; }
    /// <summary>1 at the first delivery; each redelivery after a death adds one.</summary>
    public ushort Attempt => Info.Attempt;
    public ushort Operation => Info.Code;
    public MessageFlags Flags => Info.Flags;

    /// <summary>For calls that this request needs: they get its identity and deadline.</summary>
    public CallOptions Serve => new(0, ReplyHandle);

    /// <summary>
    /// A capability for the reply, child of the one that the call came through. The loop closes the
    /// server's copy after the reply.
    /// </summary>
    public Result<Capability> Mint(Rights rights, Badge badge)
    {
        if (_closeCount == Message.MaxCapabilities) return Status.QuotaExceeded;
        Result<Handle> minted = kernel.Mint(endpoint, rights, badge, ReplyHandle);
        if (!minted.IsOk) return minted.Status;
        _closeAfterReply[_closeCount++] = minted.Value.Value;
        return new Capability(minted.Value);
    }

    /// <summary>Closes this handle of the server after the reply, as for minted ones.</summary>
    public Status CloseAfterReply(Handle handle)
    {
        if (_closeCount == Message.MaxCapabilities) return Status.QuotaExceeded;
        _closeAfterReply[_closeCount++] = handle.Value;
        return Status.Ok;
    }

    /// <summary>
    /// The answer comes later, by Complete; the handler returns Status.Parked. When this is not Ok
    /// (the call may not block, or the caller is gone) Complete will find nobody.
    /// </summary>
    public Status Park()
    {
        if (State != RequestState.Received) throw new InvalidOperationException("not in hand");
        Status status = GoneIfUnknown(kernel.Park(ReplyHandle));
        State = RequestState.Parked;
        WasParked = true;
        if (status == Status.Ok) return Status.Ok;
        Finish(Status.BadArgument);
        return status;
    }

    /// <summary>Answers a parked request. CallerGone when there is nobody to answer.</summary>
    public Status Complete(Status status)
    {
        RequireParked();
        return Finish(status);
    }

    /// <summary>Answers a parked request with a value. CallerGone when nobody is there.</summary>
    public Status Complete<T>(Result<T> result) where T : unmanaged
    {
        RequireParked();
        if (State == RequestState.Done) return Status.CallerGone;
        SetAnswer(result);
        return Finish(result.Status);
    }

    /// <summary>For dispatchers: the answer of a handler that returned a status.</summary>
    public void Answer(Status status)
    {
        if (status == Status.Parked)
        {
            if (State == RequestState.Received) Park();
            return;
        }
        if (State != RequestState.Received) throw new InvalidOperationException("parked before");
        _status = status;
        _replyHandleCount = 0;
        State = RequestState.Answered;
    }

    /// <summary>For dispatchers: the answer of a handler that returned a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Answer<T>(Result<T> result) where T : unmanaged
    {
        Answer(result.Status);
        if (result.IsOk) SetAnswer(result);
    }

    private uint AllTaken => (1u << _handleCount) - 1;

    // The words become the reply's; those that it does not use stay the caller's own.
    private HandleBlock _replyHandles;
    private int _replyHandleCount;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SetAnswer<T>(Result<T> result) where T : unmanaged
    {
        if (!result.IsOk) return;
        int wordCount = 0;
        _replyHandleCount = 0;
        WireFormat.Pack(
            result.Value, ref _registers.Words, ref wordCount, ref _replyHandles,
            ref _replyHandleCount);
    }

    private void RequireParked()
    {
        if (State is RequestState.Parked or RequestState.Done) return;
        throw new InvalidOperationException("only a parked request is completed");
    }

    // The half that the loop and the dispatchers use: in from registers, out to registers.

    [InlineArray(Message.MaxLeases * 2)]
    private struct LeaseBlock
    {
        private ulong _word;
    }

    private LeaseBlock _leases;
    private int _leaseCount;

    /// <summary>
    /// Receives into this object, which must be free, and sends the answer in it first when the
    /// number is ReplyReceive. What came is in the result, and in Received for other than calls.
    /// </summary>
    [SkipLocalsInit]
    internal CallResult Receive(SystemCall number, Handle endpoint, ulong deadlineNs)
    {
        Unsafe.SkipInit(out MessageExtras extras);
        if (number == SystemCall.ReplyReceive)
        {
            Store(ref extras);
            _registers.A2 = endpoint.Value;
            _registers.A4 = deadlineNs;
        }
        else
        {
            _registers.A0 = endpoint.Value;
            _registers.A2 = deadlineNs;
        }
        _registers.Number = (ulong)number;
        CallResult result = Pinned.InvokeExtras(
            kernel, ref _registers, ref _registers.A3, ref extras);
        // Ok and ReceiveKind.Call are both zero.
        if (result.Value == 0) Load(ref extras);
        return result;
    }

    /// <summary>Bits of a notification.</summary>
    internal ulong ReceivedBits => _registers.A5;

    /// <summary>Badge of a Closed.</summary>
    internal Badge ReceivedBadge => new(_registers.A2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Load(ref MessageExtras extras)
    {
        MessageInfo info = new(_registers.A1);
        Info = info;
        Serial++;
        State = RequestState.Received;
        ReplyHandle = new Handle(_registers.A0);
        Badge = new Badge(_registers.A2);
        Id = new RequestId(_registers.A4);
        _handleCount = info.Capabilities;
        _leaseCount = info.Leases;
        _nextWord = _nextLease = _replyHandleCount = _closeCount = 0;
        _taken = 0;
        if ((_handleCount | _leaseCount) == 0) return;
        Span<ulong> block = Words(ref extras);
        for (int i = 0; i < _handleCount; i++) _handles[i] = block[i];
        Span<ulong> leases = block.Slice(Message.MaxCapabilities, Message.MaxLeases * 2);
        for (int i = 0; i < _leaseCount * 2; i++) _leases[i] = leases[i];
    }

    // Puts the answer where Reply and ReplyReceive want it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Store(ref MessageExtras extras)
    {
        int handleCount = _status == Status.Ok ? _replyHandleCount : 0;
        _registers.A0 = ReplyHandle.Value;
        _registers.A1 = new MessageInfo((ushort)_status, handleCount).Value;
        if (handleCount == 0) return;
        Span<ulong> block = Words(ref extras);
        for (int i = 0; i < handleCount; i++) block[i] = _replyHandles[i];
    }

    /// <summary>Sends the answer by itself, and closes what the request leaves behind.</summary>
    internal Status SendNow()
    {
        Status status = SendOnce();
        bool isRefused = status is Status.BadHandle or Status.NoRight;
        if (isRefused && _replyHandleCount != 0)
        {
            // A handle in the reply is not ours to send; the caller must not wait for ever.
            _status = Status.IoError;
            status = SendOnce();
        }
        State = RequestState.Done;
        CloseHandles();
        return GoneIfUnknown(status);
    }

    [SkipLocalsInit]
    private Status SendOnce()
    {
        Unsafe.SkipInit(out MessageExtras extras);
        Store(ref extras);
        _registers.Number = (ulong)SystemCall.Reply;
        return Pinned.InvokeExtras(
            kernel, ref _registers, ref _registers.A3, ref extras).Status;
    }

    // The kernel remembers only so many callers that have gone; after that their Reply is unknown.
    private static Status GoneIfUnknown(Status status) =>
        status == Status.BadHandle ? Status.CallerGone : status;

    internal void MarkSent() => State = RequestState.Done;

    private Status Finish(Status status)
    {
        if (State == RequestState.Done) return Status.CallerGone;
        _status = status;
        return SendNow();
    }

    // Handles that came and that no handler has taken, and those that the handler has left to us.
    private void CloseHandles()
    {
        for (int i = 0; i < _handleCount; i++)
        {
            if ((_taken & 1u << i) == 0) kernel.Close(new Handle(_handles[i]));
        }
        for (int i = 0; i < _closeCount; i++) kernel.Close(new Handle(_closeAfterReply[i]));
        _handleCount = _closeCount = 0;
    }

    private static Span<ulong> Words(ref MessageExtras extras) =>
        MemoryMarshal.Cast<MessageExtras, ulong>(new Span<MessageExtras>(ref extras));

    // For dispatchers: parameters in order.

    /// <summary>False, with BadArgument as answer, when the call has other leases.</summary>
    public bool Expect(int leases)
    {
        if (_leaseCount == leases) return true;
        Answer(Status.BadArgument);
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Take<T>() where T : unmanaged => WireFormat.Unpack<T>(
        ref _registers.Words, ref _nextWord, ref _handles, _handleCount, ref _taken);

    /// <summary>False, with the reason as answer, when it is no text.</summary>
    public bool TakeText(out string text)
    {
        text = "";
        int lease = _nextLease++;
        uint lengthBytes = LeaseLengthBytes(lease);
        Status status = lengthBytes > Limits.MaxPathBytes
            ? Status.TooLarge : Status.BadArgument;
        if (status == Status.BadArgument && HasLease(lease, LeaseRights.Read))
        {
            Span<byte> bytes = stackalloc byte[(int)lengthBytes];
            status = CopyFromLease(Serial, lease, 0, bytes);
            if (status == Status.Ok) status = WireFormat.Decode(bytes, out text);
        }
        if (status == Status.Ok) return true;
        Answer(status);
        return false;
    }

    public bool TakeLease(out ReadLease lease)
    {
        lease = new ReadLease(this, Serial, _nextLease++);
        if (HasLease(_nextLease - 1, LeaseRights.Read)) return true;
        Answer(Status.BadArgument);
        return false;
    }

    public bool TakeLease(out WriteLease lease)
    {
        lease = new WriteLease(this, Serial, _nextLease++);
        if (HasLease(_nextLease - 1, LeaseRights.Write)) return true;
        Answer(Status.BadArgument);
        return false;
    }

    internal uint LeaseLengthBytes(int lease) => (uint)_leases[lease * 2 + 1];

    private bool HasLease(int lease, LeaseRights rights) =>
        lease < _leaseCount && ((LeaseRights)(_leases[lease * 2 + 1] >> 32) & rights) != 0;

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
            Result<uint> moved = kernel.LeaseWrite(ReplyHandle, lease, offset, step);
            if (!moved.IsOk) return GoneIfUnknown(moved.Status);
            if (moved.Value != step.Length) return Status.BadArgument;
            offset += moved.Value;
            source = source[step.Length..];
        }
        return Status.Ok;
    }

    private bool IsLive(uint serial) =>
        serial == Serial && State is RequestState.Received or RequestState.Parked;
}
