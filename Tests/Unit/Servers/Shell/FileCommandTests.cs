// The file commands over a real MemFs: what they do, and each way in which they can go wrong.

using System;
using System.Linq;
using NUnit.Framework;
using Servers.Shell.Commands;
using Shared.Abi;
using Tests.Unit.Servers.Shell.Hosted;

namespace Tests.Unit.Servers.Shell;

public sealed class FileCommandTests
{
    private HostShell _shell = null!;

    [SetUp]
    public void MakeShell()
    {
        _shell = new HostShell();
        _shell.Type("cd /home");
    }

    [TestCase("write f hello; cat f", "hello\n")]
    [TestCase("write f one; append f two; cat f", "one\ntwo\n")]
    [TestCase("write f a long text; write f b; cat f", "b\n")]
    [TestCase("echo a b > f; echo c >> f; cat f f", "a b\nc\na b\nc\n")]
    [TestCase("echo -n x > f; hexdump f", "00000000  78 ")]
    [TestCase("touch f; stat f", "/home/f: file, 0 bytes")]
    [TestCase("touch f; wc f", "0 0 0 f\n")]
    [TestCase("write f a b; append f c; wc f", "2 3 6 f\n")]
    [TestCase("echo one > f; echo two >> f; echo three >> f; head -n 2 f", "one\ntwo\n")]
    [TestCase("echo one > f; echo two >> f; head -1 f", "one\n")]
    [TestCase("echo -n abc > f; sha256sum f",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  f\n")]
    [TestCase("touch f; sha256sum f",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  f\n")]
    [TestCase("mkdir -p a/b/c; ls a; ls a/b", "b/\nc/\n")]
    [TestCase("mkdir a; touch a/z a/y x; ls", "a/\nx\n")]
    [TestCase("mkdir a; touch a/z; ls a/z", "a/z\n")]
    [TestCase("echo 12345 > f; ls -l", "file      6  ")]
    [TestCase("echo x > f; cp f g; cat g", "x\n")]
    [TestCase("mkdir d; echo x > f; cp f d; cat d/f", "x\n")]
    [TestCase("echo x > f; mv f g; ls", "g\n")]
    [TestCase("mkdir d; touch f g; mv f g d; ls; ls d", "d/\nf\ng\n")]
    [TestCase("touch f; rm f; ls", "")]
    [TestCase("mkdir -p d/e/f; touch d/x d/e/y; rm -r d; ls", "")]
    [TestCase("mkdir d; rmdir d; ls", "")]
    [TestCase("rm -f nothing; echo $?", "0\n")]
    [TestCase("mkdir d; cd d; pwd; cd ..; pwd; cd; pwd", "/home/d\n/home\n/\n")]
    [TestCase("sync; echo $?", "0\n")]
    [TestCase("lsblk",
        "NAME    SIZE  TYPE  MODE  MOUNTED  MODEL\n"
        + "ata5     64M  disk  rw    -        A disk (gpt)\n"
        + "ata5p1   32M  part  rw    -\n"
        + "ata5p3  8.0M  part  rw    -\n")]
    [TestCase("cat < /etc/none", "shell: /etc/none: not found\n")]
    [TestCase("echo \"a  b\" 'c' \\# d # e", "a  b c # d\n")]
    public void Line_does_what_people_expect(string line, string expected)
        => Assert.That(_shell.Type(line), Does.StartWith(expected).Or.Contain(expected));

    [TestCase("cat nothing", "cat: nothing: not found\n", 1)]
    [TestCase("cat /home", "cat: /home: is a directory\n", 1)]
    [TestCase("touch f; cat f/g", "cat: f/g: not a directory\n", 1)]
    [TestCase("ls nothing", "ls: nothing: not found\n", 1)]
    [TestCase("ls -x", "ls: -x: unknown option (usage: ls [-l] [PATH...])\n", 2)]
    [TestCase("cd nothing", "cd: nothing: not found\n", 1)]
    [TestCase("touch f; cd f", "cd: f: not a directory\n", 1)]
    [TestCase("mkdir /home", "mkdir: /home: already exists\n", 1)]
    [TestCase("mkdir a/b", "mkdir: a/b: not found\n", 1)]
    [TestCase("touch f; mkdir -p f/g", "mkdir: f/g: not a directory\n", 1)]
    [TestCase("touch f; mkdir -p f", "mkdir: f: already exists\n", 1)]
    [TestCase("mkdir", "mkdir: usage: mkdir [-p] DIRECTORY...\n", 2)]
    [TestCase("rm nothing", "rm: nothing: not found\n", 1)]
    [TestCase("rm /home", "rm: /home: is a directory\n", 1)]
    [TestCase("mkdir d; touch d/f; rmdir d", "rmdir: d: directory not empty\n", 1)]
    [TestCase("touch f; rmdir f", "rmdir: f: not a directory\n", 1)]
    [TestCase("rm -r /", "rm: /: is a mount\n", 1)]
    [TestCase("mv nothing f", "mv: nothing: not found\n", 1)]
    [TestCase("mkdir d; mv d d/e", "mv: d: cannot move into itself\n", 1)]
    [TestCase("cp nothing f", "cp: nothing: not found\n", 1)]
    [TestCase("mkdir d; cp d e", "cp: d: is a directory\n", 1)]
    [TestCase("touch f; cp f f", "cp: /home/f: source and target are the same file\n", 1)]
    [TestCase("touch f; cp f g h", "cp: h: not a directory\n", 1)]
    [TestCase("cp f", "cp: usage: cp SOURCE... TARGET\n", 2)]
    [TestCase("head -n x f", "head: x: not a number of lines\n", 1)]
    [TestCase("stat nothing", "stat: nothing: not found\n", 1)]
    [TestCase("df nothing", "", 0)]
    public void Error_is_one_line_and_sets_the_status(string line, string expected, int status)
    {
        Assert.That(_shell.Type(line), expected.Length > 0 ? Is.EqualTo(expected) : Is.Not.Empty);
        Assert.That(_shell.State.LastStatus, Is.EqualTo(status));
    }

    [Test]
    public void Name_that_is_too_long_is_refused()
        => Assert.That(
            _shell.Type($"touch {new string('x', 300)}"), Does.EndWith(": name too long\n"));

    [Test]
    public void Full_volume_is_one_error_and_loses_nothing()
    {
        _shell.Services.Mount("/mnt", "size=64K");
        _shell.Type("write /mnt/f precious");
        string text = new('x', 1000);
        for (int count = 0; count < 100; count++) _shell.Type($"append /mnt/big {text}");
        Assert.That(
            _shell.Type($"append /mnt/big {text}"),
            Is.EqualTo("append: /mnt/big: no space left\n"));
        Assert.That(_shell.State.LastStatus, Is.EqualTo(ExitCode.Failure));
        Assert.That(_shell.Type("cat /mnt/f"), Is.EqualTo("precious\n"));
        Assert.That(
            _shell.Type("cp /mnt/big /mnt/copy"), Is.EqualTo("cp: /mnt/copy: no space left\n"));
        Assert.That(
            _shell.Type("cat /mnt/big > /mnt/copy"), Is.EqualTo("cat: output: no space left\n"));
    }

    [Test]
    public void Read_only_mount_refuses_changes()
    {
        _shell.Services.Mount("/mnt", "ro");
        Assert.That(_shell.Type("touch /mnt/f"), Is.EqualTo("touch: /mnt/f: read-only\n"));
        Assert.That(_shell.Type("echo x > /mnt/f"), Is.EqualTo("shell: /mnt/f: read-only\n"));
        Assert.That(_shell.Type("mkdir /mnt/d"), Is.EqualTo("mkdir: /mnt/d: read-only\n"));
    }

    [Test]
    public void Move_between_mounts_copies_files_and_refuses_directories()
    {
        _shell.Services.Mount("/mnt");
        Assert.That(_shell.Type("echo x > f; mv f /mnt; cat /mnt/f; ls"), Is.EqualTo("x\n"));
        Assert.That(
            _shell.Type("mkdir d; mv d /mnt"), Is.EqualTo("mv: d: on different mounts\n"));
    }

    [Test]
    public void Mount_root_cannot_be_removed_or_moved()
    {
        _shell.Services.Mount("/mnt");
        Assert.That(_shell.Type("rmdir /mnt"), Is.EqualTo("rmdir: /mnt: is a mount\n"));
        Assert.That(_shell.Type("mv /mnt /home/m"), Is.EqualTo("mv: /mnt: is a mount\n"));
        Assert.That(_shell.Type("mkdir /mnt"), Is.EqualTo("mkdir: /mnt: already exists\n"));
    }

    [Test]
    public void Long_listing_comes_in_pages_and_sorted()
    {
        string tail = new('x', 60);
        for (int number = 999; number >= 0; number--) _shell.Type($"touch f-{number:000}-{tail}");
        string[] lines = _shell.Type("ls").TrimEnd().Split('\n');
        Assert.That(lines, Has.Length.EqualTo(1000));
        Assert.That(lines, Is.EqualTo(lines.Order(StringComparer.Ordinal)));
        Assert.That(_shell.Type("cd /; rm -r home; ls home"), Is.EqualTo("ls: home: not found\n"));
    }

    [Test]
    public void Commands_leave_no_handles_behind()
    {
        _shell.Type("echo x > f; cat f");
        int before = _shell.Services.HandleCount;
        _shell.Type("echo x > f; cat f g; cp f h; mv h i; ls -l; stat f; df; touch f j; rm f i j");
        _shell.Type("mkdir -p d/e; rm -r d; head nothing; wc < f; echo a | cat | wc; sync");
        Assert.That(_shell.Services.HandleCount, Is.EqualTo(before));
        Assert.That(_shell.Services.FakePipes.OpenEnds, Is.Zero);
    }

    [Test]
    public void Revoked_mount_is_told_and_the_next_command_works()
    {
        _shell.Services.Mount("/mnt");
        _shell.Type("cd /mnt");
        _shell.Services.Unmount("/mnt");
        Assert.That(_shell.Type("touch f; pwd"), Does.EndWith("/mnt\n"));
        Assert.That(_shell.Type("cd /; ls"), Does.Contain("home/"));
    }
}
