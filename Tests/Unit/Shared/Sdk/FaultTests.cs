// Faults that can be committed on the host without ending the test run. The others (stack, memory,
// loop, exit) are committed in the guest.

using System;
using NUnit.Framework;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Tasks;
using Tests.Loopback;

namespace Tests.Unit.Shared.Sdk;

public sealed class FaultTests
{
    [TestCase(ControlBits.CrashNull, typeof(NullReferenceException))]
    [TestCase(ControlBits.CrashDivide, typeof(DivideByZeroException))]
    [TestCase(ControlBits.CrashThrow, typeof(InvalidOperationException))]
    public void Task_commits_the_fault_when_it_is_told_to(ControlBits fault, Type expected)
    {
        LoopbackMachine machine = new();
        LoopbackServer host = machine.Serve("server", new EventServer());
        Assert.That(() => host.Signal(fault), Throws.TypeOf(expected));
    }

    [TestCase(FaultMoment.BeforeCommit, 1, 0)]
    [TestCase(FaultMoment.BeforeCommit, 3, 2)]
    [TestCase(FaultMoment.AfterCommit, 1, 1)]
    [TestCase(FaultMoment.AfterCommit, 3, 3)]
    public void Fault_comes_in_the_request_and_the_moment_that_were_named(
        FaultMoment moment, int request, int expectedCommits)
    {
        LoopbackMachine machine = new();
        EventServer server = new();
        LoopbackServer host = machine.Serve("server", server);
        LoopbackKernel client = machine.CreateTask("client");
        FileSystemClient files = new(client, host.Connect(client, new Badge(9)));
        Injection injection = new(ControlBits.CrashThrow, moment, request);
        host.Signal(injection.Bits);
        for (int i = 1; i < request; i++) Assert.That(files.Flush(), Is.EqualTo(Status.Ok));
        Assert.That(() => files.Flush(), Throws.TypeOf<InvalidOperationException>());
        Assert.That(server.Events, Has.Count.EqualTo(request), "handled in every case");
        Assert.That(server.Commits, Has.Count.EqualTo(expectedCommits));
        Assert.That(host.Kernel.BlamesNobody, Is.True);
    }

    [Test]
    public void Later_injection_replaces_one_that_has_not_come()
    {
        LoopbackMachine machine = new();
        EventServer server = new();
        LoopbackServer host = machine.Serve("server", server);
        LoopbackKernel client = machine.CreateTask("client");
        FileSystemClient files = new(client, host.Connect(client, new Badge(9)));
        host.Signal(new Injection(ControlBits.CrashNull, FaultMoment.BeforeCommit, 1).Bits);
        host.Signal(new Injection(ControlBits.CrashThrow, FaultMoment.BeforeCommit, 2).Bits);
        Assert.That(files.Flush(), Is.EqualTo(Status.Ok));
        Assert.That(() => files.Flush(), Throws.TypeOf<InvalidOperationException>());
    }

    [Test]
    public void Other_bits_are_no_faults()
    {
        Assert.That(Injection.Mask & (ControlBits.Changed | ControlBits.Interrupt),
            Is.EqualTo(ControlBits.None));
        LoopbackKernel kernel = new LoopbackMachine().CreateTask("task");
        Assert.That(() => Faults.Inject(kernel, ControlBits.None), Throws.Nothing);
        Assert.That(kernel.BlamesNobody, Is.False);
    }
}
