// A supervisor for the shell's tests: mounts are loopback servers, jobs run at once to their end.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Servers.Shell.Commands;
using Servers.Shell.Running;
using Servers.Shell.Streams;
using Shared.Abi;
using Shared.Contracts;

namespace Tests.Unit.Servers.Shell.Hosted;

internal sealed class FakeSupervisor(HostServices services) : ISupervisor
{
    private readonly Dictionary<uint, JobEnded> _jobs = [];
    private readonly List<string> _commands = [];
    private readonly HashSet<ulong> _sets = [];
    private uint _lastJob;
    private ulong _lastSet;
    /// <summary>The bus is looked through after the first prompt; who waits for it knows more.
    /// </summary>
    private bool _isBusKnown;

    /// <summary>What was asked for, in words.</summary>
    public List<string> Requests { get; } = [];

    public Status Mount(string source, string target, string type, string options)
    {
        if (type != "memfs") return Status.NotFound;
        if (source.StartsWith("/dev/") && !_isBusKnown) return Status.NotSupported;
        if (options.Contains("bad")) return Status.BadArgument;
        if (services.Mounts.Any(mount => mount.Target == target)) return Status.AlreadyExists;
        services.Mount(target, options);
        return Status.Ok;
    }

    public Result<Unmounted> Unmount(string target)
        => services.Unmount(target) ? new Unmounted(0) : Status.NotMounted;

    public Status Detach(string target) => Unmount(target).Status;

    public Status Unwritten(ulong bytes) => Status.NoRight;

    public Result<TextPage> ListMounts(ulong firstLine, Span<byte> text)
    {
        if (firstLine >= (ulong)services.Mounts.Count) return new TextPage(0, 0);
        HostMount mount = services.Mounts[(int)firstLine];
        string server = $"memfs@{mount.Target}[9]";
        string line = $"none on {mount.Target} type memfs (ondeath=hold) by {server}\n";
        return new TextPage((uint)Encoding.UTF8.GetBytes(line, text), firstLine + 1);
    }

    public Result<MountEntry> GetMount(uint index, Span<byte> target) => Status.NotSupported;

    public Status MountFile(
        string source, string target, string type, string options, Capability program)
    {
        Requests.Add($"mount file {type} {services.ProgramOf(program.Handle)}");
        return Mount(source, target, "memfs", options);
    }

    public Result<JobStarted> RunNarrow(
        string image, Capability program, string arguments, string directory,
        NameSpaceAccess access, ulong directories,
        Capability input, Capability output, Capability error)
    {
        if (directories != 0 && !_sets.Remove(directories)) return Status.NotMounted;
        string what = program.Handle.IsNone
            ? $"narrow {image}" : $"file {image} {services.ProgramOf(program.Handle)}";
        Requests.Add(
            access == NameSpaceAccess.Full ? $"run {what}" : $"run {what} {access}");
        return Run(program.Handle.IsNone ? image : "echo", arguments, directory, input, output,
            error);
    }

    /// <summary>How often sets of directories are still forgotten, as by a death.</summary>
    public int Forgetful { get; set; }

    public Result<ulong> Bring(ulong set, string path, Capability directory)
    {
        if (set == 0) _sets.Add(set = ++_lastSet);
        Requests.Add($"bring {path}");
        if (Forgetful > 0 && Forgetful-- > 0) _sets.Remove(set);
        return set;
    }

    public Status DevicesFound(ReadOnlySpan<byte> functions) => Status.NoRight;

    /// <summary>One driver, with the one disk of FakeDiskDriver.</summary>
    public Result<DriverEntry> GetDriver(uint index, Span<byte> name)
    {
        if (index > 0 || !_isBusKnown) return Status.NotFound;
        uint length = (uint)Encoding.UTF8.GetBytes("ata", name);
        return new DriverEntry(new Capability(new Handle(FakeDiskDriver.HandleValue)), 4, length);
    }

    public Result<Capability> ClaimDisk(string disk) => Status.NotSupported;

    public Status Kill(string name) => Answer($"kill {name}", name);

    public Status Stop(string name) => Answer($"stop {name}", name);

    public Status Continue(string name) => Answer($"cont {name}", name);

    public Status Restart(string name) => Answer($"restart {name}", name);

    public Status Inject(string name, ControlBits fault) => Answer($"{fault} {name}", name);

    public Result<TextPage> ListServers(ulong firstLine, Span<byte> text)
        => new TextPage((uint)Encoding.UTF8.GetBytes("console always 0 - -\n", text), 0);

    public Result<TextPage> DescribeServers(string name, ulong firstLine, Span<byte> text)
        => name is "" or "vfs"
            ? new TextPage((uint)Encoding.UTF8.GetBytes("vfs: ready, poisoned 0\n", text), 0)
            : Status.NotFound;

    public Result<uint> CrashReport(string name, Span<byte> text) => name == "vfs"
        ? (uint)Encoding.UTF8.GetBytes("vfs died of NullReference\n  at X", text)
        : Status.NotFound;

    public Status WaitReady(string name)
    {
        _isBusKnown |= name == "pci";
        return Status.Ok;
    }

    public Status Ready(ulong sinceNs) => Status.Ok;

    public Result<Role> AwaitRole(System.Span<byte> strings) => Status.NoRight;

    public Status Upgrade(string name, string image) => Status.NotFound;

    public Result<JobStarted> Run(
        string image, string arguments, string directory,
        Capability input, Capability output, Capability error)
    {
        string[] words = arguments.Split('\n');
        Requests.Add($"run {image} {string.Join(' ', words)} in {directory}");
        if (image == "nothing") return Status.NotFound;
        JobEnded ended = new(100 + ++_lastJob, 0, DeathCause.Exit);
        if (image == "interrupted") ended = ended with { ExitCode = ExitCode.Interrupted };
        if (image == "crasher") ended = ended with { Cause = DeathCause.DivideError };
        if (image == "shell")
        {
            ended = ended with { ExitCode = RunLine(words, directory, input, output) };
        }
        _jobs[_lastJob] = ended;
        _commands.Add($"{image} {arguments.Replace('\n', ' ')}");
        return new JobStarted(_lastJob, ended.Process);
    }

    public Result<JobEnded> WaitJob(uint job)
        => _jobs.TryGetValue(job, out JobEnded ended) ? ended : Status.NotFound;

    public Result<TextPage> ListJobs(ulong firstLine, Span<byte> text)
    {
        StringBuilder lines = new();
        foreach ((uint number, JobEnded job) in _jobs)
        {
            string command = _commands[(int)number - 1];
            lines.Append($"[{number}] exit({job.ExitCode}) {job.Process} {command}\n");
        }
        return new TextPage((uint)Encoding.UTF8.GetBytes(lines.ToString(), text), 0);
    }

    public Status ReapJob(uint job) => _jobs.Remove(job) ? Status.Ok : Status.NotFound;

    private Status Answer(string request, string name)
    {
        Requests.Add(request);
        return name == "nobody" ? Status.NotFound : Status.Ok;
    }

    /// <summary>A job of this image, run to its end here and now.</summary>
    private int RunLine(string[] words, string directory, Capability input, Capability output)
    {
        ShellState shell = new(services, CommandTable.Standard(), directory)
        {
            LastStatus = int.Parse(words[2]),
        };
        Handle console = services.FakeConsole.Session;
        using Input from = input.Handle.IsNone
            ? new EmptyInput()
            : new StreamInput(services, input.Handle, StreamKind.Pipe);
        using Output to = output.Handle.IsNone
            ? new StreamOutput(services, console, StreamKind.Console)
            : new StreamOutput(services, output.Handle, StreamKind.Pipe);
        using Output error = new StreamOutput(services, console, StreamKind.Console);
        return new Executor(shell).Run(words[1], new StandardStreams(from, to, error));
    }
}
