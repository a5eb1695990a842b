// Faults that can be committed on the host without ending the test run. The others (stack, memory,
// loop, exit) are committed in the guest.

using System;
using NUnit.Framework;
using Shared.Abi;
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

    [Test]
    public void Other_bits_are_no_faults()
    {
        Assert.That(Faults.All & (ControlBits.Changed | ControlBits.Interrupt),
            Is.EqualTo(ControlBits.None));
        Assert.That(() => Faults.Commit(ControlBits.None), Throws.Nothing);
    }
}
