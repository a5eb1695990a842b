// umount needs nobody: not when Vfs is stopped, hangs, or has just died.

using NUnit.Framework;

namespace Tests.Boot.Mounts;

public sealed class VfsTests : BootTest
{
    [Test]
    public void Umount_takes_no_time_when_vfs_is_stopped()
    {
        Succeeds("mount -t memfs none /mnt");
        Succeeds("write /mnt/file hello");
        Succeeds("stop vfs");
        SucceedsAtOnce("umount /mnt");
        Assert.That(SucceedsAtOnce("mount"), Does.Not.Contain("/mnt"));
        Succeeds("cont vfs");
        Assert.That(Succeeds("ls /mnt"), Is.Empty);
    }

    [TestCase("hang vfs")]
    [TestCase("kill vfs")]
    [TestCase("crash vfs null")]
    public void Umount_takes_no_time_when_vfs_is_harmed(string harm)
    {
        Succeeds("mount -t memfs none /mnt");
        Succeeds("write /mnt/file hello");
        string answer = SucceedsAtOnce($"{harm}; umount /mnt && echo gone; mount");
        Assert.That(answer, Does.StartWith("gone\n").And.Not.Contain("/mnt"));
        // The next Vfs asks the supervisor, and knows nothing of the mount.
        Assert.That(Succeeds("ls /mnt"), Is.Empty);
    }

    [Test]
    public void Umount_takes_no_time_when_the_file_server_is_stopped_or_dead()
    {
        Succeeds("mount -t memfs none /mnt");
        Succeeds("stop memfs@/mnt");
        SucceedsAtOnce("umount /mnt");
        Succeeds("mount -t memfs none /mnt");
        Assert.That(SucceedsAtOnce("kill memfs@/mnt; umount /mnt && echo gone"),
            Is.EqualTo("gone"));
        Assert.That(Succeeds("mount"), Does.Not.Contain("/mnt"));
    }
}
