// The programs that are written with System.IO alone, as a person uses them.

using NUnit.Framework;

namespace Tests.Boot.Programs;

public sealed class ProgramTests : BootTest
{
    [Test]
    public void Grep_finds_lines_of_files_and_of_a_pipe()
    {
        Succeeds("echo one > /tmp/a; echo two >> /tmp/a; echo THREE >> /tmp/a");
        Succeeds("echo two words > /tmp/b");
        Assert.That(Succeeds("run grep t.o /tmp/a"), Is.EqualTo("two"));
        Assert.That(
            Succeeds("run grep -in T /tmp/a /tmp/b"),
            Is.EqualTo("/tmp/a:2:two\n/tmp/a:3:THREE\n/tmp/b:1:two words"));
        Assert.That(Succeeds("cat /tmp/a | run grep -c -v e"), Is.EqualTo("2"));
        Assert.That(Succeeds("cd /tmp; run grep two a; cd /"), Is.EqualTo("two"));
        Assert.That(Run("run grep nothing /tmp/a; echo $?"), Is.EqualTo("1"));
        Assert.That(
            Run("run grep x /tmp/no; echo $?"),
            Is.EqualTo("grep: Could not find file '/tmp/no'.\n2"));
        Assert.That(
            Run("run grep '(' /tmp/a; echo $?"), Does.StartWith("grep: (: ").And.EndWith("2"));
        Assert.That(Run("run grep -z a; echo $?"), Does.Contain("usage").And.EndWith("2"));
    }

    [Test]
    public void Sort_sorts_what_it_is_given()
    {
        Succeeds("echo 10 > /tmp/a; echo 9 >> /tmp/a; echo 10 >> /tmp/a; echo -1 >> /tmp/a");
        Assert.That(Succeeds("run sort /tmp/a"), Is.EqualTo("-1\n10\n10\n9"));
        Assert.That(Succeeds("cat /tmp/a | run sort -nu"), Is.EqualTo("-1\n9\n10"));
        Succeeds("run sort -nr -o /tmp/a /tmp/a");
        Assert.That(Succeeds("cat /tmp/a"), Is.EqualTo("10\n10\n9\n-1"));
        Assert.That(
            Succeeds("run grep 1 /tmp/a | run sort | run grep -n 0"), Is.EqualTo("2:10\n3:10"));
        Succeeds("run sort /tmp/a > /tmp/sorted");
        Assert.That(Succeeds("cat /tmp/sorted"), Is.EqualTo("-1\n10\n10\n9"));
        Assert.That(Run("run sort -x; echo $?"), Does.StartWith("sort: usage").And.EndWith("2"));
    }

    [Test]
    public void Archive_comes_back_as_it_was()
    {
        Succeeds("mkdir /home/tree; mkdir /home/tree/sub; mkdir /home/tree/empty");
        Succeeds("cp /proc/images /home/tree/images; echo deep > /home/tree/sub/file");
        Succeeds("run tar -cf /home/tree.tar -C /home tree");
        Assert.That(Succeeds("run tar -tf /home/tree.tar | run grep -c tree"), Is.EqualTo("5"));
        Succeeds("mkdir /home/out; run tar -xf /home/tree.tar -C /home/out");
        Assert.That(Succeeds("cat /home/out/tree/sub/file"), Is.EqualTo("deep"));
        Assert.That(Succeeds("ls /home/out/tree"), Is.EqualTo(Succeeds("ls /home/tree")));
        Assert.That(
            Succeeds("cat /home/out/tree/images"), Is.EqualTo(Succeeds("cat /home/tree/images")));
        Succeeds("run tar -cf - -C /home tree | run tar -tf - | run grep sub");
        Assert.That(Run("run tar -q; echo $?"), Does.StartWith("tar: usage").And.EndWith("2"));
        Assert.That(
            Run("run tar -tf /home/tree/images; echo $?"),
            Does.StartWith("tar: ").And.EndWith("2"));
        Assert.That(
            Run("run tar -xf /home/no; echo $?"), Does.Contain("/home/no").And.EndWith("2"));
    }

    [Test]
    public void Packed_file_comes_back_as_it_was()
    {
        Succeeds("cp /proc/images /tmp/f; cat /proc/log >> /tmp/f");
        string digest = Succeeds("sha256sum /tmp/f");
        Succeeds("run gzip /tmp/f");
        Assert.That(Succeeds("ls /tmp"), Does.Contain("f.gz").And.Not.Match("(?m)^f$"));
        Succeeds("run gzip -d /tmp/f.gz");
        Assert.That(Succeeds("sha256sum /tmp/f"), Is.EqualTo(digest));
        Assert.That(
            Succeeds("cat /tmp/f | run gzip | run gzip -d | run sha256sum"),
            Is.EqualTo(digest.Split(' ')[0] + "  -"));
        Assert.That(Run("run gzip -d /tmp/f; echo $?"), Does.StartWith("gzip: ").And.EndWith("2"));
        Assert.That(Run("run gzip -q; echo $?"), Does.StartWith("gzip: usage").And.EndWith("2"));
        Succeeds("cp /tmp/f /tmp/bad.gz");
        Assert.That(
            Run("run gzip -d /tmp/bad.gz; echo $?"), Does.StartWith("gzip: ").And.EndWith("2"));
        Assert.That(Succeeds("ls /tmp"), Does.Match("(?m)^bad.gz$").And.Not.Match("(?m)^bad$"));
    }

    [Test]
    public void Digests_are_those_of_the_built_in_and_can_be_checked()
    {
        Succeeds("echo hello > /tmp/a; cp /proc/images /tmp/b");
        Assert.That(
            Succeeds("run sha256sum /tmp/a /tmp/b"),
            Is.EqualTo(Succeeds("sha256sum /tmp/a /tmp/b")));
        Succeeds("run sha256sum /tmp/a /tmp/b > /tmp/list");
        Assert.That(Succeeds("run sha256sum -c /tmp/list"), Is.EqualTo("/tmp/a: OK\n/tmp/b: OK"));
        Succeeds("echo other > /tmp/b");
        Assert.That(
            Run("run sha256sum -c /tmp/list; echo $?"),
            Is.EqualTo("/tmp/a: OK\n/tmp/b: FAILED\n1"));
        Assert.That(Run("run sha256sum /tmp; echo $?"), Does.Contain("denied").And.EndWith("2"));
        Assert.That(Run("run sha256sum -x; echo $?"), Does.Contain("usage").And.EndWith("2"));
    }

    [Test]
    public void Program_is_not_taken_for_a_command()
    {
        Assert.That(
            Fails("grep x /tmp/a"), Is.EqualTo("shell: grep: a program, no command: run grep"));
        Assert.That(Fails("nothing"), Does.StartWith("shell: nothing: unknown command"));
    }
}
