// The half of a request that the loop and the dispatchers use: in from registers, out to registers.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Native;

namespace Shared.Sdk;

public sealed partial class Request
{
    [InlineArray(Message.MaxLeases * 2)]
    private struct LeaseBlock
    {
        private ulong _word;
    }

    private LeaseBlock _leases;
    private int _leaseCount;

    internal void Load(in Registers registers, ref MessageExtras extras)
    {
        MessageInfo info = new(registers.A1);
        Serial++;
        State = RequestState.Received;
        ReplyHandle = new Handle(registers.A0);
        Badge = new Badge(registers.A2);
        Id = new RequestId(registers.A4);
        Attempt = info.Attempt;
        Operation = info.Code;
        Flags = info.Flags;
        _words.Load(in registers);
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

    /// <summary>Puts the answer where Reply and ReplyReceive want it.</summary>
    internal void Store(ref Registers registers, ref MessageExtras extras)
    {
        bool hasValue = _status == Status.Ok && _wordCount != 0;
        int handleCount = hasValue ? _replyHandleCount : 0;
        registers.A0 = ReplyHandle.Value;
        registers.A1 = new MessageInfo((ushort)_status, handleCount).Value;
        if (!hasValue) return;
        for (int i = _wordCount; i < Message.WordCount; i++) _words[i] = 0;
        _words.Store(ref registers);
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

    private Status SendOnce()
    {
        Unsafe.SkipInit(out MessageExtras extras);
        Registers registers = new(SystemCall.Reply);
        Store(ref registers, ref extras);
        return Pinned.InvokeExtras(kernel, ref registers, ref registers.A3, ref extras).Status;
    }

    // The kernel remembers only so many callers that have gone; after that their Reply is unknown.
    private static Status GoneIfUnknown(Status status) =>
        status == Status.BadHandle ? Status.CallerGone : status;

    internal void MarkSent() => State = RequestState.Done;

    private Status Finish(Status status)
    {
        if (State == RequestState.Done) return Status.CallerGone;
        if (status != Status.Ok) _wordCount = 0;
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

    public T Take<T>() where T : unmanaged => WireFormat.Unpack<T>(
        ref _words, ref _nextWord, ref _handles, _handleCount, ref _taken);

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
