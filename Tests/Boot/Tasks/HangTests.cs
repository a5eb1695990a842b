// What clients of a hung or looping server see, for each choice of ondeath; and who is not hung.

using NUnit.Framework;

namespace Tests.Boot.Tasks;

public sealed class HangTests : BootTest
{
    private static readonly string[] Ways = ["hang memfs@/mnt", "crash memfs@/mnt loop --at 1"];

    [TestCaseSource(nameof(Ways))]
    public void Client_with_hold_waits_for_the_next_incarnation(string way)
    {
        Mount("ondeath=hold");
        Succeeds(way);
        Assert.That(Succeeds("cat /mnt/file"), Is.EqualTo("kept"));
        Assert.That(Succeeds("servers"), Does.Match(@"memfs@/mnt +\d+ +ready .* 1 +Hung "));
    }

    [TestCaseSource(nameof(Ways))]
    public void Client_with_fail_is_told_and_may_try_again(string way)
    {
        Mount("ondeath=fail");
        Succeeds(way);
        // A directory is not made again by the client's library, unlike a read.
        Assert.That(Fails("mkdir /mnt/made"), Does.Contain("server died (may have happened)"));
        Assert.That(Until("cat /mnt/file", "kept"), Is.EqualTo("kept"));
        Assert.That(Succeeds("mount"), Does.Contain("on /mnt"));
    }

    [TestCaseSource(nameof(Ways))]
    public void Client_with_vanish_loses_the_mount_at_once(string way)
    {
        Mount("ondeath=vanish");
        Succeeds(way);
        string answer = Fails("cat /mnt/file");
        Assert.That(answer, Is.EqualTo("cat: /mnt/file: revoked (may have happened)"));
        Assert.That(Succeeds("mount"), Does.Not.Contain("/mnt"));
    }

    [TestCase("slow", "faulty@/mnt")]
    [TestCase("steps", "faulty@/mnt")]
    public void Slow_server_is_not_killed(string file, string server)
    {
        Succeeds("mount -t faulty none /mnt");
        string answer = Succeeds($"cat /mnt/{file}", timeoutSeconds: 60);
        Assert.That(answer, Is.EqualTo($"{file} was read"));
        Assert.That(Succeeds("servers"), Does.Match($@"{server} +\d+ +ready .* 0 +- +-"));
    }

    [Test]
    public void Parked_read_is_no_hang()
    {
        Succeeds("sleep 6 | cat");
        Assert.That(Succeeds("servers"), Does.Match(@"pipes +\d+ +ready .* 0 +- +-"));
    }

    [Test]
    public void File_server_above_a_hung_driver_is_not_killed()
    {
        Succeeds("mount -t faulty none /mnt");
        // Nobody else asks the console before the read does.
        Succeeds("hang console; cat /mnt/above > /tmp/read", timeoutSeconds: 60);
        Assert.That(Succeeds("cat /tmp/read"), Is.EqualTo("above was read"));
        string servers = Succeeds("servers");
        Assert.That(servers, Does.Match(@"console +\d+ +ready .* 1 +Hung "));
        Assert.That(servers, Does.Match(@"faulty@/mnt +\d+ +ready .* 0 +- +-"));
    }

    private void Mount(string options)
    {
        Succeeds($"mount -t memfs -o {options} none /mnt");
        Succeeds("echo kept > /mnt/file");
    }
}
