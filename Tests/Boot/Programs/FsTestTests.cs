// System.IO in the guest: the cases of `fstest`, which pass on the host too, on each file system.

using NUnit.Framework;

namespace Tests.Boot.Programs;

public sealed class FsTestTests : BootTest
{
    private const int Minutes = 60, MinKills = 3, MaxKills = 12;

    [Test]
    public void System_io_works_on_memfs() => Passes("/tmp");

    [Test]
    public void System_io_works_on_fat()
    {
        Succeeds("mount -t fat ram /mnt");
        Passes("/mnt");
    }

    [Test]
    public void System_io_works_while_its_file_server_is_killed()
    {
        Run("run fstest /tmp > /home/told &");
        string answer = "";
        int kills = 0;
        for (; kills < MaxKills && !answer.Contains(" failed"); kills++)
        {
            Succeeds(kills % 3 == 2 ? "kill vfs" : "kill memfs@/");
            Run("sleep 0.02");
            answer = Run("cat /home/told");
        }
        Assert.That(kills, Is.GreaterThan(MinKills), "it has ended too soon");
        answer = Until("cat /home/told", " failed", 2 * Minutes);
        Assert.That(answer, Does.EndWith(" passed, 0 failed"));
    }

    [Test]
    public void Argument_that_is_wrong_is_told_in_one_line()
    {
        Assert.That(Fails("run fstest"), Is.EqualTo("fstest: usage: fstest DIRECTORY [NAME]"));
        Run("run fstest");
        Assert.That(Run("echo $?"), Is.EqualTo("2"));
    }

    private void Passes(string directory)
    {
        string answer = Succeeds($"run fstest {directory}", 2 * Minutes);
        Assert.That(answer, Does.EndWith(" passed, 0 failed").And.Not.StartWith("0 "), answer);
        Assert.That(Succeeds($"ls {directory}"), Is.Empty);
    }
}
