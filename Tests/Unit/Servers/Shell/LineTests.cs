// Whole lines: conditions, redirections, pipelines, jobs, and the commands on tasks.

using System;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using NUnit.Framework;
using Servers.Shell;
using Servers.Shell.Commands;
using Shared.Abi;
using Tests.Unit.Servers.Shell.Hosted;

namespace Tests.Unit.Servers.Shell;

public sealed class LineTests
{
    private HostShell _shell = null!;

    [SetUp]
    public void MakeShell() => _shell = new HostShell();

    [TestCase("true && echo yes || echo no", "yes\n")]
    [TestCase("false && echo yes || echo no", "no\n")]
    [TestCase("false || false || echo third", "third\n")]
    [TestCase("true || echo never; echo after", "after\n")]
    [TestCase("false; echo $?; echo $?", "1\n0\n")]
    [TestCase("nonsense; echo $?", "shell: nonsense: unknown command (help lists them)\n127\n")]
    [TestCase("nonsense 2> /tmp/e; cat /tmp/e",
        "shell: nonsense: unknown command (help lists them)\n")]
    [TestCase("echo 'a b' | wc", "1 2 4\n")]
    [TestCase("echo b a | cat | head -n 1 | wc", "1 2 4\n")]
    [TestCase("false; echo $? | cat", "1\n")]
    [TestCase("> /tmp/f; stat /tmp/f", "/tmp/f: file, 0 bytes, number 7, links 1, modified "
        + "1970-01-01 00:00:00\n")]
    [TestCase("wc < /tmp/nothing", "shell: /tmp/nothing: not found\n")]
    [TestCase("echo x > /tmp/f; wc < /tmp/f", "1 1 2\n")]
    [TestCase("echo x > /no/f", "shell: /no/f: not found\n")]
    [TestCase("ls | | wc", "shell: syntax: unexpected '|'\n")]
    [TestCase("exit 3; echo never", "")]
    [TestCase("sleep x", "sleep: x: not a number of seconds\n")]
    [TestCase("kill", "kill: usage: kill NAME|PID...\n")]
    [TestCase("kill nobody", "kill: nobody: no such task\n")]
    [TestCase("crash vfs badly", "crash: badly: usage: "
        + "crash NAME null|divide|throw|stack|loop|memory|exit "
        + "[--at N] [--after-commit] [--early N]\n")]
    [TestCase("crash vfs null --at", "crash: --at: not a number from 1 to 32767\n")]
    [TestCase("crash vfs null --at 0", "crash: --at 0: not a number from 1 to 32767\n")]
    [TestCase("hang vfs --at 32768", "hang: --at 32768: not a number from 1 to 32767\n")]
    [TestCase("hang vfs --soon", "hang: --soon: unknown option (usage: "
        + "hang NAME... [--at N] [--after-commit] [--early N])\n")]
    [TestCase("crash nobody null", "crash: nobody: no such task\n")]
    [TestCase("run nothing", "run: nothing: no such program (run lists them)\n")]
    [TestCase("run crasher; echo $?", "shell: crasher: divide error\n135\n")]
    [TestCase("wait 77", "wait: 77: no such job\n")]
    [TestCase("wait x", "wait: x: not a job number\n")]
    [TestCase("poweroff 200", "poweroff: 200: not a code from 0 to 127\n")]
    [TestCase("help nonsense", "help: nonsense: no such command\n")]
    [TestCase("servers", "console always 0 - -\n")]
    [TestCase("servers vfs", "vfs died of NullReference\n  at X\n")]
    [TestCase("servers -v", "vfs: ready, poisoned 0\n")]
    [TestCase("servers -v vfs", "vfs: ready, poisoned 0\n")]
    [TestCase("servers -v nobody", "servers: nobody: no such task\n")]
    [TestCase("servers nobody", "servers: nobody: no crash report\n")]
    [TestCase("log", "0.001 kernel: hello\n")]
    [TestCase("caps 99", "caps: 99: no such task\n")]
    [TestCase("pin sideways /tmp", "pin: sideways: usage: "
        + "pin zombie|stopped|thread|inflight|reader DIRECTORY\n")]
    [TestCase("pin zombie /nothing", "pin: /nothing: not found\n")]
    [TestCase("hold /nothing", "hold: /nothing: not found\n")]
    [TestCase("demo nothing", "demo: nothing: no such demonstration\n")]
    public void Line_prints(string line, string expected)
        => Assert.That(_shell.Type(line), Is.EqualTo(expected));

    [Test]
    public void Tasks_are_named_to_the_supervisor()
    {
        _shell.Type("kill vfs 7; stop 8; cont 8; restart vfs; crash vfs null; hang memfs@/");
        Assert.That(_shell.Services.Jobs.Requests, Is.EqualTo(new[]
        {
            "kill vfs", "kill 7", "stop 8", "cont 8", "restart vfs", "CrashNull vfs",
            "Hang memfs@/",
        }));
    }

    [Test]
    public void Background_line_is_a_job_that_is_announced()
    {
        Assert.That(_shell.Type("cd /tmp; true && false & jobs"), Is.EqualTo(
            "[1] 101\n[1] exit(1) 101 shell -c true && false 0\n"));
        Assert.That(_shell.Services.Jobs.Requests.Single(), Is.EqualTo(
            "run shell -c true && false 0 in /tmp"));
        Assert.That(_shell.Type("wait; echo $?; jobs"), Is.EqualTo("1\n"));
    }

    [Test]
    public void Background_program_needs_no_shell_around_it()
    {
        _shell.Type("run attack 'a b' &");
        Assert.That(_shell.Services.Jobs.Requests.Single(), Is.EqualTo("run attack a b in /"));
    }

    [Test]
    public void Argument_with_an_end_of_line_cannot_be_sent()
        => Assert.That(
            _shell.Type("run attack 'a\nb'"), Is.EqualTo("run: attack: bad argument\n"));

    [Test]
    public void Mounts_are_listed_made_and_removed()
    {
        Assert.That(_shell.Type("mount -t memfs none /mnt; mount"), Is.EqualTo(
            "none on / type memfs (ondeath=hold) by memfs@/[9]\n"
            + "none on /mnt type memfs (ondeath=hold) by memfs@/mnt[9]\n"));
        Assert.That(_shell.Type("df"), Does.Contain("\n/mnt "));
        Assert.That(
            _shell.Type("mount -t memfs none /mnt"),
            Is.EqualTo("mount: /mnt: is a mount already\n"));
        Assert.That(_shell.Type("echo x > /mnt/f; umount /mnt; ls /mnt"), Is.Empty);
        Assert.That(_shell.Type("umount /mnt"), Is.EqualTo("umount: /mnt: not mounted\n"));
    }

    [Test]
    public void Mount_of_a_disk_waits_until_the_bus_has_been_looked_through() => Assert.That(
        _shell.Type("mount -t memfs /dev/ata0 /mnt; echo $?"), Is.EqualTo("0\n"));

    [TestCase("mount -t", "mount: usage: mount [-t TYPE [-o OPTIONS] SOURCE TARGET]\n")]
    [TestCase("mount memfs none /mnt",
        "mount: usage: mount [-t TYPE [-o OPTIONS] SOURCE TARGET]\n")]
    [TestCase("mount -t nofs none /mnt", "mount: nofs: unknown type\n")]
    [TestCase("mount -t memfs -o bad none /mnt", "mount: bad: bad option\n")]
    [TestCase("mount -t memfs none /nothing", "mount: /nothing: not found\n")]
    [TestCase("mount -x", "mount: -x: unknown option "
        + "(usage: mount [-t TYPE [-o OPTIONS] SOURCE TARGET])\n")]
    [TestCase("umount", "umount: usage: umount [-f] TARGET\n")]
    public void Bad_mount_is_one_line(string line, string expected)
        => Assert.That(_shell.Type(line), Is.EqualTo(expected));

    [Test]
    public void Ps_shows_a_row_for_each_process()
    {
        _shell.Services.Tables[InspectKind.Processes] =
        [
            .. Row(1, "supervisor", ProcessState.Running), .. Row(12, "pin.3", ProcessState.Zombie),
        ];
        Assert.That(_shell.Type("ps"), Is.EqualTo(
            "PID  NAME        STATE    RESTARTS  MEMORY  HANDLES  THREADS     CPU\n"
            + "  1  supervisor  running         2    1.0M       30        2  1.50ms\n"
            + " 12  pin.3       zombie          2    1.0M       30        2  1.50ms\n"));
    }

    [Test]
    public void Waits_name_caller_server_and_mount()
    {
        _shell.Services.Tables[InspectKind.Processes] =
        [
            .. Row(7, "memfs@/mnt", ProcessState.Running),
            .. Row(12, "cat.3", ProcessState.Running),
        ];
        WaitRow wait = new()
        {
            CallerProcess = 12, ServerProcess = 7, ServerAlive = 1, State = WaitState.Delivered,
            Operation = 16, Attempt = 1,
        };
        _shell.Services.Tables[InspectKind.Waits] =
            MemoryMarshal.AsBytes(new ReadOnlySpan<WaitRow>(in wait)).ToArray();
        Assert.That(_shell.Type("waits"), Is.EqualTo(
            "CALLER     SERVER         MOUNT  STATE         OPERATION  FOR  UNTIL\n"
            + "cat.3[12]  memfs@/mnt[7]  /mnt   in its hands         16  1ns      -\n"));
    }

    [Test]
    public void Audit_that_finds_nothing_succeeds()
    {
        _shell.Services.Audits[0] = new AuditReport { Looked = 70 };
        _shell.Services.Audits.Add(new AuditReport { Looked = 30 });
        Assert.That(_shell.Type("audit; echo $?"), Is.EqualTo(
            "clean: 100 records, nothing of the dead is left\n0\n"));
        Assert.That(_shell.Type("audit -v"), Does.Contain("\nslices: 2, longest: "));
    }

    [Test]
    public void Audit_names_what_is_left_a_line_each()
    {
        _shell.Services.Tables[InspectKind.Processes] =
            [.. Row(7, "memfs@/mnt", ProcessState.Zombie)];
        AuditReport found = default;
        found.AddLeaked(AuditKind.Reply, 4, 7);
        found.AddLeaked(AuditKind.Frame, 0, 0, 12);
        _shell.Services.Audits[0] = found;
        Assert.That(_shell.Type("audit; echo $?"), Is.EqualTo(
            "leaked: 1 calls in the hands of the dead, the first: 4 of memfs@/mnt[7]\n"
            + "leaked: 12 frames that nobody is charged for, the first: 0\n1\n"));
    }

    [Test]
    public void Audit_waits_for_what_is_being_cleared_away()
    {
        _shell.Services.Audits[0] = new AuditReport { ReclaimPending = 3 };
        Assert.That(_shell.Type("audit; echo $?"), Is.EqualTo(
            "still reclaiming: 0 records, 3 tasks and lists\n1\n"));
        Assert.That(_shell.Services.SleptNs, Is.EqualTo(2_000_000_000));
    }

    [Test]
    public void Help_explains_every_command()
    {
        string all = _shell.Type("help");
        foreach (Command command in CommandTable.Standard().All)
        {
            Assert.That(all, Does.Contain($"  {command.Usage}"));
            Assert.That(_shell.Type($"help {command.Name}"), Does.StartWith(command.Usage));
            Assert.That(command.Usage, Does.StartWith(command.Name));
            Assert.That(command.Summary, Does.Not.EndWith("."));
        }
    }

    [TestCase("cat echo write append cp mv rm mkdir rmdir stat touch cd pwd df hexdump sha256sum")]
    [TestCase("ls head wc sync mount umount ps kill stop cont servers restart crash hang caps")]
    [TestCase("audit waits run jobs wait log uptime poweroff reboot help pin hold demo sleep exit")]
    public void Every_promised_command_is_there(string names)
    {
        foreach (string name in names.Split(' '))
        {
            Assert.That(CommandTable.Standard().Find(name), Is.Not.Null, name);
        }
    }

    private static byte[] Row(uint id, string name, ProcessState state)
    {
        ProcessRow row = new()
        {
            Id = id, Incarnation = 2, State = state, MemoryPages = 256, Handles = 30, Threads = 2,
            CpuNs = 1_500_000,
        };
        byte[] bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<ProcessRow>(in row)).ToArray();
        Encoding.UTF8.GetBytes(name, bytes.AsSpan(NameOffset));
        return bytes;
    }

    private static unsafe int NameOffset
    {
        get
        {
            // Safety: only addresses within one local are compared.
            ProcessRow row = default;
            return (int)((byte*)row.Name - (byte*)&row);
        }
    }
}
