// Answers IConsole and IByteStream, and hears of interrupts.
//
// Rules: one thread, never waits: reads and writes that cannot end now are parked; knows no words
// of the shell: completion is asked for and answered by the reader. Everything is in the vault
// before it is seen outside: the next incarnation goes on in the middle of a line, or of a write.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using Servers.Console.Devices;
using Servers.Console.Keeping;
using Servers.Console.Screens;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Vaults;

namespace Servers.Console;

public sealed class ConsoleServer : IServer, IConsoleHandler, IByteStreamHandler
{
    private const ulong SerialBit = 1UL << 32;
    private const ulong KeyboardBit = 1UL << 33;
    private const int CopyBytes = 4096;
    /// <summary>A device that gives more than so many buffers at once is no working one.</summary>
    private const int MaxTurns = 256;

    private sealed class Writer(Request request, ReadLease source)
    {
        public Request Request { get; } = request;
        public ReadLease Source { get; } = source;
        public uint Offset { get; set; }
    }

    private readonly IKernel _kernel;
    private readonly Uart _uart;
    private readonly Ps2Port? _keyboard;
    private readonly Terminal _terminal;
    private readonly ConsoleVault _vault;
    private readonly Sessions _sessions;
    private readonly LineDesk _desk;
    private readonly Queue<Writer> _writers = new();
    private readonly List<byte> _typed = [];
    private readonly byte[] _copy = new byte[CopyBytes];

    public ConsoleServer(IKernel kernel, Hardware hardware, ConsoleVault vault)
    {
        _kernel = kernel;
        _vault = vault;
        _uart = new Uart(
            kernel, hardware.SerialPorts, hardware.SerialInterrupt, vault.Unsent, vault.Received);
        _terminal = new Terminal(
            vault.Unsent.Add,
            VgaDevice.Open(kernel, hardware.ScreenPorts, hardware.ScreenMemory));
        _keyboard = hardware.KeyboardPorts.IsNone
            ? null
            : new Ps2Port(kernel, hardware.KeyboardPorts, hardware.KeyboardInterrupt);
        _sessions = new Sessions(vault.SessionTable);
        _sessions.Restore();
        _desk = new LineDesk(
            vault, _terminal, _keyboard?.Keyboard, _sessions,
            notification => kernel.NotificationSignal(notification, (ulong)ControlBits.Interrupt));
    }

    public ulong NextDeadlineNs => 0;

    /// <summary>
    /// Starts the devices, and forgets the sessions that were closed while nobody served.
    /// </summary>
    public void Start(Handle endpoint, Handle control)
    {
        Reconcile(endpoint);
        _desk.TellOfInterrupt();
        _uart.Start(control, SerialBit);
        _keyboard?.Start(control, KeyboardBit, _typed);
        TakeTyped(SerialBit);
        Commit();
    }

    public void Handle(Request request)
    {
        bool isDone = ByteStreamDispatcher.Dispatch(this, request);
        if (!isDone) ConsoleDispatcher.Dispatch(this, request);
    }

    public void Closed(Badge badge)
    {
        if (_sessions.Remove(badge) is not { } session) return;
        foreach (Reader reader in _sessions.ReadersOf(session))
        {
            _sessions.Remove(reader);
            reader.Request.Complete(Status.Cancelled);
        }
        // Before the record goes: a handle that nobody knows would stay for ever.
        _kernel.Close(session.Interrupt);
        _kernel.Close(session.Replaced);
    }

    public void Notified(ulong bits)
    {
        if ((bits & KeyboardBit) != 0) _keyboard?.HandleInterrupt(_typed);
        TakeTyped(bits);
        if (_writers.Count != 0) GoOnWriting();
    }

    /// <summary>What has changed is in the vault; then it is seen.</summary>
    public void Commit()
    {
        _desk.Commit();
        _uart.Send();
        _terminal.Flush();
    }

    public void DeadlineReached()
    {
    }

    public Result<Capability> OpenSession(Request request)
    {
        if (_sessions.IsFull) return Status.QuotaExceeded;
        Badge badge = _sessions.NextBadge();
        Result<Capability> session = request.Mint(Rights.Call | Rights.Pass, badge);
        if (session.IsOk) _sessions.Get(badge);
        return session;
    }

    public Result<LineRead> ReadLine(Request request, string prompt, WriteLease target)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(prompt);
        return StartReading(request, target, bytes);
    }

    public Status Complete(Request request, uint wordOffset, string candidates)
    {
        if (_vault.Requests.TryFind(request, out ulong answer)) return (Status)answer;
        Status status = _desk.Complete(wordOffset, candidates);
        _vault.Requests.Record(request, (ulong)status);
        return status;
    }

    public Status OnInterrupt(Request request, Capability notification)
    {
        Session session = _sessions.Get(request.Badge);
        _kernel.Close(session.Replaced);
        session.Replaced = session.Interrupt;
        session.Interrupt = notification.Handle;
        if (!_sessions.Put(session)) return DropInterrupt(session);
        // The record first: a death before the move leaves a handle in it that is nothing, and the
        // call comes again; the other way round the vault would hold one that nobody knows.
        _desk.Commit();
        _kernel.MoveToVault(session.Interrupt);
        _kernel.Close(session.Replaced);
        return Status.Ok;
    }

    private Status DropInterrupt(Session session)
    {
        _kernel.Close(session.Interrupt);
        session.Interrupt = default;
        return Status.QuotaExceeded;
    }

    public Result<ConsoleSize> Size(Request request) =>
        new ConsoleSize(VgaScreen.Columns, VgaScreen.Rows);

    public Result<uint> Read(Request request, WriteLease target)
    {
        if (target.LengthBytes == 0) return 0u;
        return StartReading(request, target, null);
    }

    public Status Write(Request request, ReadLease source)
    {
        Writer writer = new(request, source);
        if (_vault.Requests.TryFind(request, out ulong printed)) writer.Offset = (uint)printed;
        if (_writers.Count == 0)
        {
            Status status = Continue(writer);
            if (status != Status.Parked)
            {
                _desk.Serve();
                return status;
            }
        }
        if (request.Park() == Status.Ok) _writers.Enqueue(writer);
        return Status.Parked;
    }

    private Status StartReading(Request request, WriteLease target, byte[]? prompt)
    {
        Session session = _sessions.Get(request.Badge);
        if (request.Park() != Status.Ok) return Status.Parked;
        Reader reader = new(session, request, target, prompt);
        if (request.Attempt > 1
            && _vault.Answers.TryFind(request.Id, out var status, out var kind, out var line))
        {
            LineDesk.Give(reader, status, kind, line);
            _vault.Answers.Remove(request.Id);
            return Status.Parked;
        }
        if (prompt is null && !session.Rest.IsEmpty)
        {
            _desk.AnswerRest(reader);
            return Status.Parked;
        }
        Reader? dropped = _sessions.Add(reader);
        dropped?.Request.Complete(Status.Cancelled);
        _desk.Serve();
        return Status.Parked;
    }

    /// <summary>What the devices have given goes to the desk.</summary>
    private void TakeTyped(ulong bits)
    {
        bool isDone = false;
        for (int turn = 0; turn < MaxTurns && !isDone; turn++)
        {
            isDone = (bits & SerialBit) == 0 || _uart.HandleInterrupt();
            _vault.Received.Take(_typed);
            _desk.Type(CollectionsMarshal.AsSpan(_typed));
            _typed.Clear();
            Commit();
        }
    }

    private void GoOnWriting()
    {
        while (_writers.TryPeek(out Writer? writer))
        {
            Status status = Continue(writer);
            if (status == Status.Parked) break;
            _writers.Dequeue();
            writer.Request.Complete(status);
        }
        _desk.Serve();
    }

    /// <summary>Prints as much as the line takes. Parked when something is left.</summary>
    private Status Continue(Writer writer)
    {
        while (writer.Offset < writer.Source.LengthBytes)
        {
            if (_vault.Unsent.IsFull) return Status.Parked;
            int length = (int)Math.Min(writer.Source.LengthBytes - writer.Offset, CopyBytes);
            Status status = writer.Source.CopyTo(writer.Offset, _copy.AsSpan(0, length));
            if (status != Status.Ok) return status;
            _desk.Print(_copy.AsSpan(0, length));
            writer.Offset += (uint)length;
            _vault.Requests.Record(writer.Request, writer.Offset);
            Commit();
        }
        return Status.Ok;
    }

    private void Reconcile(Handle endpoint)
    {
        HashSet<ulong>? live = LiveBadges.Read(_kernel, endpoint);
        ulong last = live is null ? 0 : live.DefaultIfEmpty().Max();
        foreach (Session session in _sessions.All.ToArray())
        {
            last = Math.Max(last, session.Badge.Value);
            bool isLive = live is null || live.Contains(session.Badge.Value);
            if (!isLive) Closed(session.Badge);
        }
        _sessions.SetLastBadge(last);
        if (_vault.IsFirst && last != 0) _terminal.ForgetColumn();
    }
}
