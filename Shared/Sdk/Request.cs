// One call in a server's hands: what came, and the one answer to it.
//
// The loop owns the object and uses it again for the next call, unless the handler parks it; then
// it is the handler's until Complete. Capabilities minted here are closed after the answer, since
// the caller has its copy by then; one that is minted with the answer was never the server's.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Calls;
using Shared.Sdk.Native;

namespace Shared.Sdk;

internal enum RequestState { Idle, Received, Answered, Parked, Done }

/// <summary>Handlers get one with each operation.</summary>
public sealed partial class Request(IKernel kernel, Handle endpoint)
{
    /// <summary>As the kernel left it at the receive; the answer goes out in it.</summary>
    private MessageBlock _block;
    private HandleBlock _handles;
    private HandleBlock _closeAfterReply;
    private Progress _progress;
    private Status _status;

    /// <summary>What is zero when a plain request comes in.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 24)]
    private struct Progress
    {
        /// <summary>The next five at once: 0 where words come and words go.</summary>
        [FieldOffset(0)] public ulong Extras;
        /// <summary>The next three and a zero: 0 where the answer is all there is to do.</summary>
        [FieldOffset(0)] public uint Leftovers;
        [FieldOffset(0)] public byte HandleCount;
        [FieldOffset(1)] public byte CloseCount;
        /// <summary>1: a capability is promised, and has not been made yet.</summary>
        [FieldOffset(2)] public byte MintCount;
        [FieldOffset(4)] public byte ReplyHandleCount;
        /// <summary>1: bytes go out with the answer.</summary>
        [FieldOffset(5)] public byte DataCount;
        [FieldOffset(8)] public int NextWord;
        /// <summary>Bit N: handle N is a parameter's.</summary>
        [FieldOffset(12)] public uint Taken;
        [FieldOffset(16)] public byte LeaseCount;
        [FieldOffset(17)] public byte NextLease;
    }

    /// <summary>The server's own.</summary>
    public IKernel Kernel => kernel;
    internal RequestState State { get; private set; }
    /// <summary>A handler may still hold it, so the loop must not use it again.</summary>
    internal bool WasParked { get; private set; }
    internal Handle ReplyHandle => new(_block.Registers.A0);
    /// <summary>Changes with each use of the object, so that old leases are known.</summary>
    internal uint Serial { get; private set; }
    /// <summary>Its answer is not all that is to be done for it.</summary>
    internal bool LeavesMore
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _progress.Leftovers != 0 && NeedsMore;
    }

    private bool NeedsMore => _progress.CloseCount != 0 && !IsMoving
        || _progress.Taken != AllTaken
        || _progress.MintCount != 0 && (_progress.DataCount != 0 || !IsMinting);

    /// <summary>What is to be closed after the reply is just what goes out with it.</summary>
    private bool IsMoving => _status == Status.Ok
        && _progress.CloseCount == _progress.ReplyHandleCount
        && ((ReadOnlySpan<ulong>)_closeAfterReply)[.._progress.CloseCount].SequenceEqual(
            ((ReadOnlySpan<ulong>)_replyHandles)[.._progress.CloseCount]);

    // The registers of the receive keep these until the answer is on its way.
    private MessageInfo Info => new(_block.Registers.A1);
    public Badge Badge => new(_block.Registers.A2);
    public RequestId Id => new(_block.Registers.A4);
    /// <summary>1 at the first delivery; each redelivery after a death adds one.</summary>
    public ushort Attempt => Info.Attempt;
    public ushort Operation => Info.Code;
    public MessageFlags Flags => Info.Flags;
    /// <summary>False: it came through a capability that may only look (run --ro).</summary>
    public bool MayChange
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => !Info.IsReadOnly;
    }

    /// <summary>For calls that this request needs: they get its identity and deadline.</summary>
    public CallOptions Serve => new(0, ReplyHandle);

    /// <summary>
    /// A capability for the reply, child of the one that the call came through, and without Write
    /// where that has none. The loop closes the server's copy after the reply.
    /// </summary>
    public Result<Capability> Mint(Rights rights, Badge badge)
    {
        if (_progress.CloseCount == Message.MaxCapabilities) return Status.QuotaExceeded;
        Result<Handle> minted = kernel.Mint(endpoint, rights, badge, ReplyHandle);
        if (!minted.IsOk) return minted.Status;
        _closeAfterReply[_progress.CloseCount++] = minted.Value.Value;
        return new Capability(minted.Value);
    }

    /// <summary>
    /// As Mint, but the kernel makes the capability when the answer goes out, and for the caller:
    /// it has to be the answer's only one, and its words no more than four. The request cannot be
    /// parked. If the badge is nobody's in the end, since the answer is none or the caller has gone
    /// or has no room, the loop tells the server Closed. QuotaExceeded for a second one.
    /// </summary>
    public Result<Capability> MintWithAnswer(Rights rights, Badge badge)
    {
        if (State != RequestState.Received) throw new InvalidOperationException("not in hand");
        if (_progress.MintCount != 0) return Status.QuotaExceeded;
        _progress.MintCount = 1;
        _mintRights = rights;
        _mintBadge = badge;
        return new Capability(Promised);
    }

    /// <summary>Closes this handle of the server after the reply, as for minted ones.</summary>
    public Status CloseAfterReply(Handle handle)
    {
        if (_progress.CloseCount == Message.MaxCapabilities) return Status.QuotaExceeded;
        _closeAfterReply[_progress.CloseCount++] = handle.Value;
        return Status.Ok;
    }

    /// <summary>Lets go of a capability that came with the request, which ends so.</summary>
    public Status Refuse(Status status, Capability given)
    {
        kernel.Close(given.Handle);
        return status;
    }

    /// <summary>
    /// The answer comes later, by Complete; the handler returns Status.Parked. When this is not Ok
    /// (the call may not block, or the caller is gone) Complete will find nobody.
    /// </summary>
    public Status Park()
    {
        bool isInHand = State == RequestState.Received && _progress.MintCount == 0;
        if (!isInHand) throw new InvalidOperationException("not in hand, or to mint");
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
        _progress.ReplyHandleCount = 0;
        State = RequestState.Answered;
    }

    /// <summary>For dispatchers: the answer of a handler that returned a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Answer<T>(Result<T> result) where T : unmanaged
    {
        if (!result.IsOk || State != RequestState.Received)
        {
            Answer(result.Status);
            return;
        }
        _status = Status.Ok;
        State = RequestState.Answered;
        SetAnswer(result);
    }

    private uint AllTaken => (1u << _progress.HandleCount) - 1;

    // The words become the reply's; those that it does not use stay the caller's own.
    private HandleBlock _replyHandles;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SetAnswer<T>(Result<T> result) where T : unmanaged
    {
        if (!result.IsOk) return;
        if (Unsafe.SizeOf<T>() == sizeof(ulong) && WireFormat.CapabilityMask<T>() == 0)
        {
            _block.Registers.A5 = Unsafe.BitCast<T, ulong>(result.Value);
            return;
        }
        int wordCount = 0;
        if (WireFormat.WordsOf<T>() > Message.WordCount - LeaseWords)
        {
            SendData();
            if (_progress.MintCount != 0) throw new InvalidOperationException("no room to mint");
        }
        int handleCount = _progress.ReplyHandleCount;
        WireFormat.Pack(
            result.Value, ref _block.Registers.Words, ref wordCount, ref _replyHandles,
            ref handleCount);
        _progress.ReplyHandleCount = (byte)handleCount;
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

    /// <summary>
    /// Sends the answer in this object and receives into it. What came is in the result, and in
    /// Received for other than calls.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal CallResult ReplyReceive(Handle endpoint, ulong deadlineNs)
    {
        Store();
        ref Registers registers = ref _block.Registers;
        registers.Number = (ulong)SystemCall.ReplyReceive;
        registers.A2 = endpoint.Value;
        registers.A4 = deadlineNs;
        return Load(kernel.Receive(ref _block));
    }

    /// <summary>As ReplyReceive, into an object that is free.</summary>
    /// <param name="closed">Whose Closed is dealt with; none if zero.</param>
    internal CallResult Receive(Handle endpoint, ulong deadlineNs, Badge closed)
    {
        ref Registers registers = ref _block.Registers;
        registers.Number = (ulong)SystemCall.Receive;
        registers.A0 = endpoint.Value;
        registers.A1 = closed.Value;
        registers.A2 = deadlineNs;
        return Load(kernel.Receive(ref _block));
    }

    /// <summary>Bits of a notification.</summary>
    internal ulong ReceivedBits => _block.Registers.A5;

    /// <summary>Badge of a Closed.</summary>
    internal Badge ReceivedBadge => new(_block.Registers.A2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private CallResult Load(CallResult result)
    {
        // Ok and ReceiveKind.Call are both zero.
        if (result.Value == 0) Begin();
        return result;
    }

    /// <summary>A call is in the registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Begin()
    {
        Serial++;
        State = RequestState.Received;
        _progress = default;
        if ((Info.Value & CountBits) != 0) LoadExtras();
    }

    /// <summary>After ClosedAndCall: the badge that is closed.</summary>
    internal Badge BeginAfterClosed()
    {
        Badge closed = new(_block.Registers.A3);
        Begin();
        return closed;
    }

    private const ulong CountBits = 0xFF_0000;

    // Copied, since the extras receive what a reply holds too.
    private void LoadExtras()
    {
        if (Info.HasInlineLease)
        {
            _progress.LeaseCount = 1;
            _leases[1] = _block.Registers.A10;
            return;
        }
        _progress.HandleCount = (byte)Info.Capabilities;
        _progress.LeaseCount = (byte)Info.Leases;
        Span<ulong> block = Words(ref _block.Extras);
        for (int i = 0; i < _progress.HandleCount; i++) _handles[i] = block[i];
        Span<ulong> leases = block.Slice(Message.MaxCapabilities, Message.MaxLeases * 2);
        for (int i = 0; i < _progress.LeaseCount * 2; i++) _leases[i] = leases[i];
    }

    // Puts the answer where Reply and ReplyReceive want it; the handle is in A0 since the receive.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Store()
    {
        _block.Registers.A1 = (ushort)_status;
        if (_progress.Extras != 0) StoreMore();
    }

    private void StoreMore()
    {
        if (_status != Status.Ok) return;
        if (IsMinting)
        {
            SendData();
            StoreMint();
            return;
        }
        if (_progress.DataCount != 0)
        {
            if (_progress.ReplyHandleCount == 0)
            {
                StoreData();
                return;
            }
            SendData();
            _block.Registers.A1 = (ushort)_status;
            if (_status != Status.Ok) return;
        }
        int count = _progress.ReplyHandleCount;
        if (count == 0) return;
        MessageFlags flags = IsMoving ? MessageFlags.Move : MessageFlags.None;
        _block.Registers.A1 = new MessageInfo((ushort)_status, count, flags: flags).Value;
        Span<ulong> block = Words(ref _block.Extras);
        for (int i = 0; i < count; i++) block[i] = _replyHandles[i];
    }

    // Minted with the answer. The values stand for a handle that is not there yet.
    private static readonly Handle Promised = new(ulong.MaxValue);
    private Badge _mintBadge;
    private Rights _mintRights;

    private bool IsMinting => _progress.MintCount != 0 && _status == Status.Ok
        && _progress.ReplyHandleCount == 1 && _replyHandles[0] == Promised.Value;

    private void StoreMint()
    {
        // Bytes that went ahead may have made another answer of it.
        MessageFlags flags = IsMinting ? MessageFlags.Mint : MessageFlags.None;
        _block.Registers.A1 = new MessageInfo((ushort)_status, flags: flags).Value;
        _block.Registers.A9 = _mintBadge.Value;
        _block.Registers.A10 = (ulong)_mintRights;
    }

    /// <summary>The badge that was promised, if no capability with it was made.</summary>
    internal bool TryTakeUnminted(out Badge badge)
    {
        badge = _mintBadge;
        bool isUnminted = _progress.MintCount != 0;
        _progress.MintCount = 0;
        return isUnminted;
    }

    /// <summary>Sends the answer by itself, and closes what the request leaves behind.</summary>
    internal Status SendNow()
    {
        Status status = SendOnce();
        bool isRefused = status is not (Status.Ok or Status.CallerGone);
        if (isRefused && _progress.ReplyHandleCount != 0)
        {
            // A handle in the reply is not ours to send; the caller must not wait for ever.
            _status = Status.IoError;
            status = SendOnce();
        }
        MarkSent(status);
        // The kernel has closed them, whether or not there was still somebody to take them.
        if (IsMoving && status is (Status.Ok or Status.CallerGone)) _progress.CloseCount = 0;
        CloseHandles();
        return GoneIfUnknown(status);
    }

    private Status SendOnce()
    {
        Store();
        _block.Registers.Number = (ulong)SystemCall.Reply;
        _block.Registers.A2 = endpoint.Value;
        return kernel.Receive(ref _block).Status;
    }

    // The kernel remembers only so many callers that have gone; after that their Reply is unknown.
    private static Status GoneIfUnknown(Status status) =>
        status == Status.BadHandle ? Status.CallerGone : status;

    /// <param name="status">
    /// Of the call that has sent it; of a ReplyReceive only CallerGone says that it was not sent.
    /// </param>
    internal void MarkSent(Status status)
    {
        State = RequestState.Done;
        if (status != Status.CallerGone && IsMinting) _progress.MintCount = 0;
    }

    private Status Finish(Status status)
    {
        if (State == RequestState.Done) return Status.CallerGone;
        _status = status;
        return SendNow();
    }

    // Handles that came and that no handler has taken, and those that the handler has left to us.
    private void CloseHandles()
    {
        for (int i = 0; i < _progress.HandleCount; i++)
        {
            if ((_progress.Taken & 1u << i) == 0) kernel.Close(new Handle(_handles[i]));
        }
        for (int i = 0; i < _progress.CloseCount; i++)
            kernel.Close(new Handle(_closeAfterReply[i]));
        _progress.HandleCount = _progress.CloseCount = 0;
    }

    private static Span<ulong> Words(ref MessageExtras extras) =>
        MemoryMarshal.Cast<MessageExtras, ulong>(new Span<MessageExtras>(ref extras));

    // For dispatchers: parameters in order.

    /// <summary>False, with BadArgument as answer, when the call has other leases.</summary>
    public bool Expect(int leases)
    {
        if (_progress.LeaseCount == leases) return true;
        Answer(Status.BadArgument);
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Take<T>() where T : unmanaged => WireFormat.Unpack<T>(
        ref _block.Registers.Words, ref _progress.NextWord, ref _handles, _progress.HandleCount,
        ref _progress.Taken);

    /// <summary>As Expect, for an operation whose text may lie in the words.</summary>
    public bool ExpectText(int leases) =>
        Expect((Flags & MessageFlags.InlineText) == 0 ? leases : leases - 1);
}
