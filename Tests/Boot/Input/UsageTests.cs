// Every command with wrong words: one line, "NAME: what: reason", and nothing has happened.

using NUnit.Framework;

namespace Tests.Boot.Input;

public sealed class UsageTests : BootTest
{
    private static readonly (string Line, string Answer)[] Wrong =
    [
        ("nosuch", "shell: nosuch: unknown command"), ("cat /none", "cat: /none: not found"),
        ("cat /tmp", "cat: /tmp: is a directory"), ("ls /none", "ls: /none: not found"),
        ("ls -Z", "ls: -Z: unknown option"), ("cd /none", "cd: /none: not found"),
        ("cd /tmp/file", "cd: /tmp/file: not a directory"), ("cp", "cp: usage: "),
        ("mv /none /tmp/x", "mv: /none: not found"), ("rm /none", "rm: /none: not found"),
        ("rm /tmp", "rm: /tmp: "), ("rmdir /none", "rmdir: /none: not found"),
        ("rmdir /full", "rmdir: /full: directory not empty"),
        ("mkdir /tmp", "mkdir: /tmp: already exists"), ("mkdir /none/x", "mkdir: /none/x: "),
        ("stat /none", "stat: /none: not found"), ("head -n x /tmp/file", "head: x: "),
        ("echo x > /none/x", "shell: /none/x: "), ("cat < /none", "shell: /none: "),
        ("hold /none", "hold: /none: not found"), ("pin nosuch /tmp", "pin: nosuch: "),
        ("pin zombie /none", "pin: /none: not found"), ("demo nosuch", "demo: nosuch: "),
        ("kill", "kill: usage: "), ("kill nosuch", "kill: nosuch: no such task"),
        ("kill 4294967296", "kill: 4294967296: no such task"),
        ("stop 99999", "stop: 99999: no such task"), ("cont nosuch", "cont: nosuch: no such task"),
        ("restart nosuch", "restart: nosuch: no such task"),
        ("crash vfs nosuch", "crash: nosuch: "), ("crash nosuch null", "crash: nosuch: no such"),
        ("hang nosuch", "hang: nosuch: no such task"), ("caps 99999", "caps: 99999: no such task"),
        ("servers nosuch", "servers: nosuch: "), ("wait 99", "wait: 99: no such job"),
        ("run nosuch", "run: nosuch: no such program"), ("poweroff x", "poweroff: x: "),
        ("poweroff 128", "poweroff: 128: "), ("help nosuch", "help: nosuch: "),
        ("umount", "umount: usage: "), ("umount /tmp", "umount: /tmp: not mounted"),
        ("echo 'open", "shell: "), ("| wc", "shell: "), ("cat >", "shell: "),
    ];

    [Test]
    public void Command_with_wrong_words_answers_in_one_line()
    {
        Succeeds("mkdir /full; touch /full/x /tmp/file");
        string before = Succeeds("mount");
        Assert.Multiple(() =>
        {
            foreach ((string line, string answer) in Wrong)
            {
                string actual = Run(line);
                Assert.That(actual, Does.StartWith(answer).And.Not.Contain("\n"), $"'{line}'");
                Assert.That(Run("echo $?"), Is.Not.EqualTo("0"), $"'{line}'");
            }
        });
        Assert.That(Succeeds("mount"), Is.EqualTo(before));
        Assert.That(Succeeds("ls /full"), Is.EqualTo("x"));
    }
}
