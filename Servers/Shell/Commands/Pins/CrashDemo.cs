// The story of `demo crash`: servers die in the middle of requests, and nobody who uses them
// notices; only a request that is itself to blame is refused.
//
// Rules: each scene has a mount of its own, with a restart budget of its own. Whatever happens, it
// is gone afterwards.

using System;
using System.Collections.Generic;
using System.Text;
using Servers.Shell.Files;
using Servers.Shell.Formatting;
using Servers.Shell.Running;
using Servers.Shell.Services;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Commands.Pins;

public sealed class CrashDemo(CommandContext context)
{
    private const string Target = "/tmp/crash";
    private const string File = Target + "/story";
    private const string Server = "memfs@" + Target;
    private const string FaultyServer = "faulty@" + Target;
    private const string Text = "once upon a time\n";

    private static readonly (string Name, ControlBits Fault)[] Faults =
    [
        ("null: a null reference", ControlBits.CrashNull),
        ("divide: a division by zero", ControlBits.CrashDivide),
        ("throw: an exception that nobody catches", ControlBits.CrashThrow),
        ("stack: recursion without end", ControlBits.CrashStack),
        ("memory: more than its quota", ControlBits.CrashMemory),
        ("exit: it just goes", ControlBits.CrashExit),
        ("loop: it computes for ever, and is killed for that", ControlBits.CrashLoop),
        ("hang: it waits for ever, and is killed for that", ControlBits.Hang),
    ];

    private readonly Stage _stage = new(context);
    private readonly ISupervisor _supervisor = context.Services.Supervisor;
    private bool _isMounted;

    public int Run()
    {
        int code = Prepare() && PlayFaults() && PlayMoments() && PlayPoison()
            ? ExitCode.Success
            : ExitCode.Failure;
        if (_isMounted) _supervisor.Unmount(Target);
        context.Files.RemoveDirectory(Target);
        if (code == ExitCode.Success) _stage.Tell("The end: nothing was lost, nothing is left.");
        return code;
    }

    private bool Prepare()
    {
        _stage.Tell("A file server is an ordinary program. It dies here in every way there is.");
        Status status = context.Files.MakeDirectory(Target);
        if (status == Status.AlreadyExists)
        {
            // A demonstration that was killed may have left its mount.
            _supervisor.Unmount(Target);
            status = Status.Ok;
        }
        return _stage.Claim(status == Status.Ok, $"mkdir {Target}", status);
    }

    private bool PlayFaults()
    {
        _stage.Tell("");
        _stage.Tell("One file stays open. Its server commits each fault while it reads from it:");
        if (!Mount("memfs")) return false;
        Result<OpenFile> opened = context.Files.Open(
            File, OpenMode.Read | OpenMode.Write | OpenMode.Create);
        if (!opened.IsOk) return _stage.Claim(false, $"open {File}", opened.Status);
        using OpenFile file = opened.Value;
        Result<uint> written = file.Write(0, Encoding.UTF8.GetBytes(Text));
        if (!written.IsOk) return _stage.Claim(false, $"write {File}", written.Status);
        Handle handle = file.Handle;
        foreach ((string name, ControlBits fault) in Faults)
        {
            if (!Inject(new Injection(fault, FaultMoment.BeforeCommit, 1))) return false;
            ulong start = context.Services.NowNs;
            Result<string> read = Read(file);
            string time = Units.Duration(context.Services.NowNs - start);
            bool isGood = read.IsOk && read.Value == Text && file.Handle == handle;
            if (!_stage.Claim(isGood, $"{name}; the right answer in {time}", read.Status))
                return false;
        }
        return ClaimDeaths(Server, Faults.Length) && ShowDeaths(Server) && Unmount();
    }

    private bool PlayMoments()
    {
        _stage.Tell("");
        _stage.Tell("A line is appended, and the server dies in that request. Before the commit");
        _stage.Tell("nothing has happened yet, and the next incarnation does it; after the commit");
        _stage.Tell("it has happened, and the next incarnation answers from its record.");
        if (!Mount("memfs")) return false;
        Result<OpenFile> opened = context.Files.Open(
            File, OpenMode.Read | OpenMode.Write | OpenMode.Create);
        if (!opened.IsOk) return _stage.Claim(false, $"open {File}", opened.Status);
        using OpenFile file = opened.Value;
        return Append(file, "first\n", FaultMoment.BeforeCommit, "before the commit", "first\n")
            && Append(
                file, "second\n", FaultMoment.AfterCommit, "after it, before the answer",
                "first\nsecond\n")
            && ClaimDeaths(Server, 2) && Unmount();
    }

    private bool PlayPoison()
    {
        _stage.Tell("");
        _stage.Tell("An injected fault is nobody's fault. But a request may itself be what kills");
        _stage.Tell("the server: it is delivered a second time, and if the server dies of it");
        _stage.Tell("again it is answered `poisoned`, and the server lives on. Who sends three of");
        _stage.Tell("them loses the capability that they came through. The mount stays.");
        if (!Mount("faulty")) return false;
        Jobs jobs = new(context.Shell);
        bool isStream = context.Output.IsConsole || context.Output.Stream != Handle.None;
        Handle output = isStream ? Jobs.ForJob(context.Output) : Handle.None;
        Result<JobStarted> job = jobs.Start(
            "pin", ["poison", Target], Handle.None, output, output);
        if (!job.IsOk) return _stage.Claim(false, "run pin poison", job.Status);
        int code = jobs.WaitForeground(job.Value, "pin", context.Error);
        return _stage.Claim(code == 0, "three times poisoned, then revoked; others are served")
            && ClaimDeaths(FaultyServer, 6) && ShowDeaths(FaultyServer) && Unmount();
    }

    private bool Append(
        OpenFile file, string line, FaultMoment moment, string when, string expected)
    {
        if (!Inject(new Injection(ControlBits.CrashNull, moment, 1))) return false;
        Result<ulong> written = file.Append(Encoding.UTF8.GetBytes(line));
        Result<string> read = Read(file);
        bool isOnce = written.IsOk && read.IsOk && read.Value == expected;
        return _stage.Claim(isOnce, $"death {when}: the line is there once", written.Status);
    }

    private bool Inject(Injection injection)
    {
        Status status = _supervisor.Inject(Server, injection.Bits);
        return status == Status.Ok || _stage.Claim(false, $"crash {Server}", status);
    }

    /// <summary>As many as expected, all with the mount still there.</summary>
    private bool ClaimDeaths(string server, int deaths)
    {
        List<string> lines = Describe(server);
        string counted = $"restarts {deaths},";
        bool isRight = lines.Count != 0 && lines[0].Contains(counted) && IsListed();
        return _stage.Claim(isRight, $"{deaths} deaths; the mount has been there all the time");
    }

    private bool ShowDeaths(string server)
    {
        _stage.Tell($"  servers -v {server}:");
        List<string> lines = Describe(server);
        foreach (string line in lines) _stage.Tell($"    {line}");
        bool isAnswered = lines.Exists(static line => line.Contains("answered again after ")
            && !line.EndsWith("answered again after -"));
        return _stage.Claim(isAnswered, "the last deaths are on record, with their stacks");
    }

    private List<string> Describe(string server)
    {
        List<string> lines = [];
        TextPages.ReadLines(
            (firstLine, text) => _supervisor.DescribeServers(server, firstLine, text), lines);
        return lines;
    }

    private static Result<string> Read(OpenFile file)
    {
        byte[] text = new byte[64];
        Result<uint> read = file.Read(0, text);
        return read.IsOk
            ? new Result<string>(Status.Ok, Encoding.UTF8.GetString(text, 0, (int)read.Value))
            : read.Status;
    }

    private bool Mount(string type)
    {
        Status status = _supervisor.Mount("none", Target, type, "");
        _isMounted = status == Status.Ok;
        return _isMounted || _stage.Claim(false, $"mount {Target}", status);
    }

    private bool Unmount()
    {
        Result<Unmounted> unmounted = _supervisor.Unmount(Target);
        if (unmounted.IsOk) _isMounted = false;
        return unmounted.IsOk || _stage.Claim(false, $"umount {Target}", unmounted.Status);
    }

    private bool IsListed()
    {
        List<string> targets = [];
        Status status = MountList.Targets(context.Services, targets);
        return status == Status.Ok && targets.Contains(Target);
    }
}
