// One call in a server's hands: what came, and the one answer to it.
//
// The loop owns the object and uses it again for the next call, unless the handler parks it; then
// it is the handler's until Complete. Capabilities minted here are closed after the answer, since
// the caller has its copy by then.

using System;
using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk;

internal enum RequestState { Idle, Received, Answered, Parked, Done }

/// <summary>Handlers get one with each operation.</summary>
public sealed partial class Request(IKernel kernel, Handle endpoint)
{
    private WordBlock _words;
    private HandleBlock _handles;
    private HandleBlock _closeAfterReply;
    private int _nextWord;
    private int _nextLease;
    private int _wordCount;
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
    internal bool HasHandlesToClose => _closeCount != 0 || _taken != AllTaken;

    public Badge Badge { get; private set; }
    public RequestId Id { get; private set; }
    /// <summary>1 at the first delivery; each redelivery after a death adds one.</summary>
    public ushort Attempt { get; private set; }
    public ushort Operation { get; private set; }
    public MessageFlags Flags { get; private set; }

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
        _wordCount = 0;
        State = RequestState.Answered;
    }

    /// <summary>For dispatchers: the answer of a handler that returned a value.</summary>
    public void Answer<T>(Result<T> result) where T : unmanaged
    {
        Answer(result.Status);
        if (result.IsOk) SetAnswer(result);
    }

    private uint AllTaken => (1u << _handleCount) - 1;

    // From here on _words and _replyHandles are the reply's.
    private HandleBlock _replyHandles;
    private int _replyHandleCount;

    private void SetAnswer<T>(Result<T> result) where T : unmanaged
    {
        if (!result.IsOk) return;
        _wordCount = 0;
        _replyHandleCount = 0;
        WireFormat.Pack(
            result.Value, ref _words, ref _wordCount, ref _replyHandles, ref _replyHandleCount);
    }

    private void RequireParked()
    {
        if (State is RequestState.Parked or RequestState.Done) return;
        throw new InvalidOperationException("only a parked request is completed");
    }
}
