// With ondeath=fail calls answer at once while the server is dead, and work when it is back.

using NUnit.Framework;

namespace Tests.Boot.Mounts;

public sealed class FailTests : BootTest
{
    /// <summary>So many that the restart after the next one is 1.6 s away.</summary>
    private const int Crashes = 8;

    [Test]
    public void Call_answers_at_once_while_the_server_is_dead()
    {
        Succeeds("mount -t memfs -o ondeath=fail none /mnt");
        for (int crash = 0; crash < Crashes; crash++)
        {
            Until("crash memfs@/mnt null && echo done", "done");
            Until("ls /mnt && echo served", "served");
        }
        // The first call may still be served before the fault is committed.
        string answer = SucceedsAtOnce(
            "crash memfs@/mnt null; ls /mnt; ls /mnt || ls /mnt || true");
        Assert.That(answer, Does.EndWith("ls: /mnt: server died (did not happen)"));
        Assert.That(Succeeds("mount"), Does.Contain("on /mnt"));
        Until("ls /mnt && echo served", "served");
    }
}
