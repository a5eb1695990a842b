// A kernel that fails says why and where, with method names, and ends QEMU with a code of its own.

using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Start;

public sealed class PanicTests
{
    [Test]
    public void Panic_names_reason_and_methods_and_has_a_code_of_its_own()
    {
        using var machine = QemuMachine.Start(new QemuOptions { KernelArguments = "panic=test" });
        var exit = new GuestExit(machine.WaitForExit());
        Assert.That(exit.IsPanic, machine.Transcript);
        Assert.That(machine.Transcript, Does.Contain("cosmos: panic: "));
        Assert.That(machine.Transcript, Does.Match(@"at CosmosKernel\.\w+"));
    }
}
