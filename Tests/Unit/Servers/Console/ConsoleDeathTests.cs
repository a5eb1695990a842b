// The console dies at every store to its vault in turn: whoever reads and writes gets what he gets
// without a death, and the far end of the serial line sees the same.

using System;
using System.Collections.Generic;
using System.Text;
using System.Threading.Tasks;
using NUnit.Framework;
using Servers.Console;
using Servers.Console.Devices;
using Servers.Console.Keeping;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Vaults;
using Tests.Loopback;

namespace Tests.Unit.Servers.Console;

public sealed class ConsoleDeathTests
{
    /// <summary>A console over one vault, which the first incarnation dies at a store of.</summary>
    private sealed class Scene
    {
        private readonly HeapVaultMemory _vault = new(ConsoleVault.VaultBytes);
        private bool _isFirst = true;

        public Scene(int dieAt = -1, LastStore last = LastStore.Missing)
        {
            Memory = new MortalMemory(_vault, dieAt, last: last);
            Machine.OtherCalls = Serial.Answer;
            Server = Machine.Serve("console", Make);
            Shell = Machine.CreateTask("shell");
        }

        public LoopbackMachine Machine { get; } = new();
        public FakeSerial Serial { get; } = new();
        public MortalMemory Memory { get; }
        public LoopbackServer Server { get; }
        public LoopbackKernel Shell { get; }

        public Handle OpenSession(LoopbackKernel owner)
        {
            Result<Capability> session =
                new ConsoleClient(owner, Server.Connect(owner)).OpenSession();
            Assert.That(session.Status, Is.EqualTo(Status.Ok));
            return session.Value.Handle;
        }

        public void Type(string keys)
        {
            Serial.Receive(Keystrokes.Bytes(keys));
            Server.Signal((ControlBits)Serial.Bits);
        }

        public void Restart() => Server.Restart(Make);

        private IServer Make(TaskContext context)
        {
            try
            {
                return new MortalServer(MakeOver(context, _isFirst ? Memory : _vault), Died);
            }
            catch (VaultDeath)
            {
                _isFirst = false;
                return Make(context);
            }
        }

        private ConsoleServer MakeOver(TaskContext context, IVaultMemory memory)
        {
            Hardware hardware = new(
                new Handle(1), new Handle(2), Handle.None, Handle.None, Handle.None, Handle.None);
            ConsoleVault vault = new(memory);
            // A byte between a port and its store: nobody can know of it.
            if (Serial.TakenBytes > vault.Received.Count) Serial.TypeAgain();
            if (Serial.SentBytes > vault.Unsent.SentBytes) Serial.DropLastSent();
            ConsoleServer server = new(context.Kernel, hardware, vault);
            server.Start(context.Claim("endpoint"), context.Claim("control"));
            return server;
        }

        private void Died()
        {
            _isFirst = false;
            Restart();
        }
    }

    /// <summary>What a shell and a program do with a console, without anybody who waits.</summary>
    private static List<string> Play(Scene scene)
    {
        List<string> heard = [];
        LoopbackKernel shell = scene.Shell;
        Handle session = scene.OpenSession(shell);
        ConsoleClient console = new(shell, session);
        ByteStreamClient stream = new(shell, session);
        Handle notification = shell.NotificationCreate().Value;
        shell.NotificationBind(notification);
        for (int i = 0; i < 2; i++)
        {
            heard.Add($"{console.OnInterrupt(new Capability(notification))}");
        }

        scene.Type("first{cr}se");
        ReadLine();
        scene.Type("cond{cr}");
        ReadLine();
        heard.Add($"{stream.Write("text without an end"u8)}");
        scene.Type("mou{tab}");
        ReadLine();
        heard.Add($"{console.Complete(0, "mount")}");
        scene.Type("x{esc}[D{esc}[Dy{cr}");
        ReadLine();
        scene.Type("{esc}[A{esc}[A{cr}");
        ReadLine();
        Program();
        scene.Type("ahead{cr}{^C}");
        heard.Add($"bits {shell.ReceiveNotification(1).Value:x}");
        scene.Type("last{cr}{^D}");
        ReadLine();
        ReadLine();
        heard.Add($"handles {scene.Machine.CountCapabilities(scene.Server.Kernel)}");
        heard.Add(scene.Serial.TakeSent());
        return heard;

        void ReadLine()
        {
            byte[] line = new byte[100];
            Result<LineRead> read = console.ReadLine("$ ", line);
            string text = Encoding.UTF8.GetString(line, 0, (int)read.Value.LengthBytes);
            heard.Add($"{read.Status} {read.Value.Kind} '{text}'");
        }

        void Program()
        {
            LoopbackKernel task = scene.Machine.CreateTask("program");
            ByteStreamClient own = new(task, scene.OpenSession(task));
            scene.Type("hello{cr}");
            byte[] piece = new byte[4];
            for (int i = 0; i < 2; i++)
            {
                Result<uint> read = own.Read(piece);
                heard.Add($"{read} {Convert.ToHexString(piece.AsSpan(0, (int)read.Value))}");
            }
            heard.Add($"{own.Write(Encoding.ASCII.GetBytes(new string('z', 4200) + "\n"))}");
            heard.Add($"{new ConsoleClient(task, own.Endpoint).OnInterrupt(default)}");
            task.Die();
        }
    }

    [Test]
    public void Death_at_every_store_is_seen_by_nobody([Values] LastStore last)
    {
        Scene calm = new();
        List<string> expected = Play(calm);
        Assert.That(expected, Does.Contain("Ok Line 'mouynt x'").Or.Contain("Ok Line 'mounty x'"));
        Assert.That(calm.Memory.Stores, Is.GreaterThan(4_000));
        for (int store = 0; store < calm.Memory.Stores; store++)
        {
            Scene scene = new(store, last);
            Assert.That(Play(scene), Is.EqualTo(expected), $"store {store}");
            Assert.That(scene.Memory.IsDead, Is.True, $"store {store}");
        }
    }

    [Test]
    public async Task Line_that_is_being_typed_is_still_there()
    {
        Scene scene = new();
        Handle session = scene.OpenSession(scene.Shell);
        byte[] line = new byte[100];
        Task<Result<LineRead>> read = Task.Run(
            () => new ConsoleClient(scene.Shell, session).ReadLine("$ ", line));
        scene.Machine.WaitParked(1);
        scene.Type("half {esc}[");
        for (int i = 0; i < 3; i++) scene.Restart();
        scene.Type("Ddone{cr}");
        Assert.That((await read).Value.LengthBytes, Is.EqualTo(9));
        Assert.That(Encoding.ASCII.GetString(line, 0, 9), Is.EqualTo("halfdone "));
        Assert.That(
            scene.Serial.TakeSent(), Is.EqualTo("$ half \bd \bo \bn \be \b\r\n"));
    }

    [Test]
    public async Task Output_that_waits_for_a_slow_line_is_not_lost()
    {
        Scene scene = new();
        Handle session = scene.OpenSession(scene.Shell);
        scene.Serial.Room = 100;
        StringBuilder text = new();
        for (int i = 0; text.Length < 200_000; i++) text.Append(i).Append(' ');
        Task<Status> write = Task.Run(() => new ByteStreamClient(scene.Shell, session).Write(
            Encoding.ASCII.GetBytes(text.ToString())));
        scene.Machine.WaitParked(1);
        for (int i = 0; i < 5; i++)
        {
            scene.Restart();
            scene.Serial.Room = 7_000;
            scene.Server.Signal((ControlBits)scene.Serial.Bits);
        }
        scene.Serial.Room = int.MaxValue;
        scene.Server.Signal((ControlBits)scene.Serial.Bits);
        Assert.That(await write, Is.EqualTo(Status.Ok));
        Assert.That(scene.Serial.TakeSent(), Is.EqualTo(text.ToString()));
    }

    [Test]
    public void Sessions_that_were_closed_while_nobody_served_are_forgotten()
    {
        Scene scene = new();
        Handle session = scene.OpenSession(scene.Shell);
        LoopbackKernel program = scene.Machine.CreateTask("program");
        Handle notification = program.NotificationCreate().Value;
        new ConsoleClient(program, scene.OpenSession(program)).OnInterrupt(
            new Capability(notification));
        int before = scene.Machine.CountCapabilities(scene.Server.Kernel);
        scene.Server.Kill();
        program.Die();
        scene.Restart();
        Assert.That(
            scene.Machine.CountCapabilities(scene.Server.Kernel), Is.EqualTo(before - 1));
        scene.Type("x{cr}");
        byte[] line = new byte[10];
        Result<LineRead> read = new ConsoleClient(scene.Shell, session).ReadLine("$ ", line);
        Assert.That(read.Value.LengthBytes, Is.EqualTo(1));
    }

    [Test]
    public void History_is_still_there_and_full_after_many_lines()
    {
        Scene scene = new();
        ConsoleClient console = new(scene.Shell, scene.OpenSession(scene.Shell));
        byte[] line = new byte[10];
        for (int i = 0; i < 250; i++)
        {
            scene.Type($"line{i}{{cr}}");
            console.ReadLine("$ ", line);
        }
        scene.Restart();
        scene.Type(string.Concat(System.Linq.Enumerable.Repeat("{esc}[A", 300)) + "{cr}");
        Result<LineRead> read = console.ReadLine("$ ", line);
        Assert.That(
            Encoding.ASCII.GetString(line, 0, (int)read.Value.LengthBytes), Is.EqualTo("line50"));
    }
}
