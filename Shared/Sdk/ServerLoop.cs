// The loop of every server: receive, handle, reply and receive again in one kernel call.
//
// Nothing is allocated for a request that is answered at once. Injected faults are obeyed here, so
// that every server can be crashed and hung for a test, also inside of a request.

using System;
using System.Runtime.CompilerServices;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Native;
using Shared.Sdk.Tasks;

namespace Shared.Sdk;

/// <summary>One thread calls all of this. An exception is the server's death.</summary>
public interface IServer
{
    /// <summary>
    /// Passes the request to the dispatchers of its contracts. A request that none of them knows
    /// may be left alone: the loop answers NoSuchOperation.
    /// </summary>
    void Handle(Request request);

    /// <summary>
    /// Nobody holds a capability with this badge now. The loop acknowledges it, with its next
    /// receive or with the answer to the call that comes next.
    /// </summary>
    void Closed(Badge badge);

    /// <summary>Bits of the control notification that the loop does not handle itself.</summary>
    void Notified(ulong bits);

    /// <summary>
    /// Told to retire (ControlBits.Retire), it has something to write first, and throws
    /// RetiredException itself when it has. The loop does so for all others.
    /// </summary>
    bool RetiresItself => false;

    /// <summary>When DeadlineReached wants to be called, in ClockNow's time; 0 never.</summary>
    ulong NextDeadlineNs { get; }

    void DeadlineReached();

    /// <summary>
    /// What the last event has changed outlives this process from now on. Called after each of
    /// Handle (also of a request that it parked), Closed, Notified and DeadlineReached, before the
    /// answer or the acknowledgement goes out; nothing to do when nothing has changed.
    /// </summary>
    /// <remarks>
    /// The loop knows only the answer of the request in hand. What goes out earlier is the server's
    /// own business: before Request.Complete of a parked request, and before a call of its own that
    /// promises something, it commits what they promise itself.
    /// </remarks>
    void Commit()
    {
    }
}

/// <summary>One for each thread that receives.</summary>
public sealed class ServerLoop(IKernel kernel, Handle endpoint, Handle control)
{
    private Request _current = new(kernel, endpoint);
    private InjectedFault? _fault;
    /// <summary>Its Closed is dealt with; told with the next receive. 0 none.</summary>
    private Badge _closed;
    private readonly TurnCollector _collector = new(isOn: kernel is NativeKernel);

    /// <summary>Serves until the process dies.</summary>
    /// <param name="supervisor">Who is told that it is about to; None: nobody.</param>
    /// <param name="ready">When that is told.</param>
    /// <remarks>
    /// Becomes a part of whoever calls it, so that garbage is collected in his frame: each frame
    /// more costs every collection.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Run(
        IServer server, Handle supervisor = default, ReadyMoment ready = ReadyMoment.First)
    {
        Start();
        ulong sinceNs = kernel.ClockNow();
        if (ready == ReadyMoment.Later) ServeUntil(server, sinceNs + ReadyCall.LaterNs);
        ReadyCall.Send(kernel, supervisor, sinceNs);
        while (true)
        {
            ServeUntilGarbage(server);
            TurnCollector.Collect();
        }
    }

    /// <summary>Serves until the time, and has no request in hand then.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ServeUntil(IServer server, ulong untilNs)
    {
        while (kernel.ClockNow() < untilNs)
        {
            ulong nextNs = server.NextDeadlineNs;
            Turn(server, nextNs == 0 ? untilNs : Math.Min(nextNs, untilNs));
        }
        if (_current.State == RequestState.Answered) SendAnswer(server);
    }

    /// <summary>Serves until there is garbage to collect, and no request in hand.</summary>
    // A method of its own: in one with a catch the loop would cost each call forty instructions.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ServeUntilGarbage(IServer server)
    {
        while (true)
        {
            Request request = _current;
            bool isToLook = request.Serial % TurnCollector.TurnsBetweenLooks == 0;
            if (isToLook && HasGarbage(server)) return;
            Turn(server, request, server.NextDeadlineNs);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool HasGarbage(IServer server)
    {
        if (!_collector.IsDue()) return false;
        if (_current.State == RequestState.Answered) SendAnswer(server);
        return true;
    }

    /// <summary>Binds the control notification; Run does so itself.</summary>
    public void Start()
    {
        if (control.IsNone) return;
        Status status = kernel.NotificationBind(control);
        if (status != Status.Ok) throw new InvalidOperationException($"bind: {status}");
    }

    /// <summary>
    /// Sends the answer of the turn before, waits for one event until the deadline (0 none), and
    /// handles it. False when there was none.
    /// </summary>
    public bool Turn(IServer server, ulong deadlineNs) => Turn(server, _current, deadlineNs);

    /// <param name="request">The current one.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Turn(IServer server, Request request, ulong deadlineNs)
    {
        if (request.State == RequestState.Answered && !request.LeavesMore)
        {
            CallResult result = request.ReplyReceive(endpoint, deadlineNs);
            // Ok and ReceiveKind.Call are both zero.
            if (result.Value == 0)
            {
                HandleCall(server, request);
                return true;
            }
            if (result.Status is not (Status.BadHandle or Status.NoRight))
            {
                request.MarkSent(result.Status);
                return TakeOther(server, result);
            }
        }
        return ReceiveAlone(server, deadlineNs);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void HandleCall(IServer server, Request request)
    {
        if (_fault is not null)
        {
            HandleWithFault(server, request, _fault);
            return;
        }
        server.Handle(request);
        if (request.State == RequestState.Received) request.Answer(Status.NoSuchOperation);
        server.Commit();
    }

    private static void HandleWithFault(IServer server, Request request, InjectedFault fault)
    {
        fault.Received();
        server.Handle(request);
        if (request.State == RequestState.Received) request.Answer(Status.NoSuchOperation);
        fault.Handled();
        server.Commit();
        fault.Committed();
    }

    // An answer goes by itself when handles are to be closed between the reply and the wait (nobody
    // else may hold them, and then Closed for them is owed to us), or garbage is to be collected.
    // Or when the reply half of a ReplyReceive was refused: its caller is long gone, or a handle in
    // it is not ours to send; neither is a reason to die.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool ReceiveAlone(IServer server, ulong deadlineNs)
    {
        // A parked request belongs to its handler; the next one gets an object of its own.
        if (_current.WasParked) _current = new Request(kernel, endpoint);
        if (_current.State == RequestState.Answered) SendAnswer(server);
        CallResult result = _current.Receive(endpoint, deadlineNs, _closed);
        _closed = default;
        if (result.Value != 0) return TakeOther(server, result);
        HandleCall(server, _current);
        return true;
    }

    private void SendAnswer(IServer server)
    {
        _current.SendNow();
        TellUnminted(server);
    }

    private bool TakeOther(IServer server, CallResult result)
    {
        switch (result.Status)
        {
            case Status.Ok when result.Kind == ReceiveKind.Notification:
                HandleBits(server, _current.ReceivedBits);
                return true;
            case Status.Ok when result.Kind == ReceiveKind.ClosedAndCall:
                // A commit of its own: what it has freed is free for the call.
                server.Closed(_current.BeginAfterClosed());
                server.Commit();
                HandleCall(server, _current);
                return true;
            case Status.Ok:
                _closed = _current.ReceivedBadge;
                server.Closed(_closed);
                server.Commit();
                return true;
            case Status.CallerGone:
                // What the answer would have minted is nobody's; other answers are not told of.
                TellUnminted(server);
                return true;
            case Status.TimedOut:
                ulong next = server.NextDeadlineNs;
                if (next == 0 || next > kernel.ClockNow()) return false;
                server.DeadlineReached();
                server.Commit();
                _collector.CollectFirst();
                return false;
            case Status.Cancelled:
                return false;
            default:
                throw new InvalidOperationException($"receive: {result.Status}");
        }
    }

    // The server may have counted a capability that was not made. Others may hold the badge.
    private void TellUnminted(IServer server)
    {
        bool isLost = _current.TryTakeUnminted(out Badge badge) && badge != default
            && !kernel.IsHeld(endpoint, badge);
        if (!isLost) return;
        server.Closed(badge);
        server.Commit();
    }

    private void HandleBits(IServer server, ulong bits)
    {
        Injection injection = Injection.Of(bits);
        if (injection.Fault != ControlBits.None) Obey(injection);
        ulong rest = bits & ~(ulong)Injection.Mask;
        if (rest == 0) return;
        server.Notified(rest);
        server.Commit();
        bool isRetired = (rest & (ulong)ControlBits.Retire) != 0;
        if (isRetired && !server.RetiresItself) throw new RetiredException();
    }

    // To hang is to hang in a request: in the next one, if none is named.
    private void Obey(Injection injection)
    {
        bool isNow = injection.Moment == FaultMoment.AtOnce
            && injection.Fault != ControlBits.Hang;
        if (isNow) Faults.Inject(kernel, injection.Fault);
        _fault = new InjectedFault(kernel, injection);
    }
}
