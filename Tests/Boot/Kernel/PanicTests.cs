// A bug of the kernel ends in a reason, a C# stack with method names, and an exit code of its own.

using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Kernel;

public sealed class PanicTests
{
    /// <summary>Diagnostics/Panic.cs.</summary>
    private const int PanicCode = 0x7E;

    [Test]
    public void Panic_prints_a_stack_and_exits_with_its_own_code()
    {
        using var machine = QemuMachine.Start(new QemuOptions { KernelArguments = "panic=test" });
        var exit = new GuestExit(machine.WaitForExit());
        Assert.That(exit.Code, Is.EqualTo(PanicCode));
        Assert.That(machine.Transcript, Does
            .Contain("cosmos: panic: InvalidOperationException: panic=test")
            .And.Contain("at CosmosKernel.Kernel.BeforeRun()"));
    }
}
