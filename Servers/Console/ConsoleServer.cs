// Answers IConsole and IByteStream, and hears of interrupts.
//
// Rules: one thread, never waits: reads and writes that cannot end now are parked; knows no words
// of the shell: completion is asked for and answered by the reader.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using Servers.Console.Devices;
using Servers.Console.Screens;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Servers.Console;

public sealed class ConsoleServer : IServer, IConsoleHandler, IByteStreamHandler
{
    private const ulong SerialBit = 1UL << 32;
    private const ulong KeyboardBit = 1UL << 33;
    private const int CopyBytes = 4096;

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
    private readonly Sessions _sessions = new();
    private readonly LineDesk _desk;
    private readonly Queue<Writer> _writers = new();
    private readonly List<byte> _typed = [];
    private readonly byte[] _copy = new byte[CopyBytes];

    public ConsoleServer(IKernel kernel, Hardware hardware)
    {
        _kernel = kernel;
        _uart = new Uart(kernel, hardware.SerialPorts, hardware.SerialInterrupt);
        _terminal = new Terminal(
            _uart.Send, VgaDevice.Open(kernel, hardware.ScreenPorts, hardware.ScreenMemory));
        _desk = new LineDesk(
            _terminal, _sessions,
            notification => kernel.NotificationSignal(notification, (ulong)ControlBits.Interrupt));
        _keyboard = hardware.KeyboardPorts.IsNone
            ? null
            : new Ps2Port(kernel, hardware.KeyboardPorts, hardware.KeyboardInterrupt);
    }

    public ulong NextDeadlineNs => 0;

    /// <summary>Starts the devices; sessions of an earlier incarnation keep their badges.</summary>
    public void Start(Handle endpoint, Handle control)
    {
        ulong last = LastBadge(endpoint);
        _sessions.SetLastBadge(last);
        if (last != 0) _terminal.ForgetColumn();
        _uart.Start(control, SerialBit);
        _keyboard?.Start(control, KeyboardBit);
    }

    public void Handle(Request request)
    {
        bool isKnown = ByteStreamDispatcher.Dispatch(this, request)
            || ConsoleDispatcher.Dispatch(this, request);
        if (isKnown) _terminal.Flush();
    }

    public void Closed(Badge badge)
    {
        if (_sessions.Remove(badge) is not { } session) return;
        foreach (Reader reader in _sessions.ReadersOf(session))
        {
            _sessions.Remove(reader);
            reader.Request.Complete(Status.Cancelled);
        }
        if (!session.Interrupt.IsNone) _kernel.Close(session.Interrupt);
    }

    public void Notified(ulong bits)
    {
        _typed.Clear();
        if ((bits & SerialBit) != 0) _uart.HandleInterrupt(_typed);
        if ((bits & KeyboardBit) != 0) _keyboard?.HandleInterrupt(_typed);
        if (_typed.Count != 0) _desk.Type(CollectionsMarshal.AsSpan(_typed));
        if (_writers.Count != 0) GoOnWriting();
    }

    public void DeadlineReached()
    {
    }

    public Result<Capability> OpenSession(Request request)
    {
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

    public Status Complete(Request request, uint wordOffset, string candidates) =>
        _desk.Complete(wordOffset, candidates);

    public Status OnInterrupt(Request request, Capability notification)
    {
        Session session = _sessions.Get(request.Badge);
        if (!session.Interrupt.IsNone) _kernel.Close(session.Interrupt);
        session.Interrupt = notification.Handle;
        return Status.Ok;
    }

    public Result<ConsoleSize> Size(Request request) =>
        new ConsoleSize(VgaScreen.Columns, VgaScreen.Rows);

    public Result<uint> Read(Request request, WriteLease target)
    {
        Session session = _sessions.Get(request.Badge);
        if (target.LengthBytes == 0) return 0u;
        if (session.Rest.Count == 0) return StartReading(request, target, null);
        uint room = Math.Min(target.LengthBytes, CopyBytes);
        int length = (int)Math.Min((uint)session.Rest.Count, room);
        for (int i = 0; i < length; i++) _copy[i] = session.Rest.Dequeue();
        Status status = target.CopyFrom(0, _copy.AsSpan(0, length));
        return status == Status.Ok ? (uint)length : status;
    }

    public Status Write(Request request, ReadLease source)
    {
        Writer writer = new(request, source);
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
        Reader? dropped = _sessions.Add(new Reader(session, request, target, prompt));
        dropped?.Request.Complete(Status.Cancelled);
        _desk.Serve();
        return Status.Parked;
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
            if (_uart.IsFull) return Status.Parked;
            int length = (int)Math.Min(writer.Source.LengthBytes - writer.Offset, CopyBytes);
            Status status = writer.Source.CopyTo(writer.Offset, _copy.AsSpan(0, length));
            if (status != Status.Ok) return status;
            _desk.Print(_copy.AsSpan(0, length));
            writer.Offset += (uint)length;
        }
        return Status.Ok;
    }

    private ulong LastBadge(Handle endpoint)
    {
        ulong[] badges = new ulong[64];
        Badge last = default;
        while (true)
        {
            Result<uint> listed = _kernel.ListBadges(endpoint, badges, last);
            if (!listed.IsOk || listed.Value == 0) return last.Value;
            last = new Badge(badges[(int)listed.Value - 1]);
        }
    }
}
