// `run --ro` and `run --mount DIR`: a program sees and changes no more than that, whatever it tries
// and whoever dies meanwhile.

using NUnit.Framework;

namespace Tests.Boot.Programs;

public sealed class NarrowTests : BootTest
{
    private const int Minutes = 60;

    [Test]
    public void Program_that_may_only_read_changes_nothing_and_reads_all()
    {
        MakeFiles("/d");
        Assert.That(Succeeds("run --ro grep text /d/file"), Is.EqualTo("text"));
        Assert.That(Succeeds("run --ro grep -c memfs /proc/mounts"), Is.Not.Empty);
        Assert.That(Succeeds("cat /d/file | run --ro sort"), Is.EqualTo("text"));
        Assert.That(Succeeds("run --ro narrow ro /d"), Does.StartWith("refused "));
        Assert.That(
            Run("run --ro gzip /d/file; echo $?"), Does.Contain("ead-only").And.EndWith("2"));
        Assert.That(Run("run --ro sort -o /d/file /d/file"), Does.Contain("ead-only"));
        // Its streams are its own: the shell writes what it says.
        Succeeds("run --ro sort /d/file > /d/sorted");
        Assert.That(Succeeds("cat /d/file /d/sorted"), Is.EqualTo("text\ntext"));
        Assert.That(Succeeds("ls /d"), Is.EqualTo("file\nsorted\nsub/"));
    }

    [Test]
    public void Program_in_a_directory_works_in_it_and_finds_nothing_else()
    {
        MakeFiles("/d");
        Succeeds("mount -t fat ram /mnt");
        MakeFiles("/mnt/e");
        Succeeds("mkdir /d/fs");
        // All of System.IO but what asks for other places.
        Assert.That(
            Run("run --mount /d/fs fstest /d/fs", 2 * Minutes), Does.Match(
                @"^FAILED current-directory: .*\nFAILED temporary: .*\n"
                + @"FAILED drives: .*\n\d\d passed, 3 failed$"));
        Succeeds("rmdir /d/fs; cd /d/sub");
        Assert.That(Succeeds("run --mount .. narrow mount /d"), Does.StartWith("refused "));
        Assert.That(Succeeds("run --mount /d grep text ../file"), Is.EqualTo("text"));
        Assert.That(
            Succeeds("run --mount /d --mount /mnt/e grep text /d/file /mnt/e/file"),
            Is.EqualTo("/d/file:text\n/mnt/e/file:text"));
        foreach (string path in (string[])["/mnt/e/file", "/proc/mounts", "../../../mnt/e/file"])
        {
            Assert.That(
                Run($"run --mount /d grep x {path}; echo $?"),
                Does.Contain("Could not find").And.EndWith("\n2"));
        }
        Succeeds("run --mount /d sort -o /d/sub/out /d/file");
        Assert.That(Succeeds("cat /d/sub/out"), Is.EqualTo("text"));
        Succeeds("umount /mnt");
        Assert.That(Fails("run --mount /mnt/e grep x a"), Does.StartWith("run: /mnt/e: "));
    }

    [Test]
    public void Both_go_together_and_a_program_of_a_file_is_narrowed_too()
    {
        MakeFiles("/mnt/d");
        Assert.That(
            Succeeds("run --ro --mount /mnt/d narrow ro /mnt/d"), Does.StartWith("refused "));
        Assert.That(
            Run("run --ro --mount /mnt/d sort -o /mnt/d/x /mnt/d/file"), Does.Contain("ead-only"));
        Assert.That(Succeeds("help run"), Does.Contain("--mount DIR").And.Contain("--ro"));
    }

    [Test]
    public void Nothing_is_widened_by_the_death_of_whoever_it_goes_through()
    {
        MakeFiles("/d");
        Run("run --ro narrow ro /d end > /home/ro &");
        Run("run --ro --mount /d narrow ro /d end > /home/dir &");
        foreach (string killed in (string[])
            [
                "kill vfs", "kill memfs@/", "kill supervisor", "crash vfs null",
                "crash supervisor null", "kill memfs@/", "kill vfs", "kill supervisor",
            ])
        {
            Succeeds(killed);
            Run("sleep 0.2");
        }
        Assert.That(Run("cat /home/ro /home/dir"), Is.Empty, "they have ended too soon");
        Assert.That(Succeeds("ls /d"), Is.EqualTo("file\nsub/"));
        Succeeds("echo now > /d/end");
        Until("cat /home/ro", "refused", Minutes);
        Until("cat /home/dir", "refused", Minutes);
        Assert.That(Succeeds("cat /d/file"), Is.EqualTo("text"));
    }

    private void MakeFiles(string directory) =>
        Succeeds($"mkdir {directory}; mkdir {directory}/sub; echo text > {directory}/file");
}
