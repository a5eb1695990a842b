// The whole supervisor on the host: real tables, keepers, loop and contract; only the processes
// are fake.

using System.Linq;
using System.Text;
using NUnit.Framework;
using Servers;
using Servers.Supervisor;
using Servers.Supervisor.Launching;
using Servers.Supervisor.Mounts;
using Servers.Supervisor.Reports;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using Shared.Sdk.Vaults;
using Tests.Loopback;

namespace Tests.Unit.Servers.Supervisor;

[TestFixture]
public sealed partial class SupervisorTests
{
    private const ulong Ms = 1_000_000;
    private const ulong VaultBytes = 4 << 20;
    private static readonly Handle Machine = new(9999);

    private LoopbackMachine _machine = null!;
    private FakeProcesses _processes = null!;
    private LoopbackServer _server = null!;
    private Parts _parts = null!;
    private LoopbackKernel _shell = null!;
    /// <summary>The kernel's, for MountWords.</summary>
    private Handle _page;
    private SupervisorClient _client = null!;

    [SetUp]
    public void Start()
    {
        _machine = new LoopbackMachine();
        _processes = new FakeProcesses(_machine);
        _machine.OtherCalls = _processes.Answer;
        _shell = _machine.CreateTask("shell");
        _page = _shell.MemoryCreate(Limits.PageBytes).Value;
        _server = _machine.Serve("supervisor", Make);
        _client = new SupervisorClient(_shell, _server.Connect(_shell, Badges.Control));
    }

    private SupervisorServer Make(TaskContext context)
    {
        _parts = new Parts(new Origin
        {
            Kernel = context.Kernel, Machine = Machine, Log = context.Claim("log"),
            Endpoint = context.Claim("endpoint"), Memory = new HeapVaultMemory(VaultBytes),
            Page = _shell.Give(_page, (LoopbackKernel)context.Kernel, Rights.All),
        });
        Boot.Run(_parts);
        return new SupervisorServer(_parts);
    }

    private delegate Result<TextPage> ReadPage(ulong firstLine, System.Span<byte> text);

    private static string[] Lines(ReadPage read)
    {
        byte[] page = new byte[4096];
        Result<TextPage> text = read(0, page);
        Assert.That(text.Status, Is.EqualTo(Status.Ok));
        return Encoding.UTF8.GetString(page, 0, (int)text.Value.LengthBytes)
            .Split('\n', System.StringSplitOptions.RemoveEmptyEntries);
    }

    private string[] Mounts => Lines(_client.ListMounts);

    private string[] Server(string name) =>
        Lines(_client.ListServers)
            .Select(line => line.Split(' ', System.StringSplitOptions.RemoveEmptyEntries))
            .Single(words => words[0] == name);

    private void Crash(string name, DeathCause cause = DeathCause.PageFault)
    {
        _processes.Die(_processes.Find(name), cause);
        _parts.Sweep();
    }

    /// <summary>The task calls the supervisor with what it was given.</summary>
    private Status SayReady(string name, ulong sinceNs = 0)
    {
        Given given = _processes.Find(name).Capability("supervisor")!;
        LoopbackKernel task = _machine.CreateTask(name);
        Handle handle = _server.Kernel.Give(given.Own, task, given.Rights);
        return new SupervisorClient(task, handle).Ready(sinceNs);
    }

    private Handle RootOf(uint index)
    {
        Result<MountEntry> entry = _client.GetMount(index, new byte[Limits.MaxPathBytes]);
        Assert.That(entry.Status, Is.EqualTo(Status.Ok));
        return entry.Value.Root.Handle;
    }

    private ObjectType TypeOf(Handle handle) => _shell.DescribeHandle(handle).Value.Type;

    [Test]
    public void Boot_starts_the_table_in_order() => Assert.That(
        _processes.All.Select(one => one.Name),
        Is.EqualTo((string[])
                ["pci", "console", "pipes", "vfs", "memfs@/", "procfs@/proc", "shell"]));

    [Test]
    public void Boot_mounts_root_and_proc()
    {
        string[] mounts = Mounts;
        Assert.That(
            mounts[0], Does.StartWith("memory on / type memfs (rw,ondeath=hold) by memfs@/["));
        Assert.That(mounts[1], Does.StartWith("proc on /proc type procfs"));
        Assert.That(
            _processes.Find("memfs@/").Arguments,
            Is.EqualTo((string[])["memfs", "memfs", "memory", "/", "skeleton"]));
    }

    [Test]
    public void Task_gets_what_the_table_says_and_no_more()
    {
        FakeProcess memfs = _processes.Find("memfs@/");
        string[] names = memfs.Environment.Where(one => one.StartsWith("CAP_"))
            .Select(one => one.Split('=')[0][4..]).ToArray();
        Assert.That(names, Is.EquivalentTo(SystemTable.MemFs.Capabilities));
        Assert.That(
            memfs.Capability("endpoint")!.Rights, Is.EqualTo(Rights.Receive | Rights.Mint));
        FakeProcess shell = _processes.Find("shell");
        Assert.That(
            shell.Capability("machine")!.Rights, Is.EqualTo(Rights.Inspect | Rights.PowerOff));
        Assert.That(shell.Capability("vfs")!.Rights, Is.EqualTo(Rights.Use));
        Assert.That(shell.Capability("vga"), Is.Null);
    }

    [Test]
    public void Console_gets_no_screen_when_the_command_line_says_so()
    {
        Assert.That(_processes.Find("console").Capability("vga"), Is.Not.Null);
        FakeProcesses processes = new(_machine) { CommandLine = "screen=none" };
        _machine.OtherCalls = processes.Answer;
        Handle endpoint = _shell.EndpointCreate(OnDeath.Hold, Layer.Supervisor).Value;
        Boot.Run(new Parts(new Origin
        {
            Kernel = _shell, Machine = Machine, Log = _shell.OpenLog(), Endpoint = endpoint,
            Memory = new HeapVaultMemory(VaultBytes),
        }));
        Assert.That(processes.Find("console").Capability("vga"), Is.Null);
        Assert.That(processes.Find("console").Capability("ports_com1"), Is.Not.Null);
    }

    [Test]
    public void Killed_server_is_back_with_the_same_endpoint_and_mount()
    {
        FakeProcess before = _processes.Find("memfs@/");
        Handle root = RootOf(0);
        Assert.That(_client.Kill("memfs@/"), Is.EqualTo(Status.Ok));
        FakeProcess after = _processes.Find("memfs@/");
        Assert.That(after.Id, Is.Not.EqualTo(before.Id));
        Assert.That(after.Spec.Incarnation, Is.EqualTo(before.Spec.Incarnation + 1));
        Assert.That(
            after.Capability("endpoint")!.Own, Is.EqualTo(before.Capability("endpoint")!.Own));
        Assert.That(before.IsCollected, Is.True);
        Assert.That(Mounts[0], Does.EndWith($"by memfs@/[{after.Id}]"));
        Assert.That(TypeOf(root), Is.EqualTo(ObjectType.Endpoint));
        Assert.That(Server("memfs@/")[4..6], Is.EqualTo((string[])["1", "Killed"]));
    }

    // By the word of a server that has served before it said so; not by one that makes no sense.
    [TestCase(1ul, ExpectedResult = "1.000ms"), TestCase(3ul, ExpectedResult = "3.000ms")]
    [TestCase(0ul, ExpectedResult = "3.000ms"), TestCase(4ul, ExpectedResult = "3.000ms")]
    public string Recovery_ends_when_the_next_incarnation_could_receive(ulong afterMs)
    {
        Crash("memfs@/");
        ulong deathNs = _machine.NowNs;
        _machine.Advance(3 * Ms);
        SayReady("memfs@/", deathNs + afterMs * Ms);
        return Server("memfs@/")[6];
    }

    [Test]
    public void Recovery_ends_when_the_next_incarnation_says_ready()
    {
        SayReady("memfs@/");
        Crash("memfs@/");
        Assert.That(Server("memfs@/")[2], Is.EqualTo("starting"));
        _machine.Advance(3 * Ms);
        Assert.That(SayReady("memfs@/"), Is.EqualTo(Status.Ok));
        Assert.That(Server("memfs@/")[2], Is.EqualTo("ready"));
        Assert.That(Server("memfs@/")[6], Is.EqualTo("3.000ms"));
        byte[] report = new byte[4096];
        Result<uint> length = _client.CrashReport("memfs@/", report);
        string text = Encoding.UTF8.GetString(report, 0, (int)length.Value);
        Assert.That(text, Does.Contain("PageFault").And.Contain("recovered after 3.000ms"));
    }

    [Test]
    public void Umount_revokes_every_copy_at_once_and_ends_the_server()
    {
        Assert.That(_client.Mount("m", "/mnt", "memfs", "ro"), Is.EqualTo(Status.Ok));
        Assert.That(_processes.Find("memfs@/mnt").Arguments[^1], Is.EqualTo("ro"));
        Handle root = RootOf(2);
        Handle copy = _shell.Copy(root, Rights.Call).Value;
        Assert.That(_client.Unmount("/mnt").Status, Is.EqualTo(Status.Ok));
        Assert.That(TypeOf(root), Is.EqualTo(ObjectType.Tombstone));
        Assert.That(TypeOf(copy), Is.EqualTo(ObjectType.Tombstone));
        Assert.That(_processes.IsRunning("memfs@/mnt"), Is.False);
        Assert.That(Mounts, Has.Length.EqualTo(2));
        Assert.That(_client.Unmount("/mnt").Status, Is.EqualTo(Status.NotMounted));
        Assert.That(_processes.All.Where(one => !one.IsAlive).All(one => one.IsCollected), Is.True);
    }

    [Test]
    public void Mount_and_umount_leave_no_capability_behind()
    {
        _client.Mount("m", "/mnt", "memfs", "");
        _client.Unmount("/mnt");
        int before = _machine.CountCapabilities(_server.Kernel);
        for (int i = 0; i < 10; i++)
        {
            Assert.That(_client.Mount("m", "/mnt", "memfs", ""), Is.EqualTo(Status.Ok));
            _client.Kill("memfs@/mnt");
            Assert.That(_client.Unmount("/mnt").Status, Is.EqualTo(Status.Ok));
        }
        Assert.That(_machine.CountCapabilities(_server.Kernel), Is.EqualTo(before));
    }

    [TestCase("m", "/mnt", "ext4", "", Status.NotFound)]
    [TestCase("/dev/ata0", "/mnt", "fat", "", Status.NotSupported)]
    [TestCase("m", "/", "memfs", "", Status.AlreadyExists)]
    [TestCase("m", "/mnt", "memfs", "fast", Status.BadArgument)]
    [TestCase("m", "mnt", "memfs", "", Status.InvalidName)]
    [TestCase("", "/mnt", "memfs", "", Status.BadArgument)]
    public void Bad_mount_is_refused_and_changes_nothing(
        string source, string target, string type, string options, Status expected)
    {
        int before = _machine.CountCapabilities(_server.Kernel);
        Assert.That(_client.Mount(source, target, type, options), Is.EqualTo(expected));
        Assert.That(Mounts, Has.Length.EqualTo(2));
        Assert.That(_machine.CountCapabilities(_server.Kernel), Is.EqualTo(before));
    }

    [Test]
    public void Mount_whose_server_does_not_start_is_refused_and_leaves_nothing()
    {
        _processes.StartAnswers["memfs@/mnt"] = Status.NoMemory;
        int before = _machine.CountCapabilities(_server.Kernel);
        Assert.That(_client.Mount("m", "/mnt", "memfs", ""), Is.EqualTo(Status.NoMemory));
        Assert.That(_machine.CountCapabilities(_server.Kernel), Is.EqualTo(before));
        Assert.That(_processes.All[^1].IsCollected, Is.True);
        _processes.StartAnswers.Clear();
        Assert.That(_client.Mount("m", "/mnt", "memfs", ""), Is.EqualTo(Status.Ok));
    }

    [Test]
    public void Vanishing_mount_goes_with_its_server()
    {
        _client.Mount("m", "/mnt", "memfs", "ondeath=vanish");
        Handle root = RootOf(2);
        Crash("memfs@/mnt");
        Assert.That(Mounts, Has.Length.EqualTo(2));
        Assert.That(TypeOf(root), Is.EqualTo(ObjectType.Tombstone));
        Assert.That(_processes.IsRunning("memfs@/mnt"), Is.False);
    }

    [Test]
    public void Kills_cost_no_budget()
    {
        for (int i = 0; i < 100; i++)
        {
            Assert.That(_client.Kill("memfs@/"), Is.EqualTo(Status.Ok));
        }
        Assert.That(Mounts, Has.Length.EqualTo(2));
        Assert.That(_processes.IsRunning("memfs@/"), Is.True);
    }

    [Test]
    public void Essential_server_is_retried_for_ever()
    {
        _processes.StartAnswers["vfs"] = Status.NoMemory;
        Crash("vfs");
        for (int i = 0; i < 40; i++) _machine.Advance(2_000 * Ms);
        Assert.That(Server("vfs")[2], Is.EqualTo("waiting"));
        _processes.StartAnswers.Clear();
        _machine.Advance(2_000 * Ms);
        Assert.That(_processes.IsRunning("vfs"), Is.True);
    }

    [Test]
    public void Hung_server_is_killed_and_restarted()
    {
        FakeProcess memfs = _processes.Find("memfs@/");
        SayReady("memfs@/");
        _processes.Waits.Add(new WaitRow
        {
            CallerProcess = 99, ServerProcess = memfs.Id, ServerAlive = 1, RequestId = 5,
            State = WaitState.Delivered, DeliveredNs = _machine.NowNs,
        });
        for (int i = 0; i < 4; i++) _machine.Advance(500 * Ms);
        Assert.That(memfs.IsAlive, Is.True);
        _machine.Advance(500 * Ms);
        Assert.That(memfs.Death!.Value.Cause, Is.EqualTo(DeathCause.Hung));
        Assert.That(_processes.Find("memfs@/").Id, Is.Not.EqualTo(memfs.Id));
    }

    [Test]
    public void Server_may_look_but_not_change()
    {
        Given given = _processes.Find("vfs").Capability("supervisor")!;
        LoopbackKernel vfs = _machine.CreateTask("vfs");
        SupervisorClient client = new(vfs, _server.Kernel.Give(given.Own, vfs, given.Rights));
        Assert.That(client.Kill("console"), Is.EqualTo(Status.NoRight));
        Assert.That(client.Unmount("/proc").Status, Is.EqualTo(Status.NoRight));
        Assert.That(client.GetMount(0, new byte[64]).Status, Is.EqualTo(Status.Ok));
    }

    [Test]
    public void Changed_mounts_are_signalled_to_vfs()
    {
        Handle control = _processes.Find("vfs").Capability("control")!.Own;
        LoopbackKernel vfs = _machine.CreateTask("vfs");
        vfs.NotificationBind(_server.Kernel.Give(control, vfs));
        vfs.ReceiveNotification(1);
        _client.Mount("m", "/mnt", "memfs", "");
        Result<ulong> bits = vfs.ReceiveNotification(1);
        Assert.That(bits.Value, Is.EqualTo((ulong)ControlBits.Changed));
    }

    /// <summary>Words have said it before, so that whoever asks Vfs has it look.</summary>
    [Test]
    public void Umount_is_signalled_to_vfs_a_moment_later()
    {
        Handle control = _processes.Find("vfs").Capability("control")!.Own;
        LoopbackKernel vfs = _machine.CreateTask("vfs");
        vfs.NotificationBind(_server.Kernel.Give(control, vfs));
        MountWords words = _parts.Authority.MountWords!;
        _client.Mount("m", "/mnt", "memfs", "");
        vfs.ReceiveNotification(1);
        ulong before = words.Changes;
        Assert.That(_client.Unmount("/mnt").Status, Is.EqualTo(Status.Ok));
        Assert.That(words.Changes, Is.EqualTo(before + 1));
        Assert.That(vfs.ReceiveNotification(1).Status, Is.EqualTo(Status.TimedOut));
        _machine.Advance(20 * Ms);
        Assert.That(
            vfs.ReceiveNotification(1).Value, Is.EqualTo((ulong)ControlBits.Changed));
        _machine.Advance(100 * Ms);
        Assert.That(vfs.ReceiveNotification(1).Status, Is.EqualTo(Status.TimedOut), "once");
    }

    [Test]
    public void Job_runs_ends_and_is_reaped()
    {
        Result<JobStarted> job = _client.Run(
            "hold", "/mnt/f", "/mnt", default, default, default);
        Assert.That(job.Status, Is.EqualTo(Status.Ok));
        FakeProcess process = _processes.Find("hold.1");
        Assert.That(process.Arguments, Is.EqualTo((string[])["hold", "/mnt/f"]));
        Assert.That(process.Environment, Does.Contain("CWD=/mnt"));
        Assert.That(_client.ReapJob(1), Is.EqualTo(Status.WouldBlock));
        _processes.Die(process, DeathCause.Exit, exitCode: 3);
        _parts.Sweep();
        Assert.That(process.IsCollected, Is.True);
        Assert.That(
            _client.WaitJob(1).Value, Is.EqualTo(new JobEnded(process.Id, 3, DeathCause.Exit)));
        Assert.That(_client.ReapJob(1), Is.EqualTo(Status.Ok));
        Assert.That(Lines(_client.ListJobs), Is.Empty);
        Assert.That(_client.WaitJob(1).Status, Is.EqualTo(Status.NotFound));
    }

    [Test]
    public void Unreaped_job_stays_a_zombie_until_it_is_reaped()
    {
        _client.Run("pin", "--unreaped\nzombie\n/mnt", "/", default, default, default);
        FakeProcess process = _processes.Find("pin.1");
        Assert.That(process.Arguments, Is.EqualTo((string[])["pin", "zombie", "/mnt"]));
        _processes.Die(process, DeathCause.Exit);
        _parts.Sweep();
        Assert.That(process.IsCollected, Is.False);
        Assert.That(Lines(_client.ListJobs)[0], Does.Contain("zombie"));
        Assert.That(_client.WaitJob(1).Value.Cause, Is.EqualTo(DeathCause.Exit));
        Assert.That(process.IsCollected, Is.False);
        Assert.That(_client.ReapJob(1), Is.EqualTo(Status.Ok));
        Assert.That(process.IsCollected, Is.True);
    }

    [Test]
    public void Job_outlives_the_shell_and_can_be_killed()
    {
        _client.Run("shell", "-c\nhold f\n0", "/", default, default, default);
        _client.Kill("shell");
        Assert.That(_processes.IsRunning("shell"), Is.True);
        Assert.That(_processes.IsRunning("hold.1"), Is.True);
        Assert.That(_client.Kill("hold"), Is.EqualTo(Status.Ok));
        Assert.That(_processes.IsRunning("hold.1"), Is.False);
        Assert.That(_client.Kill("hold.1"), Is.EqualTo(Status.NotFound));
    }

    [TestCase("nothing", Status.NotFound)]
    [TestCase("memfs", Status.NotFound)]
    [TestCase("", Status.NotFound)]
    public void Image_that_is_no_program_is_not_run(string image, Status expected) => Assert.That(
        _client.Run(image, "", "/", default, default, default).Status, Is.EqualTo(expected));

    [TestCase("nobody", Status.NotFound)]
    [TestCase("4711", Status.NotFound)]
    public void Kill_answers_what_it_cannot_do(string name, Status expected) =>
        Assert.That(_client.Kill(name), Is.EqualTo(expected));

    [TestCase("console")]
    [TestCase("shell")]
    public void Task_is_not_stopped_when_nobody_could_type_cont(string name)
    {
        Assert.That(_client.Stop(name), Is.EqualTo(Status.NotSupported));
        Assert.That(_processes.Find(name).IsStopped, Is.False);
    }

    [Test]
    public void Stopped_task_is_shown_and_goes_on()
    {
        string id = _processes.Find("memfs@/").Id.ToString();
        Assert.That(_client.Stop(id), Is.EqualTo(Status.Ok));
        Assert.That(_processes.Find("memfs@/").IsStopped, Is.True);
        Assert.That(Server("memfs@/")[2], Is.EqualTo("stopped"));
        Assert.That(_client.Continue("memfs@/"), Is.EqualTo(Status.Ok));
        Assert.That(_processes.Find("memfs@/").IsStopped, Is.False);
    }

    [TestCase(ControlBits.CrashNull, Status.Ok)]
    [TestCase(ControlBits.Hang, Status.Ok)]
    [TestCase(ControlBits.None, Status.BadArgument)]
    [TestCase(ControlBits.Changed, Status.BadArgument)]
    [TestCase(ControlBits.CrashNull | ControlBits.Hang, Status.BadArgument)]
    public void One_fault_at_a_time_is_injected(ControlBits fault, Status expected) =>
        Assert.That(_client.Inject("memfs@/", fault), Is.EqualTo(expected));

    [TestCase("memfs@/", FaultMoment.AfterCommit, 3, Status.Ok)]
    [TestCase("memfs@/", FaultMoment.AfterCommit, 0, Status.BadArgument)]
    [TestCase("shell", FaultMoment.BeforeCommit, 1, Status.NotSupported)]
    [TestCase("shell", FaultMoment.AtOnce, 0, Status.Ok)]
    public void Fault_in_a_request_is_for_tasks_that_take_requests(
        string name, FaultMoment moment, int request, Status expected)
    {
        Injection injection = new(ControlBits.CrashNull, moment, request);
        Assert.That(_client.Inject(name, injection.Bits), Is.EqualTo(expected));
    }
}
