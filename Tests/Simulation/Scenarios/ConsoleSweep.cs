// One boot, and in it the same short talk over the serial line again and again, with a kill of the
// real console at each of its kernel calls and stores in turn: the program and the far end of the
// line see what they see without it.
//
// Rules: a byte between a port and its store is given back by the line (docs/caveats.md, decision
// 0016): nobody can know of it. There is no screen and no keyboard.

using Servers.Console;
using Servers.Console.Devices;
using Servers.Console.Keeping;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using System;
using System.Collections.Generic;
using System.Text;
using Tests.FakeMachine;
using Tests.Simulation.Kills;
using Tests.Simulation.Work;

namespace Tests.Simulation.Scenarios;

public sealed class ConsoleSweep
{
    const string Victim = "console";
    const string Heard = "Ok one|Ok|Ok two";
    /// <summary>A letter was taken back: cursor to the left, erase to the end.</summary>
    const string Seen = "$ one\r\nsome text\r\n$ tx\b\u001b[Jwo\r\n";
    const ulong TypingNs = 20_000_000;
    const int MaxPoints = 10_000;

    int point;
    string? failure;

    public SimulatedSystem System { get; set; } = null!;
    public SerialLine Line { get; } = new();
    public SweepKiller Killer { get; } = new() { Only = Victim };
    public IReadOnlyDictionary<string, Action<TaskContext>> Programs =>
        new Dictionary<string, Action<TaskContext>> { [Victim] = Serve };

    string When => $"kill at point {point} ({Killer.Point})";

    public void Run(TaskContext context)
    {
        Hands hands = new(context, "/home");
        Talk(hands);
        string counts = Counts(hands);
        for (point = 0; RunOnce(hands); point++) Require(point < MaxPoints, "it never ends");
        string found = Counts(hands);
        Require(found == counts, $"counters '{found}', expected '{counts}'\n{System.Holders}");
    }

    /// <summary>False when no point is left: nobody has died.</summary>
    bool RunOnce(Hands hands)
    {
        Killer.Arm(point);
        Talk(hands);
        Killer.Disarm();
        KernelAudit.Check(System.Kernel);
        return Killer.Victim is not null;
    }

    void Talk(Hands hands)
    {
        Result<Capability> opened = new ConsoleClient(
            hands.Kernel, hands.Context.Claim(Victim)).OpenSession();
        Require(opened.IsOk, $"session: {opened.Status}");
        Handle session = opened.Value.Handle;
        ConsoleClient console = new(hands.Kernel, session);
        Type(hands, "one\r");
        string heard = ReadLine(console);
        heard += $"|{new ByteStreamClient(hands.Kernel, session).Write("some text\n"u8)}|";
        Type(hands, "tx\u007fwo\r");
        heard += ReadLine(console);
        hands.Kernel.Close(session);
        hands.Sleep(TypingNs);
        string seen = Line.TakeSent();
        Require(failure is null, $"{failure}");
        Require(heard == Heard, $"heard '{heard}'");
        Require(seen == Seen, $"seen '{seen.ReplaceLineEndings("/")}'");
    }

    void Type(Hands hands, string keys)
    {
        Line.Type(keys);
        System.RaiseInterrupt(SerialLine.InterruptNumber);
        hands.Sleep(TypingNs);
    }

    static string ReadLine(ConsoleClient console)
    {
        byte[] line = new byte[100];
        Result<LineRead> read = console.ReadLine("$ ", line);
        return $"{read.Status} {Encoding.UTF8.GetString(line, 0, (int)read.Value.LengthBytes)}";
    }

    string Counts(Hands hands)
    {
        // Until boot, or the last death, has no deadlines left.
        hands.Sleep(6_000_000_000);
        return System.Counts;
    }

    /// <summary>As Servers/Console/Program.cs, without screen and keyboard.</summary>
    void Serve(TaskContext context)
    {
        SimulatedTask task = (SimulatedTask)context.Kernel;
        ConsoleVault vault = new(SimulatedVault.Claim(System.Kernel, task, context));
        if (Line.TakenBytes > vault.Received.Count) Line.TypeAgain();
        if (Line.SentBytes > vault.Unsent.SentBytes) Line.DropLastSent();
        bool isOneByte = Line.TakenBytes == vault.Received.Count
            && Line.SentBytes == vault.Unsent.SentBytes;
        // It is told after the talk: a console that fails here would be started for ever.
        if (!isOneByte) failure ??= $"{When}: more than one byte is lost, or comes again";
        Hardware hardware = new(
            context.Claim("ports_com1"), context.Claim("irq_com1"),
            Handle.None, Handle.None, Handle.None, Handle.None);
        ConsoleServer server = new(context.Kernel, hardware, vault);
        Handle endpoint = context.Claim("endpoint"), control = context.Claim("control");
        server.Start(endpoint, control);
        new ServerLoop(context.Kernel, endpoint, control)
            .Run(server, context.Find("supervisor"));
    }

    void Require(bool isRight, string what)
    {
        if (!isRight) throw new InvalidOperationException($"{When}: {what}");
    }
}
