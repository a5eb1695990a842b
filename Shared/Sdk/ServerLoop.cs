// The loop of every server: receive, handle, reply and receive again in one kernel call.
//
// Nothing is allocated for a request that is answered at once. The fault bits of the control
// notification are obeyed here, so that every server can be crashed and hung for a test.

using System;
using System.Runtime.CompilerServices;
using Shared.Abi;
using Shared.Sdk.Native;
using Shared.Sdk.Tasks;

namespace Shared.Sdk;

/// <summary>One for each thread that receives.</summary>
public sealed class ServerLoop(IKernel kernel, Handle endpoint, Handle control)
{
    private Request _current = new(kernel, endpoint);
    private bool _hangs;

    /// <summary>Serves until the process dies.</summary>
    public void Run(IServer server)
    {
        Start();
        ReadyCall.Send(kernel, endpoint);
        while (true) Turn(server, server.NextDeadlineNs);
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
    public bool Turn(IServer server, ulong deadlineNs)
    {
        Unsafe.SkipInit(out MessageExtras extras);
        Registers registers;
        if (_current.State == RequestState.Answered && !_current.HasHandlesToClose)
        {
            registers = new Registers(SystemCall.ReplyReceive)
            {
                A2 = endpoint.Value, A4 = deadlineNs,
            };
            _current.Store(ref registers, ref extras);
        }
        else
        {
            // Handles are closed between the reply and the wait: nobody else may hold them, and
            // then Closed for them is owed to us.
            if (_current.State == RequestState.Answered) _current.SendNow();
            registers = new Registers(SystemCall.Receive) { A0 = endpoint.Value, A2 = deadlineNs };
        }
        CallResult result = Pinned.InvokeExtras(
            kernel, ref registers, ref registers.A3, ref extras);
        if (_current.State == RequestState.Answered)
        {
            bool isSent = result.Status is not (Status.BadHandle or Status.NoRight);
            if (!isSent) result = ReceiveAlone(ref registers, ref extras, deadlineNs);
            _current.MarkSent();
        }
        return TakeEvent(server, result, in registers, ref extras);
    }

    // The reply half of a ReplyReceive was refused, so nothing was received: its caller is long
    // gone, or a handle in it is not ours to send. Neither is a reason to die.
    private CallResult ReceiveAlone(
        ref Registers registers, ref MessageExtras extras, ulong deadlineNs)
    {
        _current.SendNow();
        registers = new Registers(SystemCall.Receive) { A0 = endpoint.Value, A2 = deadlineNs };
        return Pinned.InvokeExtras(kernel, ref registers, ref registers.A3, ref extras);
    }

    private bool TakeEvent(
        IServer server, CallResult result, in Registers registers, ref MessageExtras extras)
    {
        switch (result.Status)
        {
            case Status.Ok:
                break;
            case Status.TimedOut:
                ulong next = server.NextDeadlineNs;
                if (next != 0 && next <= kernel.ClockNow()) server.DeadlineReached();
                return false;
            case Status.Cancelled:
                return false;
            default:
                throw new InvalidOperationException($"receive: {result.Status}");
        }
        switch (result.Kind)
        {
            case ReceiveKind.Call:
                HandleCall(server, in registers, ref extras);
                break;
            case ReceiveKind.Notification:
                HandleBits(server, registers.A5);
                break;
            case ReceiveKind.Closed:
                Badge badge = new(registers.A2);
                server.Closed(badge);
                kernel.AcknowledgeClosed(endpoint, badge);
                break;
        }
        return true;
    }

    private void HandleCall(IServer server, in Registers registers, ref MessageExtras extras)
    {
        // A parked request belongs to its handler; the next one gets an object of its own.
        if (_current.WasParked) _current = new Request(kernel, endpoint);
        _current.Load(in registers, ref extras);
        if (_hangs) WaitForEver();
        server.Handle(_current);
        if (_current.State == RequestState.Received) _current.Answer(Status.NoSuchOperation);
    }

    private void HandleBits(IServer server, ulong bits)
    {
        ControlBits fault = (ControlBits)bits & Faults.All;
        if ((fault & ControlBits.Hang) != 0) _hangs = true;
        Faults.Commit(fault);
        ulong rest = bits & ~(ulong)Faults.All;
        if (rest != 0) server.Notified(rest);
    }

    private void WaitForEver()
    {
        while (true) kernel.ReceiveNotification();
    }
}
