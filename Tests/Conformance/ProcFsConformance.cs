// ProcFs keeps the read-only half of the contract, and shows what the kernel says.

using System.Linq;
using NUnit.Framework;
using Servers.ProcFs;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Tests.Conformance.Hosted;
using Tests.Conformance.Writable;
using Tests.Loopback;

namespace Tests.Conformance;

[TestFixture]
public sealed class ProcFsConformance : ReadOnlyFilesConformance
{
    private readonly InspectedKernel _kernel = new();

    protected override string Directory => "7";
    protected override string File => "7/status";

    protected override LoopbackMount Mount(LoopbackMachine machine)
    {
        _kernel.Processes.Clear();
        for (uint id = 100; id >= 1; id--) _kernel.AddProcess(id, $"task-{id}");
        _kernel.Log = string.Concat(Enumerable.Repeat("a line of the log\n", 1000));
        machine.OtherCalls = _kernel.Invoke;
        LoopbackServer supervisor = machine.Serve(
            "supervisor", new MountLister("root line", "proc line", "mnt line"));
        return new LoopbackMount(machine, task => new ProcFsServer(
            new ProcContents(
                new KernelRows(task.Kernel, new Handle(1)),
                supervisor.Connect((LoopbackKernel)task.Kernel), task.Find("log")),
            () => 1));
    }

    [Test]
    public void Processes_are_listed_by_id_after_the_files()
    {
        string[] names = [.. Mounted.Names("", 100)];
        string[] files =
            ["mounts", "memory", "log", "waits", "uptime", "images", "cmdline"];
        Assert.That(names[..7], Is.EqualTo(files));
        Assert.That(names[7..], Is.EqualTo(Enumerable.Range(1, 100).Select(id => $"{id}")));
    }

    [Test]
    public void Files_of_a_process_say_what_it_is()
    {
        Assert.That(Mounted.ReadText("7/name"), Is.EqualTo("task-7\n"));
        string status = Mounted.ReadText("7/status");
        Assert.That(status, Does.Match("(?m)^Name: +task-7$"));
        Assert.That(status, Does.Match("(?m)^State: +Running$"));
        Assert.That(status, Does.Match("(?m)^Memory: +40 KiB of 0 KiB$"));
        Assert.That(Mounted.Names("7"), Is.EqualTo(new[] { "status", "caps", "name" }));
    }

    [Test]
    public void Mounts_log_and_command_line_are_read_whole()
    {
        Assert.That(Mounted.ReadText("mounts"), Is.EqualTo("root line\nproc line\nmnt line\n"));
        Assert.That(Mounted.ReadText("log"), Is.EqualTo(_kernel.Log));
        Assert.That(Mounted.ReadText("cmdline"), Is.EqualTo("quiet\n"));
    }

    [Test]
    public void Capabilities_and_waits_are_a_line_each()
    {
        _kernel.Capabilities.Add(new CapabilityRow
        {
            HandleValue = new Handle(3, 1).Value, Type = ObjectType.Endpoint,
            Rights = Rights.Call | Rights.Pass, Badge = 0x2A, Depth = 1,
        });
        _kernel.Waits.Add(new WaitRow
        {
            CallerProcess = 7, ServerProcess = 8, ServerAlive = 1, State = WaitState.Parked,
        });
        Assert.That(Mounted.ReadText("7/caps"), Does.Match(@"3\.1 +Endpoint 0 +2a .*Call\|Pass"));
        Assert.That(Mounted.ReadText("waits"), Does.Match(@"task-7\[7\] +task-8\[8\] +Parked"));
    }

    [Test]
    public void Process_that_has_gone_takes_its_directory_along()
    {
        using OpenObject directory = Mounted.OpenDirectory("7");
        using OpenObject file = Mounted.Open("7/name", OpenMode.Read);
        _kernel.Processes.RemoveAll(row => row.Id == 7);
        Assert.That(Mounted.Root.Stat("7").Status, Is.EqualTo(Status.NotFound));
        Assert.That(Mounted.Root.Stat("7/name").Status, Is.EqualTo(Status.NotFound));
        Assert.That(directory.Calls.Stat("name").Status, Is.EqualTo(Status.NotFound));
        Assert.That(file.ReadText(), Is.EqualTo("task-7\n"));
    }

    [Test]
    public void Open_file_and_directory_outlive_their_server()
    {
        using OpenObject directory = Mounted.OpenDirectory("7");
        using OpenObject file = Mounted.Open("7/name", OpenMode.Read);
        Mounted.KillAndRestart();
        Assert.That(file.ReadText(), Is.EqualTo("task-7\n"));
        Assert.That(directory.Calls.Stat("name").Status, Is.EqualTo(Status.Ok));
    }

    [Test]
    public void Snapshot_stays_what_it_was_when_the_file_was_opened()
    {
        using OpenObject file = Mounted.Open("cmdline", OpenMode.Read);
        _kernel.CommandLine = "verbose";
        Assert.That(file.ReadText(), Is.EqualTo("quiet\n"));
        Assert.That(Mounted.ReadText("cmdline"), Is.EqualTo("verbose\n"));
        _kernel.CommandLine = "quiet";
    }
}
