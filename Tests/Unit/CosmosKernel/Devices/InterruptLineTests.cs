// Drivers that share an interrupt line: each is told, and the line waits for each that lives.

using CosmosKernel.Processes;
using NUnit.Framework;
using Shared.Abi;
using Tests.FakeMachine;

namespace Tests.Unit.CosmosKernel.Devices;

[TestFixture]
public sealed unsafe class InterruptLineTests
{
    private const int Line = 11;
    private const ulong FirstBits = 1, SecondBits = 2;

    private KernelBench _bench = null!;
    private Process _first = null!, _second = null!;
    private ulong _firstLine, _secondLine;

    [SetUp]
    public void SetUp()
    {
        _bench = new KernelBench();
        _first = NewDriver(FirstBits, out _firstLine);
        _second = NewDriver(SecondBits, out _secondLine);
    }

    private bool IsOpen => (_bench.Machine.OpenLines >> Line & 1) != 0;

    private Process NewDriver(ulong bits, out ulong line)
    {
        Process driver = _bench.NewProcess("driver", Layer.Driver, Priority.Driver);
        line = _bench.Grant(driver, ObjectType.Interrupt, Line);
        ulong bell = _bench.Make(driver, SystemCall.NotificationCreate);
        _bench.Do(driver, SystemCall.NotificationBind, bell);
        Assert.That(
            _bench.Do(driver, SystemCall.InterruptBind, line, bell, bits).Status,
            Is.EqualTo(Status.Ok));
        return driver;
    }

    /// <summary>As the machine does: the line is masked when the kernel hears of it.</summary>
    private void Fire()
    {
        _bench.Machine.MaskInterrupt(Line);
        _bench.Kernel.Devices.Fired(1u << Line);
        _bench.Settle();
    }

    /// <summary>What it hears, or 0 when it would have to wait.</summary>
    private ulong Heard(Process driver)
    {
        CallResult result = _bench.Do(driver, SystemCall.Receive, 0, 0, 1);
        return result.Status == Status.Ok ? driver.FirstThread!.Frame->A5 : 0;
    }

    private void Acknowledge(Process driver, ulong line) =>
        _bench.Do(driver, SystemCall.InterruptAcknowledge, line);

    [Test]
    public void Every_driver_of_the_line_is_told()
    {
        Fire();
        Assert.That(Heard(_first), Is.EqualTo(FirstBits));
        Assert.That(Heard(_second), Is.EqualTo(SecondBits));
    }

    [Test]
    public void Line_stays_masked_until_the_last_driver_has_acknowledged()
    {
        Assert.That(IsOpen);
        Fire();
        Assert.That(IsOpen, Is.False);
        Acknowledge(_first, _firstLine);
        Acknowledge(_first, _firstLine);
        Assert.That(IsOpen, Is.False, "the second owes still");
        Acknowledge(_second, _secondLine);
        Assert.That(IsOpen);
    }

    [Test]
    public void Driver_that_dies_is_off_the_line_and_owes_nothing()
    {
        Fire();
        Acknowledge(_second, _secondLine);
        ProcessDeath.Kill(_bench.Kernel, _first, DeathCause.Killed);
        Assert.That(IsOpen, "at once, before anything is reclaimed");
        Heard(_second);
        Fire();
        Assert.That(Heard(_second), Is.EqualTo(SecondBits));
        Acknowledge(_second, _secondLine);
        Assert.That(IsOpen);
    }

    [Test]
    public void Line_without_a_driver_is_masked()
    {
        ProcessDeath.Kill(_bench.Kernel, _first, DeathCause.Killed);
        Assert.That(IsOpen);
        ProcessDeath.Kill(_bench.Kernel, _second, DeathCause.Killed);
        Assert.That(IsOpen, Is.False);
        _bench.Reclaim();
        KernelAudit.Check(_bench.Kernel);
    }

    [Test]
    public void Next_driver_does_not_open_a_line_that_another_one_owes()
    {
        Fire();
        ProcessDeath.Kill(_bench.Kernel, _first, DeathCause.Killed);
        Process next = NewDriver(FirstBits, out ulong line);
        Assert.That(IsOpen, Is.False);
        Acknowledge(_second, _secondLine);
        Assert.That(IsOpen);
        Fire();
        Acknowledge(next, line);
        Acknowledge(_second, _secondLine);
        Assert.That(IsOpen);
    }

    [Test]
    public void Ninth_driver_of_a_line_is_refused()
    {
        for (int number = 2; number < global::CosmosKernel.Devices.InterruptLine.MaxBindings;
             number++)
        {
            NewDriver(4, out _);
        }
        Process ninth = _bench.NewProcess("driver", Layer.Driver);
        ulong line = _bench.Grant(ninth, ObjectType.Interrupt, Line);
        ulong bell = _bench.Make(ninth, SystemCall.NotificationCreate);
        Assert.That(
            _bench.Do(ninth, SystemCall.InterruptBind, line, bell, 1).Status,
            Is.EqualTo(Status.QuotaExceeded));
    }
}
