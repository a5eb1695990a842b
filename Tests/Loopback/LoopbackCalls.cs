// Calls, receives and replies of a loopback task.

using System;
using System.Linq;
using System.Runtime.InteropServices;
using Shared.Abi;
using Shared.Sdk;

namespace Tests.Loopback;

public sealed partial class LoopbackKernel
{
    private CallResult Call(ref Registers registers)
    {
        MessageInfo info = new(registers.A1);
        if (!info.IsWellFormed) throw new InvalidOperationException("malformed call: info");
        LoopbackThread thread = _machine.CurrentThread();
        Status status = Check(registers.A0, ObjectType.Endpoint, Rights.Call, out var through);
        if (status == Status.Ok && thread.IsCancelled)
        {
            thread.IsCancelled = false;
            status = Status.Cancelled;
        }
        CapabilityRecord[] handles = new CapabilityRecord[info.Capabilities];
        if (status == Status.Ok) status = TakeHandles(registers.A3, handles);
        if (status != Status.Ok) return new CallResult(status, (byte)Outcome.NotExecuted);
        PendingCall call = new()
        {
            Caller = this, Through = through, Endpoint = (LoopbackEndpoint)through.Target,
            Id = IdFor(registers.A4), Message = registers, Handles = handles,
            Leases = info.HasInlineLease ? [LeaseInWords(in registers)]
                : TakeLeases(registers.A3, info.Leases),
            DeadlineNs = Deadline(registers.A2, info, (LoopbackEndpoint)through.Target),
        };
        call.Endpoint.Calls.Add(call);
        PendingCall? outer = thread.Call;
        thread.Call = call;
        WaitForEnd(call);
        thread.Call = outer;
        return Finish(ref registers, call);
    }

    // A nested call has the id that it had before its server died, as in the kernel.
    private RequestId IdFor(ulong serving)
    {
        if (serving == 0) return _machine.NewRequestId();
        PendingCall served = (PendingCall)_machine.Find(this, serving)!.Target;
        ulong mixed = (served.Id.Value << 16 | ++served.NestedCount) * 0x9E37_79B9_7F4A_7C15;
        return new RequestId(mixed | 1UL << 63);
    }

    private ulong Deadline(ulong given, MessageInfo info, LoopbackEndpoint endpoint)
    {
        bool usesDefault = given == 0 && endpoint.DefaultDeadlineNs != 0
            && (info.Flags & MessageFlags.MayBlock) == 0;
        return usesDefault ? _machine.NowNs + endpoint.DefaultDeadlineNs : given;
    }

    private Status TakeHandles(ulong extras, CapabilityRecord[] handles)
    {
        for (int i = 0; i < handles.Length; i++)
        {
            ulong value = Words(extras)[i];
            Status status = Check(value, ObjectType.None, Rights.Pass, out handles[i]);
            if (status != Status.Ok) return status;
        }
        return Status.Ok;
    }

    private static Lease[] TakeLeases(ulong extras, int count)
    {
        if (count == 0) return [];
        return MemoryMarshal.Cast<ulong, Lease>(
            Words(extras).Slice(Message.MaxCapabilities, count * 2)).ToArray();
    }

    private static Lease LeaseInWords(in Registers registers) => new()
    {
        Address = registers.A9, LengthBytes = (uint)registers.A10,
        Rights = (LeaseRights)(registers.A10 >> 32),
    };

    // Runs servers in place; then only other threads and the clock can end the call.
    private void WaitForEnd(PendingCall call)
    {
        if (call.Endpoint is { Server: null, OnDeath: OnDeath.Fail }) call.End(Status.PeerDied);
        while (call.State != PendingState.Ended)
        {
            call.Endpoint.Server?.Pump();
            if (call.State == PendingState.Ended) break;
            if (call.DeadlineNs != 0 && call.DeadlineNs <= _machine.NowNs)
            {
                call.End(Status.TimedOut);
                break;
            }
            _machine.Pulse();
            _machine.Wait($"the reply to operation {call.Info.Code}");
        }
    }

    private static CallResult Finish(ref Registers registers, PendingCall call)
    {
        call.Leases = [];
        if (call.Result.Status != Status.Ok) return call.Result;
        registers.A1 = call.Answer.A1;
        CopyWords(in call.Answer, ref registers);
        Span<ulong> block = call.AnswerHandles.Length == 0 ? default : Words(registers.A3);
        for (int i = 0; i < call.AnswerHandles.Length; i++)
        {
            block[i] = call.AnswerHandles[i].Value;
        }
        return call.Result;
    }

    private CallResult Receive(ref Registers registers, ulong endpointHandle, ulong deadlineNs)
    {
        LoopbackEndpoint? endpoint = null;
        if (endpointHandle != 0)
        {
            Status status = Check(
                endpointHandle, ObjectType.Endpoint, Rights.Receive, out var record);
            if (status != Status.Ok) return new CallResult(status);
            endpoint = (LoopbackEndpoint)record.Target;
        }
        while (true)
        {
            if (endpoint is { OwedClosed.Count: > 0 })
            {
                registers.A2 = endpoint.OwedClosed.Min;
                return new CallResult(Status.Ok, (byte)ReceiveKind.Closed);
            }
            if (_bound is { Bits: not 0 })
            {
                registers.A5 = _bound.Bits;
                _bound.Bits = 0;
                return new CallResult(Status.Ok, (byte)ReceiveKind.Notification);
            }
            PendingCall? call = endpoint?.Calls.FirstOrDefault(
                one => one.State == PendingState.Queued);
            if (call is not null) return Deliver(ref registers, call);
            LoopbackThread thread = _machine.CurrentThread();
            if (endpoint is null && thread.IsCancelled)
            {
                thread.IsCancelled = false;
                return new CallResult(Status.Cancelled);
            }
            bool isOver = deadlineNs != 0 && deadlineNs <= _machine.NowNs;
            if (isOver) return new CallResult(Status.TimedOut);
            _machine.Wait("something to receive");
        }
    }

    private CallResult Deliver(ref Registers registers, PendingCall call)
    {
        ulong extras = registers.A3;
        call.State = PendingState.Delivered;
        call.NestedCount = 0;
        call.Attempt++;
        registers.A0 = _machine.Add(this, ObjectType.Reply, call, Rights.None).Handle.Value;
        registers.A1 = call.Info.WithAttempt(call.Attempt).Through(call.Through.Rights).Value;
        registers.A2 = call.Through.Badge.Value;
        registers.A4 = call.Id.Value;
        CopyWords(in call.Message, ref registers);
        if (call.Info.HasInlineLease) registers.A9 = 0;
        if (call.Info.HasInlineLease || call.Handles.Length + call.Leases.Length == 0)
        {
            return new CallResult(Status.Ok, (byte)ReceiveKind.Call);
        }
        Span<ulong> block = Words(extras);
        for (int i = 0; i < call.Handles.Length; i++)
        {
            block[i] = CopyTo(call.Handles[i], this, Rights.All).Handle.Value;
        }
        for (int i = 0; i < call.Leases.Length; i++)
        {
            block[Message.MaxCapabilities + i * 2] = 0;
            block[Message.MaxCapabilities + i * 2 + 1] =
                call.Leases[i].LengthBytes | (ulong)call.Leases[i].Rights << 32;
        }
        return new CallResult(Status.Ok, (byte)ReceiveKind.Call);
    }

    private Status Reply(ref Registers registers)
    {
        Status status = Check(registers.A0, ObjectType.Reply, Rights.None, out var record);
        if (status != Status.Ok) return Status.BadHandle;
        PendingCall call = (PendingCall)record.Target;
        bool isGone = call.State == PendingState.Ended;
        MessageInfo info = new(registers.A1);
        if (!info.IsWellFormed) throw new InvalidOperationException("malformed reply: info");
        CapabilityRecord[] handles = new CapabilityRecord[info.Capabilities];
        status = TakeHandles(registers.A3, handles);
        if (status != Status.Ok) return status;
        Handle minted = default;
        if (!isGone && info.IsMinting)
        {
            status = MintFor(call, in registers, out minted);
            if (status == Status.TooLarge)
            {
                call.End(Status.QuotaExceeded);
                isGone = true;
            }
            else if (status != Status.Ok)
            {
                return status;
            }
        }
        if (!isGone)
        {
            call.AnswerHandles = handles.Select(
                one => CopyTo(one, call.Caller, Rights.All).Handle).ToArray();
            if (info.HasInlineLease) GiveData(ref registers, call);
            call.Answer = registers;
            if (info.IsMinting) (call.Answer.A9, call.Answer.A10) = (minted.Value, 0);
            call.End(Status.Ok);
            call.Result = new CallResult(Status.Ok, (byte)Outcome.Replied);
        }
        if ((info.Flags & MessageFlags.Move) != 0)
        {
            foreach (CapabilityRecord moved in handles.Distinct()) _machine.Close(moved);
        }
        _machine.Close(record);
        return isGone ? Status.CallerGone : Status.Ok;
    }

    private static void GiveData(ref Registers registers, PendingCall call)
    {
        ulong offset = registers.A10 >> 32, lengthBytes = (uint)registers.A10;
        Lease lease = call.Leases[0];
        bool isGood = (lease.Rights & LeaseRights.Write) != 0
            && offset + lengthBytes <= lease.LengthBytes
            && lengthBytes <= Message.MaxLeaseStepBytes;
        if (!isGood) throw new InvalidOperationException("a reply with bytes beyond its lease");
        HostMemory.Bytes(registers.A9, lengthBytes).CopyTo(
            HostMemory.Bytes(lease.Address + offset, lengthBytes));
        registers.A9 = registers.A10 = 0;
    }

    private Status Park(ulong handle)
    {
        Status status = Check(handle, ObjectType.Reply, Rights.None, out var record);
        if (status != Status.Ok) return status;
        PendingCall call = (PendingCall)record.Target;
        if (call.State == PendingState.Ended) return Status.CallerGone;
        if ((call.Info.Flags & MessageFlags.MayBlock) == 0) return Status.WrongType;
        call.State = PendingState.Parked;
        _machine.Pulse();
        return Status.Ok;
    }

    private CallResult MoveLease(ref Registers registers, LeaseRights rights)
    {
        Status status = Check(registers.A0, ObjectType.Reply, Rights.None, out var record);
        if (status != Status.Ok) return new CallResult(status);
        PendingCall call = (PendingCall)record.Target;
        if (call.State == PendingState.Ended) return new CallResult(Status.CallerGone);
        bool isOutside = registers.A1 >= (ulong)call.Leases.Length
            || registers.A4 > Message.MaxLeaseStepBytes;
        if (isOutside) return new CallResult(Status.BadArgument);
        Lease lease = call.Leases[registers.A1];
        if ((lease.Rights & rights) == 0) return new CallResult(Status.NoRight);
        if (registers.A2 > lease.LengthBytes) return new CallResult(Status.BadArgument);
        ulong count = Math.Min(registers.A4, lease.LengthBytes - registers.A2);
        Span<byte> callers = HostMemory.Bytes(lease.Address + registers.A2, count);
        Span<byte> own = HostMemory.Bytes(registers.A3, count);
        if (rights == LeaseRights.Read) callers.CopyTo(own);
        else own.CopyTo(callers);
        registers.A0 = count;
        return new CallResult(Status.Ok);
    }

    private CallResult CancelCall(ulong handle)
    {
        Status status = Check(handle, ObjectType.Thread, Rights.Signal, out var record);
        if (status != Status.Ok) return new CallResult(status);
        LoopbackThread thread = (LoopbackThread)record.Target;
        if (thread.Call is { } call) call.End(Status.Cancelled);
        else thread.IsCancelled = true;
        _machine.Pulse();
        return new CallResult(Status.Ok);
    }

    private Status Acknowledge(ulong endpoint, ulong badge)
    {
        Status status = Check(endpoint, ObjectType.Endpoint, Rights.Receive, out var record);
        if (status != Status.Ok) return status;
        bool wasOwed = ((LoopbackEndpoint)record.Target).OwedClosed.Remove(badge);
        return wasOwed ? Status.Ok : Status.NotFound;
    }

    private static void CopyWords(in Registers source, ref Registers target)
    {
        target.A5 = source.A5;
        target.A6 = source.A6;
        target.A7 = source.A7;
        target.A8 = source.A8;
        target.A9 = source.A9;
        target.A10 = source.A10;
    }

    private static Span<ulong> Words(ulong extras) => MemoryMarshal.Cast<MessageExtras, ulong>(
        new Span<MessageExtras>(ref HostMemory.Extras(extras)));
}
