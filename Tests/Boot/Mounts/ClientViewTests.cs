// What a client with an open file sees of its server: a test for each row of docs/promises.md that
// no other fixture has.
//
// The client is `cat` of a file of many reads: one handle, whose offset it keeps. Its server dies
// in the third request from now, so in the middle of the file.

using System.Linq;
using NUnit.Framework;

namespace Tests.Boot.Mounts;

public sealed class ClientViewTests : BootTest
{
    private const string Read = "cat /mnt/big | sha256sum";

    /// <summary>Answers the file's sum.</summary>
    private string Prepare(string options = "")
    {
        Succeeds($"mount -t memfs {options} none /mnt");
        Succeeds("hexdump /proc/images > /tmp/a; hexdump /tmp/a > /tmp/b");
        string parts = string.Join(' ', Enumerable.Repeat("/tmp/b", 20));
        Succeeds($"cat {parts} > /mnt/big", 60);
        Assert.That(Run("ls -l /mnt/big"), Does.Match(@"\b\d{6,} "));
        return Succeeds(Read, 60);
    }

    [TestCase("crash memfs@/mnt null --at 3")]
    [TestCase("crash memfs@/mnt divide --at 3")]
    [TestCase("crash memfs@/mnt throw --at 3")]
    [TestCase("crash memfs@/mnt stack --at 3")]
    [TestCase("crash memfs@/mnt memory --at 3")]
    [TestCase("crash memfs@/mnt exit --at 3")]
    [TestCase("crash memfs@/mnt null --at 3 --after-commit")]
    public void Server_that_dies_costs_its_client_time_alone(string death)
    {
        string sum = Prepare();
        for (int round = 0; round < 2; round++)
        {
            Succeeds(death);
            Assert.That(Succeeds(Read, 60), Is.EqualTo(sum));
        }
        Assert.That(Succeeds("servers"), Does.Match(@"memfs@/mnt .* 2 "));
    }

    [TestCase("hang memfs@/mnt --at 3")]
    [TestCase("crash memfs@/mnt loop --at 3")]
    public void Server_that_hangs_costs_its_client_time_alone(string hang)
    {
        string sum = Prepare();
        Succeeds(hang);
        Assert.That(Succeeds(Read, 60), Is.EqualTo(sum));
        Assert.That(Succeeds("servers memfs@/mnt"), Does.Contain("died: Hung"));
    }

    [Test]
    public void Server_that_is_upgraded_costs_its_client_nothing()
    {
        string sum = Prepare();
        Run("sleep 0.2 && upgrade memfs@/mnt memfs2 > /tmp/upgraded &");
        for (int round = 0; round < 6; round++)
            Assert.That(Succeeds(Read, 60), Does.Contain(sum), $"round {round}");
        Until("servers", " memfs2");
        Assert.That(Succeeds(Read, 60), Is.EqualTo(sum));
    }

    [Test]
    public void Reader_of_a_silent_server_is_killed_at_once_and_umount_takes_no_time()
    {
        Prepare();
        Run("hold /mnt/big > /tmp/held &");
        Until("cat /tmp/held", "bytes");
        Succeeds("stop memfs@/mnt");
        Run("cat /mnt/big > /tmp/out &");
        Until("waits", "cat.");
        string process = Succeeds("ps").Split('\n').First(static row => row.Contains(" cat."))
            .Trim().Split(' ')[0];
        SucceedsAtOnce($"kill {process}");
        Assert.That(Succeeds("ps"), Does.Not.Match($"(?m)^ *{process}  cat"));
        SucceedsAtOnce("umount /mnt");
        Assert.That(Succeeds("mount"), Does.Not.Contain("/mnt"));
        Assert.That(Run("waits"), Does.Not.Contain("memfs@/mnt"));
    }

    [Test]
    public void Df_answers_within_the_deadline_of_a_silent_mount()
    {
        Succeeds("mount -t memfs -o deadline=2 none /mnt");
        Succeeds("stop memfs@/mnt");
        string answer = Run("df", 15);
        Assert.That(answer, Does.Contain("/proc"));
        Succeeds("cont memfs@/mnt");
        Assert.That(Succeeds("df"), Does.Contain("/mnt"));
    }
}
