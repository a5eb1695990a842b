// The kernel as one task of the loopback machine sees it.

using System;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using Shared.Abi;
using Shared.Sdk;

namespace Tests.Loopback;

/// <summary>Answers the calls of docs/syscalls.md that servers and clients make.</summary>
public sealed partial class LoopbackKernel : IKernel
{
    private static readonly object TheLog = new();

    private readonly LoopbackMachine _machine;
    private LoopbackNotification? _bound;

    internal LoopbackKernel(LoopbackMachine machine, string name)
    {
        _machine = machine;
        Name = name;
    }

    public string Name { get; }

    /// <summary>Beyond it, a reply cannot mint for this task; nothing else asks.</summary>
    public int HandleQuota { get; set; } = int.MaxValue;

    /// <summary>Last words and cause, when the task has said some.</summary>
    public (string Text, DeathCause Cause)? LastWords { get; private set; }

    /// <summary>The task has said that its death will blame no request.</summary>
    public bool BlamesNobody { get; private set; }

    /// <summary>A copy of an own capability in another task, as ProcessGive makes it.</summary>
    public Handle Give(Handle own, LoopbackKernel target, Rights rights = Rights.All)
    {
        lock (_machine.Lock)
        {
            CapabilityRecord source = _machine.Find(this, own.Value)
                ?? throw new ArgumentException("not a handle of this task");
            return CopyTo(source, target, rights).Handle;
        }
    }

    /// <summary>A Log capability with Read and Write.</summary>
    public Handle OpenLog()
    {
        lock (_machine.Lock)
        {
            return _machine.Add(
                this, ObjectType.Log, TheLog, Rights.Read | Rights.Write | Rights.Pass).Handle;
        }
    }

    /// <summary>The end of the task: all its capabilities are closed, its calls are over.</summary>
    public void Die()
    {
        lock (_machine.Lock)
        {
            foreach (LoopbackEndpoint endpoint in _machine.Endpoints)
            {
                foreach (PendingCall call in endpoint.Calls.ToArray())
                {
                    if (call.Caller == this) call.End(Status.Cancelled);
                }
            }
            foreach (CapabilityRecord record in _machine.OwnedBy(this))
            {
                if (record.IsInVault) continue;
                // A reply of a dead server does not end its call; the server's Kill has queued it.
                if (record.Type == ObjectType.Reply) record.Type = ObjectType.Tombstone;
                _machine.Close(record);
            }
        }
    }

    public CallResult Invoke(ref Registers registers)
    {
        lock (_machine.Lock)
        {
            CallResult result = Dispatch(ref registers);
            registers.Number = result.Value;
            return result;
        }
    }

    private CallResult Dispatch(ref Registers registers)
    {
        switch ((SystemCall)registers.Number)
        {
            case SystemCall.Call: return Call(ref registers);
            case SystemCall.Receive:
                if (registers.A1 != 0) Acknowledge(registers.A0, registers.A1);
                return Receive(ref registers, registers.A0, registers.A2);
            case SystemCall.Reply: return new CallResult(Reply(ref registers));
            case SystemCall.ReplyReceive:
                ulong endpoint = registers.A2;
                ulong deadlineNs = registers.A4;
                bool isMinting = new MessageInfo(registers.A1).IsMinting;
                Status replied = Reply(ref registers);
                return replied == Status.Ok || replied == Status.CallerGone && !isMinting
                    ? Receive(ref registers, endpoint, deadlineNs) : new CallResult(replied);
            case SystemCall.Park: return new CallResult(Park(registers.A0));
            case SystemCall.LeaseRead: return MoveLease(ref registers, LeaseRights.Read);
            case SystemCall.LeaseWrite: return MoveLease(ref registers, LeaseRights.Write);
            case SystemCall.CancelCall: return CancelCall(registers.A0);
            case SystemCall.AcknowledgeClosed:
                return new CallResult(Acknowledge(registers.A0, registers.A1));
            case SystemCall.ListBadges: return ListBadges(ref registers);
            case SystemCall.Close: return Close(registers.A0);
            case SystemCall.CloseLate: return new CallResult(CloseLate(registers.A0));
            case SystemCall.KeepOpen: return new CallResult(KeepOpen(registers.A0));
            case SystemCall.Copy: return Copy(ref registers);
            case SystemCall.Mint: return Mint(ref registers);
            case SystemCall.MoveToVault: return MoveToVault(ref registers);
            case SystemCall.Revoke: return Revoke(registers.A0);
            case SystemCall.DescribeHandle: return Describe(ref registers);
            case SystemCall.EndpointCreate: return CreateEndpoint(ref registers);
            case SystemCall.NotificationCreate:
                return Made(ref registers, ObjectType.Notification, new LoopbackNotification());
            case SystemCall.NotificationSignal: return Signal(ref registers);
            case SystemCall.NotificationBind: return Bind(registers.A0);
            case SystemCall.ThreadSelf:
                return Made(ref registers, ObjectType.Thread, _machine.CurrentThread());
            case SystemCall.MemoryCreate: return MakeMemory(ref registers);
            case SystemCall.MemoryMap: return Map(ref registers);
            case SystemCall.MemoryUnmap: return new CallResult(Status.Ok);
            case SystemCall.ClockNow:
                registers.A0 = _machine.NowNs;
                return new CallResult(Status.Ok);
            case SystemCall.LogWrite: return WriteLog(ref registers);
            case SystemCall.BlameNobody:
                BlamesNobody = true;
                return new CallResult(Status.Ok);
            case SystemCall.LastWords: return TakeLastWords(ref registers);
            default:
                return _machine.OtherCalls?.Invoke(this, ref registers)
                    ?? new CallResult(Status.NotSupported);
        }
    }

    // What a capability must be for a call, in the order in which the kernel asks.
    private Status Check(ulong handle, ObjectType type, Rights rights, out CapabilityRecord record)
    {
        record = _machine.Find(this, handle)!;
        if (record is null) return Status.BadHandle;
        if (record.Type == ObjectType.Tombstone) return Status.Revoked;
        if (type != ObjectType.None && record.Type != type) return Status.WrongType;
        return (record.Rights & rights) == rights ? Status.Ok : Status.NoRight;
    }

    private CapabilityRecord CopyTo(CapabilityRecord source, LoopbackKernel target, Rights rights)
        => _machine.Add(
            target, source.Type, source.Target, source.Rights & rights, source.Badge,
            source.Parent);

    private CallResult Made(ref Registers registers, ObjectType type, object target)
    {
        registers.A0 = _machine.Add(this, type, target, Rights.All).Handle.Value;
        return new CallResult(Status.Ok);
    }

    private CallResult Close(ulong handle)
    {
        CapabilityRecord? record = _machine.Find(this, handle);
        if (record is null) return new CallResult(Status.BadHandle);
        _machine.Close(record);
        return new CallResult(Status.Ok);
    }

    private Status CloseLate(ulong handle)
    {
        if (_machine.Find(this, handle) is not { } record) return Status.BadHandle;
        record.IsClosedLate = true;
        return Status.Ok;
    }

    private Status KeepOpen(ulong handle)
    {
        Status status = Check(handle, ObjectType.None, Rights.None, out CapabilityRecord record);
        if (status != Status.Ok) return status;
        bool wasLate = record.IsClosedLate;
        record.IsClosedLate = false;
        return wasLate ? Status.Ok : Status.NotFound;
    }

    private CallResult Copy(ref Registers registers)
    {
        Status status = Check(registers.A0, ObjectType.None, Rights.Pass, out var source);
        if (status == Status.Ok && source.Type == ObjectType.Reply) status = Status.WrongType;
        if (status != Status.Ok) return new CallResult(status);
        registers.A0 = CopyTo(source, this, (Rights)registers.A1).Handle.Value;
        return new CallResult(Status.Ok);
    }

    private CallResult MoveToVault(ref Registers registers)
    {
        CapabilityRecord? record = _machine.Find(this, registers.A0);
        if (record is null)
        {
            return _machine.OtherCalls?.Invoke(this, ref registers)
                ?? new CallResult(Status.BadHandle);
        }
        record.IsInVault = registers.A1 == 1;
        return new CallResult(Status.Ok);
    }

    private CallResult Mint(ref Registers registers)
    {
        Status status = Check(registers.A0, ObjectType.Endpoint, Rights.Mint, out var source);
        if (status != Status.Ok) return new CallResult(status);
        CapabilityRecord parent = source;
        Rights mintable = source.Rights | Rights.Use;
        if (registers.A3 != 0)
        {
            status = Check(registers.A3, ObjectType.Reply, Rights.None, out var reply);
            if (status != Status.Ok) return new CallResult(status);
            parent = ((PendingCall)reply.Target).Through;
            if (parent.Type == ObjectType.Tombstone) return new CallResult(Status.Revoked);
            mintable &= parent.Rights | ~Rights.Write;
        }
        if (parent.Depth >= Limits.MintDepth) return new CallResult(Status.QuotaExceeded);
        registers.A0 = _machine.Add(
            this, ObjectType.Endpoint, source.Target, mintable & (Rights)registers.A1,
            new Badge(registers.A2), parent).Handle.Value;
        return new CallResult(Status.Ok);
    }

    /// <summary>A reply that mints: the handle is the caller's. TooLarge: it has no room.</summary>
    private Status MintFor(PendingCall call, in Registers registers, out Handle handle)
    {
        handle = default;
        Status status = Check(registers.A2, ObjectType.Endpoint, Rights.Mint, out var source);
        if (status != Status.Ok) return status;
        Rights rights = (Rights)registers.A10;
        if ((rights & ~(source.Rights | Rights.Use)) != 0) return Status.NoRight;
        bool hasRoom = call.Message.A3 != 0 && (call.Info.Flags & MessageFlags.Short) == 0
            && _machine.CountCapabilities(call.Caller) < call.Caller.HandleQuota
            && call.Through.Depth < Limits.MintDepth;
        if (!hasRoom) return Status.TooLarge;
        if ((call.Through.Rights & Rights.Write) == 0) rights &= ~Rights.Write;
        handle = _machine.Add(
            call.Caller, ObjectType.Endpoint, source.Target, rights, new Badge(registers.A9),
            call.Through).Handle;
        return Status.Ok;
    }

    private CallResult Revoke(ulong handle)
    {
        Status status = Check(handle, ObjectType.None, Rights.Revoke, out var record);
        if (status == Status.Ok) _machine.Revoke(record);
        return new CallResult(status);
    }

    private CallResult Describe(ref Registers registers)
    {
        CapabilityRecord? record = _machine.Find(this, registers.A0);
        if (record is null) return new CallResult(Status.BadHandle);
        registers.A0 = (ulong)record.Type;
        registers.A1 = (ulong)record.Rights;
        registers.A2 = record.Badge.Value;
        registers.A3 = record.Target is LoopbackEndpoint endpoint ? (ulong)endpoint.Index : 0;
        return new CallResult(Status.Ok);
    }

    private CallResult CreateEndpoint(ref Registers registers)
    {
        LoopbackEndpoint endpoint = new(
            _machine.Endpoints.Count, (OnDeath)registers.A0, registers.A2);
        _machine.Endpoints.Add(endpoint);
        return Made(ref registers, ObjectType.Endpoint, endpoint);
    }

    private CallResult ListBadges(ref Registers registers)
    {
        Status status = Check(registers.A0, ObjectType.Endpoint, Rights.Mint, out var record);
        if (status != Status.Ok) return new CallResult(status);
        Span<ulong> target = MemoryMarshal.Cast<byte, ulong>(
            HostMemory.Bytes(registers.A1, registers.A2 * 8));
        ulong after = registers.A3;
        ulong[] badges = ((LoopbackEndpoint)record.Target).LiveBadges.Keys
            .Where(badge => badge > after).Take(target.Length).ToArray();
        badges.CopyTo(target);
        registers.A0 = (ulong)badges.Length;
        return new CallResult(Status.Ok);
    }

    private CallResult Signal(ref Registers registers)
    {
        Status status = Check(
            registers.A0, ObjectType.Notification, Rights.Signal, out var record);
        if (status != Status.Ok) return new CallResult(status);
        LoopbackNotification notification = (LoopbackNotification)record.Target;
        notification.Bits |= registers.A1;
        foreach (LoopbackEndpoint endpoint in _machine.Endpoints.ToArray())
        {
            if (endpoint.Server?.Kernel == notification.BoundBy) endpoint.Server?.Pump();
        }
        _machine.Pulse();
        return new CallResult(Status.Ok);
    }

    private CallResult Bind(ulong handle)
    {
        Status status = Check(handle, ObjectType.Notification, Rights.Wait, out var record);
        if (status != Status.Ok) return new CallResult(status);
        _bound = (LoopbackNotification)record.Target;
        _bound.BoundBy = this;
        return new CallResult(Status.Ok);
    }

    private CallResult WriteLog(ref Registers registers)
    {
        Status status = Check(registers.A0, ObjectType.Log, Rights.Write, out _);
        if (status != Status.Ok) return new CallResult(status);
        string text = Encoding.UTF8.GetString(HostMemory.Bytes(registers.A1, registers.A2));
        _machine.WriteLog($"{Name}: {text}");
        return new CallResult(Status.Ok);
    }

    private CallResult TakeLastWords(ref Registers registers)
    {
        int lengthBytes = (int)Math.Min(registers.A1, Shared.Abi.Limits.LastWordsBytes);
        string text = Encoding.UTF8.GetString(
            HostMemory.Bytes(registers.A0, (ulong)lengthBytes));
        LastWords ??= (text, (DeathCause)registers.A2);
        return new CallResult(Status.Ok);
    }
}
