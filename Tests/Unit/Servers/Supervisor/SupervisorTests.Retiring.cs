// Umount of a mount that has a disk: the mount is gone at once, and its server writes what it has.

using System.Linq;
using System.Threading.Tasks;
using NUnit.Framework;
using Servers;
using Servers.Supervisor;
using Servers.Supervisor.Launching;
using Servers.Supervisor.Mounts;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Devices;
using Shared.Sdk;
using Shared.Sdk.Tasks;
using Shared.Sdk.Vaults;
using Tests.Loopback;

namespace Tests.Unit.Servers.Supervisor;

public sealed partial class SupervisorTests
{
    private const string Disk = "/dev/virtio0", DiskTask = "fat@/mnt";

    private void AddDisk()
    {
        _processes.Images.UnionWith(["virtio", "fatfs"]);
        _parts.Devices.Found(
        [
            new PciFunctionInfo
            {
                Address = 0x20, Vendor = 0x1AF4, Device = 0x1042, BaseClass = 1,
                InterruptLine = PciFunctionInfo.NoLine,
            },
        ]);
    }

    /// <summary>Answers the mount's root.</summary>
    private Handle MountDisk()
    {
        AddDisk();
        Assert.That(_client.Mount(Disk, "/mnt", "fat", ""), Is.EqualTo(Status.Ok));
        SayReady(DiskTask);
        return RootOf(2);
    }

    private FakeProcess DiskServer => _processes.All.Last(one => one.Spec.Vault != 0
        && one.Environment.Any(static text => text.StartsWith("CAP_disk=")));

    private SupervisorClient ClientOf(FakeProcess process)
    {
        Given given = process.Capability("supervisor")!;
        LoopbackKernel task = _machine.CreateTask(process.Name);
        return new SupervisorClient(task, _server.Kernel.Give(given.Own, task, given.Rights));
    }

    private ulong BitsOf(FakeProcess process)
    {
        LoopbackKernel task = _machine.CreateTask(process.Name);
        task.NotificationBind(_server.Kernel.Give(process.Capability("control")!.Own, task));
        return task.ReceiveNotification(1).Value;
    }

    private Task<Result<Unmounted>> BeginUmount()
    {
        Task<Result<Unmounted>> umount = Task.Run(() => _client.Unmount("/mnt"));
        _machine.WaitParked(1);
        return umount;
    }

    private void Retire(FakeProcess process)
    {
        _processes.Die(process, DeathCause.Exit, RetiredException.ExitCode);
        _parts.Sweep();
    }

    [Test]
    public async Task Umount_of_a_disk_frees_the_target_at_once_and_waits_for_the_server()
    {
        int before = 0;
        for (int round = 0; round < 2; round++)
        {
            Handle root = MountDisk();
            Task<Result<Unmounted>> umount = BeginUmount();
            Assert.That(TypeOf(root), Is.EqualTo(ObjectType.Tombstone));
            Assert.That(Mounts, Has.Length.EqualTo(2));
            Assert.That(BitsOf(DiskServer), Is.EqualTo((ulong)ControlBits.Retire));
            Assert.That(_client.Mount(Disk, "/tmp", "fat", ""), Is.EqualTo(Status.Locked));
            Assert.That(_client.Mount("m", "/mnt", "memfs", ""), Is.EqualTo(Status.Ok));
            Assert.That(_client.Unmount("/mnt").Value, Is.EqualTo(new Unmounted(0)));
            Retire(DiskServer);
            Assert.That((await umount).Value, Is.EqualTo(new Unmounted(0)));
            Assert.That(DiskServer.IsCollected, Is.True);
            // The driver's capabilities came with the first round.
            if (round == 0) before = _machine.CountCapabilities(_server.Kernel);
        }
        Assert.That(_machine.CountCapabilities(_server.Kernel), Is.EqualTo(before));
    }

    [Test]
    public async Task Umount_answers_what_was_not_written_by_its_deadline()
    {
        MountDisk();
        Task<Result<Unmounted>> umount = BeginUmount();
        FakeProcess server = DiskServer;
        Assert.That(ClientOf(server).Unwritten(4096), Is.EqualTo(Status.Ok));
        _machine.Advance((SystemTable.RetireDeadlineMs - 1) * Ms);
        Assert.That(server.IsAlive, Is.True, "it has spoken, so it does not hang");
        Assert.That(umount.IsCompleted, Is.False);
        _machine.Advance(2 * Ms);
        Assert.That((await umount).Value, Is.EqualTo(new Unmounted(4096)));
        Assert.That(server.IsAlive, Is.False);
        Assert.That(_client.Mount(Disk, "/tmp", "fat", ""), Is.EqualTo(Status.Ok));
    }

    [Test]
    public void Detached_mount_has_a_server_until_everything_is_written()
    {
        MountDisk();
        Assert.That(_client.Detach("/mnt"), Is.EqualTo(Status.Ok));
        FakeProcess first = DiskServer;
        string name = $"fat#{_parts.TaskTable.Find(new ProcessId(first.Id))!.Mount!.Id}";
        Assert.That(Server(name)[2], Is.EqualTo("retiring"));
        Assert.That(_client.Upgrade(name, "fatfs"), Is.EqualTo(Status.WouldBlock));
        _processes.Die(first, DeathCause.PageFault);
        _parts.Sweep();
        Assert.That(DiskServer.Id, Is.Not.EqualTo(first.Id), "it is started again to finish");
        Assert.That(DiskServer.Spec.Vault, Is.EqualTo(first.Spec.Vault));
        Assert.That(BitsOf(DiskServer), Is.EqualTo((ulong)ControlBits.Retire));
        Assert.That(_client.Kill(name), Is.EqualTo(Status.Ok));
        Assert.That(BitsOf(DiskServer), Is.EqualTo((ulong)ControlBits.Retire));
        Retire(DiskServer);
        Assert.That(_parts.TaskTable.Find(name), Is.Null);
        Assert.That(_client.Detach("/mnt"), Is.EqualTo(Status.NotMounted));
    }

    [Test]
    public async Task Server_that_does_not_hear_is_started_again_once()
    {
        MountDisk();
        Task<Result<Unmounted>> umount = BeginUmount();
        FakeProcess first = DiskServer;
        _machine.Advance(SystemTable.FatFs.RequestDeadlineMs * Ms);
        Assert.That(first.Death!.Value.Cause, Is.EqualTo(DeathCause.Replaced));
        FakeProcess second = DiskServer;
        Assert.That(BitsOf(second), Is.EqualTo((ulong)ControlBits.Retire));
        _machine.Advance((SystemTable.RetireDeadlineMs - SystemTable.FatFs.RequestDeadlineMs) * Ms);
        Assert.That((await umount).Value, Is.EqualTo(new Unmounted(Unmounted.Unknown)));
        Assert.That(DiskServer.Id, Is.EqualTo(second.Id));
    }

    [Test]
    public void Server_that_waits_for_its_disk_is_not_started_again()
    {
        MountDisk();
        _client.Detach("/mnt");
        FakeProcess server = DiskServer;
        _processes.Waits.Add(new WaitRow { CallerProcess = server.Id, RequestId = 5 });
        _machine.Advance(SystemTable.FatFs.RequestDeadlineMs * Ms);
        Assert.That(server.IsAlive, Is.True);
    }

    [Test]
    public async Task Umount_goes_on_when_the_supervisor_dies()
    {
        HeapVaultMemory memory = new(VaultBytes);
        _server.Restart(context => Make(context, memory));
        _client = new SupervisorClient(_shell, _server.Connect(_shell, Badges.Control));
        MountDisk();
        Task<Result<Unmounted>> umount = BeginUmount();
        Assert.That(ClientOf(DiskServer).Unwritten(512), Is.EqualTo(Status.Ok));
        _server.Restart(context => Make(context, memory));
        _machine.WaitParked(1);
        Assert.That(BitsOf(DiskServer), Is.EqualTo((ulong)ControlBits.Retire));
        Assert.That(Mounts, Has.Length.EqualTo(2));
        _machine.Advance(SystemTable.RetireDeadlineMs * Ms);
        Assert.That((await umount).Value, Is.EqualTo(new Unmounted(512)));
    }

    [Test]
    public void Disk_that_a_job_has_claimed_is_nobody_elses_until_it_ends()
    {
        AddDisk();
        Assert.That(_client.ClaimDisk(Disk).Status, Is.EqualTo(Status.NotSupported), "no job");
        FakeProcess first = StartJob(1), second = StartJob(2);
        _processes.Caller = first.Id;
        Handle claimed = _client.ClaimDisk(Disk).Value.Handle;
        Assert.That(TypeOf(claimed), Is.EqualTo(ObjectType.Endpoint));
        Assert.That(_client.ClaimDisk(Disk).Status, Is.EqualTo(Status.Ok), "its own");
        Assert.That(_client.ClaimDisk(Disk + "p1").Status, Is.EqualTo(Status.Locked));
        _processes.Caller = second.Id;
        Assert.That(_client.ClaimDisk(Disk + "p1").Status, Is.EqualTo(Status.Locked));
        Assert.That(_client.Mount(Disk, "/mnt", "fat", ""), Is.EqualTo(Status.Locked));
        _processes.Die(first, DeathCause.PageFault);
        _parts.Sweep();
        Assert.That(_client.ClaimDisk("/dev/nothing").Status, Is.EqualTo(Status.NotSupported));
        Assert.That(_client.Mount(Disk, "/mnt", "fat", ""), Is.EqualTo(Status.Ok));
        Assert.That(_client.ClaimDisk(Disk).Status, Is.EqualTo(Status.Locked));
    }

    private FakeProcess StartJob(uint number)
    {
        Result<JobStarted> started = _client.Run("hold", "", "/", default, default, default);
        Assert.That(started.Value.Job, Is.EqualTo(number));
        return _processes.Find($"hold.{number}");
    }

    [TestCase(0UL)]
    [TestCase(4096UL)]
    [TestCase(Unmounted.Unknown)]
    public void Recorded_answer_is_the_same_again(ulong bytes) => Assert.That(
        RetirementKeeper.Decode(RetirementKeeper.Encode(new Unmounted(bytes))).Value,
        Is.EqualTo(new Unmounted(bytes)));

    private SupervisorServer Make(TaskContext context, IVaultMemory memory)
    {
        _parts = new Parts(new Origin
        {
            Kernel = context.Kernel, Machine = Machine, Log = context.Claim("log"),
            Endpoint = context.Claim("endpoint"), Memory = memory,
        });
        Boot.Run(_parts);
        return new SupervisorServer(_parts);
    }
}
