// Each fault inside of a request, before its commit and after it: the request happens once.

using NUnit.Framework;

namespace Tests.Boot.Tasks;

public sealed class MomentTests : BootTest
{
    private static readonly string[] Faults =
        ["null", "divide", "throw", "stack", "loop", "memory", "exit"];

    [TestCase("")]
    [TestCase(" --after-commit")]
    public void Append_happens_once_whatever_kills_the_server_in_it(string moment)
    {
        Succeeds("mount -t memfs none /mnt");
        Succeeds("touch /mnt/file");
        string expected = "";
        foreach (string fault in Faults)
        {
            // An append is an open and an append; so the second request is the one.
            AppendWith($"crash memfs@/mnt {fault} --at 2{moment}", fault, ref expected);
            string report = Succeeds("servers memfs@/mnt");
            Assert.That(report, Does.Match("^memfs@/mnt.* died: .* \\(injected\\)\n"));
        }
        AppendWith($"hang memfs@/mnt --at 2{moment}", "hang", ref expected);
        Assert.That(Succeeds("servers memfs@/mnt"), Does.Contain("died: Hung (injected)"));
        Assert.That(Succeeds("servers"), Does.Match($@"memfs@/mnt .* {Faults.Length + 1} +Hung"));
    }

    [Test]
    public void Directory_is_made_once_though_its_server_died_after_the_commit()
    {
        Succeeds("mount -t memfs none /mnt");
        Succeeds("crash memfs@/mnt null --after-commit");
        Succeeds("mkdir /mnt/made");
        Assert.That(Succeeds("servers"), Does.Match(@"memfs@/mnt .* 1 +NullReference"));
        Assert.That(Fails("mkdir /mnt/made"), Does.EndWith("already exists"));
    }

    [Test]
    public void Fault_waits_for_its_request()
    {
        Succeeds("mount -t memfs none /mnt");
        Succeeds("crash memfs@/mnt null --at 4");
        Succeeds("ls /mnt");
        Succeeds("append /mnt/file one");
        Assert.That(Succeeds("servers"), Does.Match(@"memfs@/mnt .* 0 +- +-"));
        Succeeds("append /mnt/file two");
        Assert.That(Succeeds("servers"), Does.Match(@"memfs@/mnt .* 1 +NullReference"));
        Assert.That(Succeeds("cat /mnt/file"), Is.EqualTo("one\ntwo"));
    }

    [Test]
    public void Task_that_takes_no_requests_cannot_crash_in_one() => Assert.That(
        Fails("crash shell null --at 1"), Is.EqualTo("crash: shell: takes no requests"));

    private void AppendWith(string injection, string line, ref string expected)
    {
        Succeeds(injection);
        Succeeds($"append /mnt/file {line}", timeoutSeconds: 60);
        expected += expected.Length == 0 ? line : $"\n{line}";
        Assert.That(Succeeds("cat /mnt/file"), Is.EqualTo(expected), injection);
    }
}
