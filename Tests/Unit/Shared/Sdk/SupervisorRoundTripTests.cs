// Every operation of ISupervisor: what the client says is what the handler hears, and back.

using System.Text;
using NUnit.Framework;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Tests.Unit.Shared.Sdk;

public sealed class SupervisorRecorder : Recorder, ISupervisorHandler
{
    public override void Handle(Request request) => SupervisorDispatcher.Dispatch(this, request);

    public Status Mount(
        Request request, string source, string target, string type, string options) =>
        Note($"Mount {source} {target} {type} {options}");

    public Result<Unmounted> Unmount(Request request, string target) =>
        Note($"Unmount {target}", new Unmounted(12));

    public Status Detach(Request request, string target) => Note($"Detach {target}");
    public Status Unwritten(Request request, ulong bytes) => Note($"Unwritten {bytes}");

    public Result<TextPage> ListMounts(Request request, ulong firstLine, WriteLease text) =>
        Note($"ListMounts {firstLine}", new TextPage(Fill(text, "mounts"), 9));

    public Result<MountEntry> GetMount(Request request, uint index, WriteLease target) => Note(
        $"GetMount {index}", new MountEntry(Minted(request, 4), 5, Fill(target, "/mnt")));

    public Status Kill(Request request, string name) => Note($"Kill {name}");
    public Status Stop(Request request, string name) => Note($"Stop {name}");
    public Status Continue(Request request, string name) => Note($"Continue {name}");
    public Status Restart(Request request, string name) => Note($"Restart {name}");

    public Status Inject(Request request, string name, ControlBits fault) =>
        Note($"Inject {name} {fault}");

    public Result<TextPage> ListServers(Request request, ulong firstLine, WriteLease text) =>
        Note($"ListServers {firstLine}", new TextPage(Fill(text, "servers"), 0));

    public Result<TextPage> DescribeServers(
        Request request, string name, ulong firstLine, WriteLease text) =>
        Note($"DescribeServers {name} {firstLine}", new TextPage(Fill(text, "deaths"), 3));

    public Result<uint> CrashReport(Request request, string name, WriteLease text) =>
        Note($"CrashReport {name}", Fill(text, "report"));

    public Status WaitReady(Request request, string name) => Note($"WaitReady {name}");
    public Status Ready(Request request, ulong sinceNs) =>
        Note($"Ready {request.Badge.Value} {sinceNs}");

    public Result<Role> AwaitRole(Request request, WriteLease strings) =>
        Note("AwaitRole", new Role(Fill(strings, "role"), 1, ReadyMoment.Later));

    public Status MountFile(
        Request request, string source, string target, string type, string options,
        Capability program) =>
        Note($"MountFile {source} {target} {type} {options} {Received(program)}");

    public Result<JobStarted> RunNarrow(
        Request request, string image, Capability program, string arguments, string directory,
        NameSpaceAccess access, ulong directories,
        Capability input, Capability output, Capability error) =>
        Note($"RunNarrow {image} {Received(program)} {arguments} {directory} {access} "
            + $"{directories} {Received(error)}", new JobStarted(2, 22));

    public Result<ulong> Bring(Request request, ulong set, string path, Capability directory) =>
        Note($"Bring {set} {path} {Received(directory)}", set + 1);

    public Status DevicesFound(Request request, ReadLease functions) =>
        Note($"DevicesFound {functions.LengthBytes}");

    public Result<DriverEntry> GetDriver(Request request, uint index, WriteLease name) =>
        Note($"GetDriver {index}", new DriverEntry(Minted(request, 6), 8, Fill(name, "disk")));

    public Result<Capability> ClaimDisk(Request request, string disk) =>
        Note($"ClaimDisk {disk}", Minted(request, 9));

    public Status Upgrade(Request request, string name, string image) =>
        Note($"Upgrade {name} {image}");

    public Result<JobStarted> Run(
        Request request, string image, string arguments, string directory, Capability input,
        Capability output, Capability error) => Note(
            $"Run {image} {arguments} {directory} "
            + $"{Received(input)} {Received(output)} {Received(error)}",
            new JobStarted(1, 2));

    public Result<JobEnded> WaitJob(Request request, uint job) =>
        Note($"WaitJob {job}", new JobEnded(2, -3, DeathCause.Killed));

    public Result<TextPage> ListJobs(Request request, ulong firstLine, WriteLease text) =>
        Note($"ListJobs {firstLine}", new TextPage(Fill(text, "jobs"), 0));

    public Status ReapJob(Request request, uint job) => Note($"ReapJob {job}");
}

public sealed class SupervisorRoundTripTests : RoundTripFixture<SupervisorRecorder>
{
    private SupervisorClient Client => new(Kernel, Endpoint);

    [Test]
    public void Mount_operations_arrive_and_answer()
    {
        Ok(Client.Mount("none", "/mnt", "memfs", ""));
        Heard("Mount none /mnt memfs ");
        Answers(Client.Unmount("/mnt"), new Unmounted(12));
        Heard("Unmount /mnt");
        Ok(Client.Detach("/mnt"));
        Heard("Detach /mnt");
        Ok(Client.Unwritten(7));
        Heard("Unwritten 7");
        Assert.That(BadgeOf(Client.ClaimDisk("/dev/ata0").Value), Is.EqualTo(9));
        Heard("ClaimDisk /dev/ata0");
        byte[] text = new byte[6];
        Answers(Client.ListMounts(3, text), new TextPage(6, 9));
        Heard("ListMounts 3");
        Assert.That(Encoding.UTF8.GetString(text), Is.EqualTo("mounts"));
        Result<MountEntry> entry = Client.GetMount(2, text);
        Heard("GetMount 2");
        Assert.That((entry.Value.MountId, entry.Value.TargetBytes), Is.EqualTo((5u, 4u)));
        Assert.That(BadgeOf(entry.Value.Root), Is.EqualTo(4));
    }

    [Test]
    public void Task_operations_arrive_and_answer()
    {
        byte[] text = new byte[100];
        Ok(Client.Kill("a"));
        Heard("Kill a");
        Ok(Client.Stop("b"));
        Heard("Stop b");
        Ok(Client.Continue("c"));
        Heard("Continue c");
        Ok(Client.Restart("d"));
        Heard("Restart d");
        Ok(Client.Inject("e", ControlBits.CrashStack | ControlBits.Interrupt));
        Heard("Inject e CrashStack, Interrupt");
        Answers(Client.ListServers(1, text), new TextPage(7, 0));
        Answers(Client.DescribeServers("h", 2, text), new TextPage(6, 3));
        Heard("DescribeServers h 2");
        Answers(Client.CrashReport("f", text), 6u);
        Heard("CrashReport f");
        Ok(Client.WaitReady("g"));
        Heard("WaitReady g");
        Ok(Client.Ready(5));
        Heard("Ready 77 5");
        Answers(Client.AwaitRole(text), new Role(4, 1, ReadyMoment.Later));
        Ok(Client.DevicesFound(new byte[112]));
        Heard("DevicesFound 112");
        Result<DriverEntry> driver = Client.GetDriver(3, text);
        Heard("GetDriver 3");
        Assert.That(
            (driver.Value.FirstDisk, driver.Value.NameBytes), Is.EqualTo((8u, 4u)));
        Assert.That(BadgeOf(driver.Value.Disks), Is.EqualTo(6));
        Ok(Client.Upgrade("h", "i"));
        Heard("Upgrade h i");
    }

    [Test]
    public void Job_operations_arrive_and_answer()
    {
        Answers(Client.WaitJob(8), new JobEnded(2, -3, DeathCause.Killed));
        Heard("WaitJob 8");
        Answers(Client.ListJobs(0, new byte[4]), new TextPage(4, 0));
        Ok(Client.ReapJob(9));
        Heard("ReapJob 9");
    }

    // Handle.None between others does not shift them.
    [Test]
    public void Run_passes_each_stream_in_its_place()
    {
        Capability input = new(Host.Connect(Kernel, new Badge(21)));
        Capability error = new(Host.Connect(Kernel, new Badge(23)));
        Answers(
            Client.Run("ping", "a\nb", "/home", input, default, error), new JobStarted(1, 2));
        Heard("Run ping a\nb /home 21 none 23");
        Answers(Client.Run("ping", "", "/", default, default, default), new JobStarted(1, 2));
        Heard("Run ping  / none none none");
        Answers(
            Client.RunNarrow(
                "/a", input, "a", "/home", NameSpaceAccess.ReadOnly, 7, default, default, error),
            new JobStarted(2, 22));
        Heard("RunNarrow /a 21 a /home ReadOnly 7 23");
        Answers(Client.Bring(7, "/mnt", input), 8UL);
        Heard("Bring 7 /mnt 21");
        Ok(Client.MountFile("s", "/mnt", "t.elf", "ro", input));
        Heard("MountFile s /mnt t.elf ro 21");
    }
}
