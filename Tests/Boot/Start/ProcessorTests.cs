// A processor that the runtime cannot run on is refused in one line.

using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Boot.Start;

public sealed class ProcessorTests
{
    [Test]
    public void Processor_without_v2_is_refused_in_one_line()
    {
        using var machine = QemuMachine.Start(new QemuOptions { Processor = "qemu64" });
        int status = machine.WaitForExit();
        Assert.That(status, Is.Not.Zero);
        Assert.That(machine.Transcript.Trim(), Does.Contain("x86-64-v2").And.Not.Contain("\n"));
    }

    [Test]
    public void Processor_without_FSGSBASE_is_refused_by_that_name()
    {
        using var machine = QemuMachine.Start(new QemuOptions { Processor = "max,-fsgsbase" });
        int status = machine.WaitForExit();
        Assert.That(status, Is.Not.Zero);
        Assert.That(machine.Transcript.Trim(), Does.EndWith("this CPU lacks FSGSBASE"));
    }

    [Test]
    public void Processor_without_XSAVE_is_refused_by_that_name()
    {
        using var machine = QemuMachine.Start(new QemuOptions { Processor = "max,-xsave" });
        int status = machine.WaitForExit();
        Assert.That(status, Is.Not.Zero);
        Assert.That(machine.Transcript.Trim(), Does.EndWith("this CPU lacks XSAVE"));
    }

    [Test]
    public void Processor_without_AVX_does_all_the_same()
    {
        using var machine = QemuMachine.Start(new QemuOptions { Processor = "max,-avx" });
        machine.WaitForPrompt();
        Assert.That(machine.Send("run attack vectors-cleared; echo $?"), Is.EqualTo("0"));
        // No figure is printed for bytes that are wrong.
        Assert.That(machine.Send("run bench files --row 'read 1 MiB' --count 4"),
            Does.Contain("median"));
    }
}
