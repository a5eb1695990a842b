// The whole console on the host: real loop and contracts, a fake serial line.

using System.Text;
using System.Threading.Tasks;
using NUnit.Framework;
using Servers.Console;
using Servers.Console.Devices;
using Servers.Console.Keeping;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Tests.Loopback;

namespace Tests.Unit.Servers.Console;

[TestFixture]
public sealed class ConsoleServerTests
{
    private LoopbackMachine _machine = null!;
    private FakeSerial _serial = null!;
    private LoopbackServer _server = null!;
    private LoopbackKernel _shell = null!;

    [SetUp]
    public void Start()
    {
        _machine = new LoopbackMachine();
        _serial = new FakeSerial();
        _machine.OtherCalls = _serial.Answer;
        _server = _machine.Serve("console", Make);
        _shell = _machine.CreateTask("shell");
    }

    private static IServer Make(TaskContext context)
    {
        Hardware hardware = new(
            new Handle(1), new Handle(2), Handle.None, Handle.None, Handle.None, Handle.None);
        ConsoleServer server = new(context.Kernel, hardware, ConsoleVault.OnHeap());
        server.Start(context.Claim("endpoint"), context.Claim("control"));
        return server;
    }

    private Handle OpenSession(LoopbackKernel owner)
    {
        Result<Capability> session = new ConsoleClient(owner, _server.Connect(owner)).OpenSession();
        Assert.That(session.Status, Is.EqualTo(Status.Ok));
        return session.Value.Handle;
    }

    private void Type(string keys)
    {
        _serial.Receive(Keystrokes.Bytes(keys));
        _server.Signal((ControlBits)_serial.Bits);
    }

    private static (Status Status, string Text, LineKind Kind) ReadLine(
        LoopbackKernel task, Handle session, string prompt = "$ ")
    {
        byte[] line = new byte[4096];
        Result<LineRead> read = new ConsoleClient(task, session).ReadLine(prompt, line);
        return (read.Status, Encoding.UTF8.GetString(line, 0, (int)read.Value.LengthBytes),
            read.Value.Kind);
    }

    private Task<(Status Status, string Text, LineKind Kind)> StartReading(
        LoopbackKernel task, Handle session, int parked = 1)
    {
        Task<(Status Status, string Text, LineKind Kind)> read =
            Task.Run(() => ReadLine(task, session));
        _machine.WaitParked(parked);
        return read;
    }

    [Test]
    public void Line_that_was_typed_ahead_is_read_and_echoed_after_the_prompt()
    {
        Handle session = OpenSession(_shell);
        Type("first{cr}second{cr}");
        Assert.That(_serial.TakeSent(), Is.Empty);
        Assert.That(
            ReadLine(_shell, session), Is.EqualTo((Status.Ok, "first", LineKind.Line)));
        Assert.That(_serial.TakeSent(), Is.EqualTo("$ first\r\n"));
        Assert.That(ReadLine(_shell, session).Text, Is.EqualTo("second"));
    }

    [Test]
    public async Task Line_is_read_as_it_is_typed()
    {
        Handle session = OpenSession(_shell);
        var read = StartReading(_shell, session);
        Type("ab");
        Type("c{cr}");
        Assert.That((await read).Text, Is.EqualTo("abc"));
        Assert.That(_serial.TakeSent(), Is.EqualTo("$ abc\r\n"));
    }

    [Test]
    public async Task Typed_line_outlives_a_reader_that_was_killed()
    {
        Handle session = OpenSession(_shell);
        var dead = StartReading(_shell, session);
        Type("half");
        _shell.Die();
        await dead;
        LoopbackKernel next = _machine.CreateTask("shell");
        var read = StartReading(next, OpenSession(next));
        Type(" done{cr}");
        Assert.That((await read).Text, Is.EqualTo("half done"));
    }

    [Test]
    public async Task Interrupt_ends_the_line_that_is_read()
    {
        Handle session = OpenSession(_shell);
        var read = StartReading(_shell, session);
        Type("abc{^C}");
        Assert.That((await read).Status, Is.EqualTo(Status.Interrupted));
    }

    [Test]
    public void Interrupt_without_a_reader_is_signalled_and_drops_what_was_typed()
    {
        Handle session = OpenSession(_shell);
        Handle notification = _shell.NotificationCreate().Value;
        _shell.NotificationBind(notification);
        ConsoleClient client = new(_shell, session);
        Assert.That(client.OnInterrupt(new Capability(notification)), Is.EqualTo(Status.Ok));
        Type("ahead{cr}{^C}");
        Assert.That(
            _shell.ReceiveNotification(1).Value, Is.EqualTo((ulong)ControlBits.Interrupt));
        Type("after{cr}");
        Assert.That(ReadLine(_shell, session).Text, Is.EqualTo("after"));
    }

    [Test]
    public async Task Reader_that_was_cancelled_shows_no_prompt_and_takes_no_interrupt()
    {
        Handle session = OpenSession(_shell);
        Handle notification = _shell.NotificationCreate().Value;
        new ConsoleClient(_shell, session).OnInterrupt(new Capability(notification));
        Handle main = default;
        var cancelled = Task.Run(() =>
        {
            main = _shell.ThreadSelf().Value;
            return ReadLine(_shell, session);
        });
        _machine.WaitParked(1);
        _shell.CancelCall(main);
        Assert.That((await cancelled).Status, Is.EqualTo(Status.Cancelled));
        var read = StartReading(_shell, session);
        Type("line{cr}");
        Assert.That((await read).Text, Is.EqualTo("line"));
        Assert.That(_serial.TakeSent(), Is.EqualTo("$ line\r\n"));
        Type("{^C}");
        _shell.NotificationBind(notification);
        Assert.That(
            _shell.ReceiveNotification(1).Value, Is.EqualTo((ulong)ControlBits.Interrupt));
        Assert.That(_serial.TakeSent(), Is.EqualTo("^C\r\n"));
    }

    [Test]
    public async Task Output_of_a_job_leaves_prompt_and_line_last()
    {
        Handle session = OpenSession(_shell);
        var read = StartReading(_shell, session);
        Type("typed");
        _serial.TakeSent();
        LoopbackKernel job = _machine.CreateTask("job");
        new ByteStreamClient(job, OpenSession(job)).Write("done\n"u8);
        Assert.That(_serial.TakeSent(), Is.EqualTo("\r\e[Jdone\r\n$ typed"));
        Type("{cr}");
        Assert.That((await read).Text, Is.EqualTo("typed"));
    }

    [Test]
    public void Prompt_begins_on_a_fresh_line_after_output_without_an_end()
    {
        Handle session = OpenSession(_shell);
        new ByteStreamClient(_shell, session).Write("no end"u8);
        Type("x{cr}");
        ReadLine(_shell, session);
        Assert.That(_serial.TakeSent(), Is.EqualTo("no end\r\n$ x\r\n"));
    }

    [Test]
    public void Program_reads_lines_with_their_ends_in_pieces()
    {
        Handle session = OpenSession(_shell);
        ByteStreamClient stream = new(_shell, session);
        Type("hello{cr}{^D}");
        byte[] bytes = new byte[4];
        Assert.That(stream.Read(bytes).Value, Is.EqualTo(4));
        Assert.That(bytes, Is.EqualTo("hell"u8.ToArray()));
        Assert.That(stream.Read(bytes).Value, Is.EqualTo(2));
        Assert.That(bytes[..2], Is.EqualTo("o\n"u8.ToArray()));
        Assert.That(stream.Read(bytes).Status, Is.EqualTo(Status.EndOfStream));
    }

    [Test]
    public void Tab_asks_the_reader_and_the_next_read_goes_on()
    {
        Handle session = OpenSession(_shell);
        Type("mou{tab}");
        Assert.That(
            ReadLine(_shell, session), Is.EqualTo((Status.Ok, "mou", LineKind.Complete)));
        ConsoleClient client = new(_shell, session);
        Assert.That(client.Complete(9, "mount"), Is.EqualTo(Status.BadArgument));
        Assert.That(client.Complete(0, "mount"), Is.EqualTo(Status.Ok));
        Type("x{cr}");
        Assert.That(ReadLine(_shell, session).Text, Is.EqualTo("mount x"));
    }

    [Test]
    public void Line_beyond_4096_bytes_is_too_large_and_the_next_one_is_sound()
    {
        Handle session = OpenSession(_shell);
        Type(new string('x', 10_000) + "{cr}ok{cr}");
        Assert.That(ReadLine(_shell, session).Status, Is.EqualTo(Status.TooLarge));
        Assert.That(ReadLine(_shell, session).Text, Is.EqualTo("ok"));
    }

    [Test]
    public async Task Writer_waits_for_a_slow_line_and_loses_nothing()
    {
        Handle session = OpenSession(_shell);
        _serial.Room = 100;
        byte[] text = Encoding.ASCII.GetBytes(new string('y', 200_000));
        Task<Status> write = Task.Run(() => new ByteStreamClient(_shell, session).Write(text));
        _machine.WaitParked(1);
        _serial.Room = int.MaxValue;
        _server.Signal((ControlBits)_serial.Bits);
        Assert.That(await write, Is.EqualTo(Status.Ok));
        Assert.That(_serial.TakeSent(), Has.Length.EqualTo(200_000));
    }

    [Test]
    public void Session_of_an_earlier_incarnation_goes_on_and_new_ones_are_others()
    {
        Handle session = OpenSession(_shell);
        _server.Restart(Make);
        Type("x{cr}");
        Assert.That(ReadLine(_shell, session).Text, Is.EqualTo("x"));
        Handle other = OpenSession(_shell);
        Badge first = _shell.DescribeHandle(session).Value.Badge;
        Assert.That(_shell.DescribeHandle(other).Value.Badge.Value, Is.GreaterThan(first.Value));
    }
}
