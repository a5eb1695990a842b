// Processes that are copied from a template: what differs between two, and what dies with what.

using System.Linq;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Tests.Boot.Tasks;

public sealed class CopyTests : BootTest
{
    private const int IdleMs = 300;

    /// <summary>Starts it often enough for a template, and waits for that.</summary>
    private void MakeTemplate(string command, string image)
    {
        for (int i = 0; i < 3; i++) Succeeds(command);
        Succeeds($"sleep 0.{IdleMs}");
        Assert.That(Succeeds("ps"), Does.Match($@"{Regex.Escape(image)}\+template +template "));
    }

    [Test]
    public void Copies_have_guards_and_seeds_of_their_own()
    {
        MakeTemplate("run ordinary words", "ordinary");
        string[] first = Succeeds("run ordinary twin").Split('\n');
        string[] second = Succeeds("run ordinary twin").Split('\n');
        Assert.That(first, Has.Length.EqualTo(6));
        foreach ((string one, string other) in first.Zip(second))
        {
            TestContext.Out.WriteLine($"{one} | {other}");
            Assert.That(one.Split(':')[0], Is.EqualTo(other.Split(':')[0]));
            Assert.That(one, Is.Not.EqualTo(other));
        }
    }

    [Test]
    public void Copies_have_the_arguments_the_directory_and_the_streams_that_they_are_given()
    {
        MakeTemplate("run ordinary words", "ordinary");
        Succeeds("mkdir /tmp/here; cd /tmp/here");
        Assert.That(Succeeds("run ordinary words one 'two words' ''"),
            Is.EqualTo("in /tmp/here\n[one]\n[two words]\n[]"));
        Assert.That(Succeeds("echo one | run ordinary copy"), Is.EqualTo("1: one\nend after 1"));
        Assert.That(Run("run ordinary return 7; echo $?"), Is.EqualTo("7"));
        Assert.That(Run("run ordinary throw boom"),
            Does.Contain("System.InvalidOperationException: boom").And.Contain("   at "));
    }

    [Test]
    public void Template_that_is_killed_harms_no_copy_and_is_made_again()
    {
        MakeTemplate("run ordinary words", "ordinary");
        Succeeds("run ordinary pool 4 > /tmp/before");
        Succeeds("kill ordinary+template");
        Assert.That(Succeeds("run ordinary words after"), Does.Contain("[after]"));
        MakeTemplate("run ordinary words", "ordinary");
        Assert.That(Succeeds("audit"), Does.StartWith("clean"));
    }

    [Test]
    public void Copies_outlive_the_supervisor_and_its_templates()
    {
        MakeTemplate("mount -t memfs none /mnt; ls /mnt; umount /mnt", "memfs");
        Succeeds("mount -t memfs none /mnt; echo kept > /mnt/file");
        Run("kill supervisor");
        Assert.That(Succeeds("cat /mnt/file"), Is.EqualTo("kept"));
        Succeeds("echo more >> /mnt/file; kill memfs@/mnt");
        Assert.That(Succeeds("cat /mnt/file"), Is.EqualTo("kept\nmore"));
        Succeeds("sleep 1");
        Assert.That(Succeeds("audit"), Does.StartWith("clean"));
    }
}
