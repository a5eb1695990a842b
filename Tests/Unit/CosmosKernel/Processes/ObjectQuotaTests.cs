// No process uses up a table of objects that all share.

using CosmosKernel.Processes;
using NUnit.Framework;
using Shared.Abi;
using Tests.FakeMachine;

namespace Tests.Unit.CosmosKernel.Processes;

public sealed class ObjectQuotaTests
{
    private const int OfOne = 16;

    private KernelBench _bench = null!;
    private Process _hostile = null!, _other = null!;

    [SetUp]
    public void Start()
    {
        _bench = new KernelBench(KernelBench.SmallConfig with
        {
            Endpoints = 128, Notifications = 128, MemoryObjects = 128, Vaults = 128,
        });
        _hostile = NewProcess();
        _other = NewProcess();
    }

    private Process NewProcess()
    {
        Process process = _bench.NewProcess("hostile", Layer.Program);
        process.MemoryQuotaPages = 4096;
        return process;
    }

    private static ulong[] ArgumentsOf(SystemCall call) => call switch
    {
        SystemCall.EndpointCreate => [(ulong)OnDeath.Hold, Layer.Program.Value],
        SystemCall.MemoryCreate or SystemCall.VaultCreate => [Limits.PageBytes],
        _ => [],
    };

    private ulong Make(Process process, SystemCall call) =>
        _bench.Make(process, call, ArgumentsOf(call));

    private Status TryMake(Process process, SystemCall call) =>
        _bench.Do(process, call, ArgumentsOf(call)).Status;

    private int MakeAll(Process process, SystemCall call)
    {
        int made = 0;
        while (TryMake(process, call) == Status.Ok) made++;
        Assert.That(_bench.Do(process, call, ArgumentsOf(call)).Status,
            Is.EqualTo(Status.QuotaExceeded));
        return made;
    }

    [TestCase(SystemCall.EndpointCreate)]
    [TestCase(SystemCall.NotificationCreate)]
    [TestCase(SystemCall.MemoryCreate)]
    [TestCase(SystemCall.VaultCreate)]
    public void Process_may_make_an_eighth_and_again_what_is_gone(SystemCall call)
    {
        ulong first = Make(_hostile, call);
        Assert.That(MakeAll(_hostile, call), Is.EqualTo(OfOne - 1));
        Assert.That(TryMake(_other, call), Is.EqualTo(Status.Ok));
        _bench.Do(_hostile, SystemCall.Close, first);
        ulong next = Make(_hostile, call);
        Assert.That(TryMake(_hostile, call), Is.EqualTo(Status.QuotaExceeded));

        // Somebody else has it: it is there, and counts for who has made it.
        _bench.Give(_hostile, next, _other);
        _bench.Do(_hostile, SystemCall.Close, next);
        Assert.That(TryMake(_hostile, call), Is.EqualTo(Status.QuotaExceeded));
        KernelAudit.Check(_bench.Kernel);
    }

    [TestCase(SystemCall.EndpointCreate)]
    [TestCase(SystemCall.NotificationCreate)]
    [TestCase(SystemCall.MemoryCreate)]
    [TestCase(SystemCall.VaultCreate)]
    public void Last_eighth_is_for_the_supervisor_and_a_death_gives_all_back(SystemCall call)
    {
        int made = 0;
        Process[] hostile = new Process[8];
        for (int number = 0; number < hostile.Length; number++)
        {
            hostile[number] = NewProcess();
            made += MakeAll(hostile[number], call);
        }

        Assert.That(made, Is.EqualTo(7 * OfOne));
        foreach (Process process in hostile)
            ProcessDeath.Kill(_bench.Kernel, process, DeathCause.Killed);
        // What has died is cleared away when there is no room.
        Assert.That(TryMake(_other, call), Is.EqualTo(Status.Ok));
        _bench.Reclaim();
        Process next = NewProcess();
        Assert.That(MakeAll(next, call), Is.EqualTo(OfOne));
    }

    /// <summary>Its record is another process's by then.</summary>
    [Test]
    public void Object_that_outlives_its_maker_counts_for_nobody()
    {
        ulong endpoint = Make(_hostile, SystemCall.EndpointCreate);
        ulong given = _bench.Give(_hostile, endpoint, _other);
        int index = _hostile.Index;
        ProcessDeath.Kill(_bench.Kernel, _hostile, DeathCause.Killed);
        _bench.Reclaim();
        _bench.Kernel.Processes.Collect(_hostile);
        Process next = NewProcess();
        Assert.That(next.Index, Is.EqualTo(index), "the record is used again");
        Make(next, SystemCall.EndpointCreate);
        _bench.Do(_other, SystemCall.Close, given);
        Assert.That(MakeAll(next, SystemCall.EndpointCreate), Is.EqualTo(OfOne - 1));
    }
}
