// The counts in the last line come from the runner's records, and no failure is lost.

using System.Xml.Linq;
using NUnit.Framework;
using Tests.Rig;
using Tests.Rig.Machine;

namespace Tests.Unit.Tests.Rig;

public sealed class TestRunTests
{
    [Test]
    public void Counts_are_those_of_the_record() =>
        Assert.That(TestRun.Read(Record("Passed", "Passed", "Failed", "NotExecuted"), exitCode: 1)
            .ToString(), Is.EqualTo("2 passed, 1 failed, 1 skipped"));

    [Test]
    public void Run_that_fails_without_a_failed_test_counts_as_one() =>
        Assert.That(TestRun.Read(Record("Passed"), exitCode: 1).ToString(),
            Is.EqualTo("1 passed, 1 failed"));

    [Test]
    public void Test_that_was_aborted_counts_as_failed() =>
        Assert.That(TestRun.Read(Record("Aborted", "Timeout"), exitCode: 1).Failed, Is.EqualTo(2));

    [TestCase(0, 0, true)]
    [TestCase(7, 3, false)]
    [TestCase(1, 0, false)]
    public void Exit_status_gives_the_code_of_the_guest(int status, int code, bool isClean)
    {
        Assert.That(new GuestExit(status).Code, Is.EqualTo(code));
        Assert.That(new GuestExit(status).IsClean, Is.EqualTo(isClean));
    }

    [Test]
    public void Panic_is_told_from_a_power_off_with_a_code()
    {
        Assert.That(new GuestExit(0xFD).ToString(), Does.Contain("panicked"));
        Assert.That(new GuestExit(0x0B).ToString(), Is.EqualTo("the guest stopped with code 5"));
    }

    private static XDocument Record(params string[] outcomes)
    {
        XNamespace space = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";
        var root = new XElement(space + "TestRun");
        foreach (string outcome in outcomes)
        {
            root.Add(new XElement(space + "UnitTestResult", new XAttribute("outcome", outcome)));
        }
        return new XDocument(root);
    }
}
