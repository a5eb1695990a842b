// Vfs dies under programs that open files all the time, and knows every mount when it is back.

using System;
using System.Linq;
using NUnit.Framework;

namespace Tests.Boot.Deaths;

public sealed class VfsTests : BootTest
{
    [Test]
    public void Files_are_found_while_vfs_dies_again_and_again()
    {
        Succeeds("mount -t memfs none /mnt");
        Succeeds("write /mnt/f kept");
        string deaths = string.Join(" && ", Enumerable.Repeat("sleep 0.1 && kill vfs", 10));
        Run($"{deaths} &");
        for (int i = 0; i < 20; i++)
        {
            string line = string.Join("; ", Enumerable.Repeat("cat /mnt/f", 10));
            string[] answer = Run(line, 60).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.That(answer.Where(one => !one.StartsWith('[')), Is.EqualTo(
                Enumerable.Repeat("kept", 10)));
        }
        Until("jobs", "exit", 60);
        Assert.That(Run("servers"), Does.Match(@"vfs +\d+ +ready .* 10 "));
    }

    [Test]
    public void Mount_that_was_made_while_vfs_was_down_is_known_to_the_next()
    {
        Assert.That(
            Run("kill vfs; mount -t memfs none /mnt; write /mnt/f new; umount /mnt; ls /mnt"),
            Is.Empty);
        Run("kill vfs; mount -t memfs none /mnt; kill vfs; write /mnt/f new; kill vfs");
        Assert.That(Succeeds("cat /mnt/f"), Is.EqualTo("new"));
        Succeeds("umount /mnt; kill vfs");
        Assert.That(Succeeds("ls /mnt"), Is.Empty);
    }
}
