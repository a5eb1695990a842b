// What a person sees of the tasks: ps, caps, waits, servers, log, uptime, free, /proc.

using NUnit.Framework;

namespace Tests.Boot.Tasks;

public sealed class ViewTests : BootTest
{
    [Test]
    public void Tasks_are_listed_with_all_columns()
    {
        string[] lines = Succeeds("ps").Split('\n');
        Assert.That(lines[0],
            Does.Match("^PID +NAME +STATE +RESTARTS +MEMORY +HANDLES +THREADS +CPU$"));
        string[] names = ["supervisor", "console", "pipes", "vfs", "memfs@/", "shell"];
        foreach (string name in names)
        {
            Assert.That(lines, Has.One.Matches(
                $@"^ *\d+  {name} +running +0 +[\d.]+[KM] +\d+ +\d+ +[0-9.]+m?s$"));
        }
    }

    [Test]
    public void Capabilities_of_a_task_are_listed_with_their_parents()
    {
        string[] lines = Succeeds("caps shell").Split('\n');
        Assert.That(lines[0], Does.Match("^HANDLE +OBJECT +RIGHTS +BADGE +PARENT$"));
        Assert.That(lines, Has.Some.Matches(@"^\d+\.\d+ +Endpoint 0 +Call\|Pass +\d+ +\S+ of 1$"));
        Assert.That(lines, Has.Some.Matches(@"^\d+\.\d+ +Machine 0 +Inspect\|PowerOff "));
        Assert.That(Succeeds("caps 1"), Does.Contain("Endpoint"));
    }

    [Test]
    public void Servers_are_listed_with_cause_of_death_and_recovery()
    {
        string[] before = Succeeds("servers").Split('\n');
        Assert.That(before[0],
            Does.Match("^NAME +PID +STATE +POLICY +RESTARTS +LAST-DEATH +RECOVERY +IMAGE$"));
        Assert.That(before, Has.One.Matches(@"^vfs +\d+ +ready +hold,always +0 +- +- +vfs$"));
        Run("crash vfs divide");
        Until("servers vfs", "recovered after");
        Assert.That(Succeeds("servers"),
            Does.Match(@"(?m)^vfs +\d+ +ready +hold,always +1 +DivideError +[0-9.]+ms +vfs$"));
    }

    [TestCase("null", "NullReference", "Faults.Dereference")]
    [TestCase("divide", "DivideError", "Faults.Divide")]
    [TestCase("throw", "UnhandledException", "Faults.Commit")]
    [TestCase("stack", "StackOverflow", "Faults.Recurse")]
    [TestCase("loop", "Hung", "Faults.Loop")]
    public void Crash_report_names_the_method_of_the_fault(
        string fault, string cause, string method)
    {
        Run($"crash vfs {fault}");
        string report = Until("servers vfs", "recovered after");
        Assert.That(report, Does.Match($@"^vfs\[\d+\] died: {cause}"));
        Assert.That(report, Does.Contain(method).And.Contain("ServerLoop.ServeUntilGarbage"));
        Assert.That(report, Does.Contain("Servers.Vfs.Program.Main"));
    }

    [Test]
    public void Kernel_tells_of_itself()
    {
        Assert.That(Succeeds("log"), Does.Match(@"(?m)^\[\d+\.\d+\] supervisor: start shell\["));
        Assert.That(
            Succeeds("uptime"), Does.Match("^up .*, [0-9]+ tasks, 0 deaths, .* idle [0-9]+%$"));
        Assert.That(Succeeds("free"), Does.Match("memory: .* total, .* used, .* free\nkernel: "));
    }

    [Test]
    public void Proc_shows_the_same_as_the_commands()
    {
        Assert.That(Succeeds("cat /proc/1/status"),
            Does.Match(@"^Name: +supervisor\nId: +1\nState: +Running"));
        Assert.That(Succeeds("cat /proc/1/name"), Is.EqualTo("supervisor"));
        Assert.That(Succeeds("cat /proc/1/caps"), Does.Contain("Endpoint"));
        Assert.That(Succeeds("cat /proc/mounts"), Is.EqualTo(Succeeds("mount")));
        Assert.That(Succeeds("cat /proc/memory"), Does.Match(@"(?m)^KernelCollections: +\d+$"));
        Assert.That(Succeeds("cat /proc/log"), Is.EqualTo(Succeeds("log")));
        Assert.That(Fails("cat /proc/99999/status"), Does.EndWith("not found"));
        Assert.That(Fails("write /proc/log x"), Does.StartWith("write: /proc/log: "));
    }

    [Test]
    public void Task_that_is_stopped_waits_and_goes_on()
    {
        Succeeds("sleep 1000 &");
        Succeeds("stop pipes");
        Assert.That(Succeeds("ps"), Does.Match("(?m)pipes +stopped "));
        Assert.That(Succeeds("servers"), Does.Match("(?m)^pipes .* stopped "));
        Succeeds("cont pipes");
        Assert.That(Succeeds("echo through | cat"), Is.EqualTo("through"));
    }
}
