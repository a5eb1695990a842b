// mount and umount. The supervisor does the work and keeps the list; nothing here calls a file
// server except to see that the target is a directory.

using System;
using System.Collections.Generic;
using System.Text;
using Servers.Shell.Files;
using Servers.Shell.Running;
using Servers.Shell.Services;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Disks;

namespace Servers.Shell.Commands.Mounts;

public static class MountCommands
{
    public static IEnumerable<Command> All() =>
        [new MountCommand(), new UmountCommand(), new LsblkCommand()];
}

public sealed class MountCommand : Command
{
    private const string LastWords = "last words:\n";
    private const int MaxReportBytes = 16 * 1024;

    public override CommandGroup Group => CommandGroup.Mounts;
    public override string Name => "mount";
    public override string Usage => "mount [-t TYPE [-o OPTIONS] SOURCE TARGET]";
    public override string Summary => "list the mounts, or start a file server for a directory";

    public override string Details =>
        """
        TYPE: memfs, procfs, faulty (goes wrong when it is read). SOURCE: none for these.
        TYPE with a slash in it is the file of a server that you have written (docs).
        TYPE fat: SOURCE /dev/DISK or /dev/DISKpN (see lsblk); ram is a new volume in memory.
        OPTIONS, separated by commas: ro, and what clients get when the server dies:
          ondeath=hold    calls wait for the next incarnation (default)
          ondeath=fail    calls answer "server died" at once until it is back
          ondeath=vanish  the mount is gone and its handles are revoked
        deadline=SECONDS is the longest that a call waits for an answer (default 60).
        A server that fails again and again is given up: the mount is gone, its files are kept.
        The same mount made again, or restart NAME, finds them; umount lets them go.
        """;

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0) return List(context);
        string type = "";
        string options = "";
        List<string> operands = [];
        for (int index = 0; index < arguments.Count; index++)
        {
            string argument = arguments[index];
            bool isOption = argument is "-t" or "-o";
            if (isOption && index + 1 >= arguments.Count) return context.WrongUsage();
            if (argument == "-t") type = arguments[++index];
            else if (argument == "-o") options = Joined(options, arguments[++index]);
            else operands.Add(argument);
        }
        string? unknown = operands.Find(static one => one.Length > 1 && one[0] == '-');
        if (unknown is not null) return context.WrongOption(unknown);
        if (type.Length == 0 || operands.Count != 2) return context.WrongUsage();
        return Mount(context, type, options, operands[0], operands[1]);
    }

    private static string Joined(string options, string more)
        => options.Length == 0 ? more : options + "," + more;

    private static int List(CommandContext context)
    {
        List<string> lines = [];
        Status status = MountList.Lines(context.Services, lines);
        if (status != Status.Ok) return context.Fail("list", status);
        foreach (string line in lines) context.WriteLine(line);
        return ExitCode.Success;
    }

    private static int Mount(
        CommandContext context, string type, string options, string source, string target)
    {
        string path = context.PathOf(target);
        Result<FileStat> stat = context.Files.Stat(path);
        // The root is a directory also after `umount /`, when nothing is left to say so.
        bool isBareRoot = path == "/" && stat.Status == Status.NotFound;
        if (!stat.IsOk && !isBareRoot) return context.Fail(target, stat.Status);
        if (stat.IsOk && stat.Value.Type != FileType.Directory)
            return context.Fail(target, Status.NotDirectory);
        bool isDisk = source.StartsWith(DiskMounts.Folder, StringComparison.Ordinal);
        if (isDisk) DeviceScan.Await(context.Services.Supervisor);
        Status status = Start(context, type, options, source, path);
        return status switch
        {
            Status.Ok when ProgramFile.IsPath(type) => WaitForVolume(
                context, source, $"{PathName.NameOf(type)}@{path}"),
            Status.BadImage => context.Fail(type, status),
            Status.Ok when isDisk =>
                WaitForVolume(context, source, $"{type}@{path}"),
            Status.Ok => ExitCode.Success,
            Status.Locked => context.Fail(source, "is mounted already, or a part of it"),
            Status.AlreadyExists => context.Fail(target, "is a mount already"),
            Status.NotFound when ProgramFile.IsPath(type) => context.Fail(type, status),
            Status.NotFound => context.Fail(type, "unknown type"),
            Status.NotSupported => context.Fail(source, "no such disk"),
            Status.BadArgument => context.Fail(options, ReasonOf(options)),
            Status.GivenUp => context.Fail(
                target, "files of a mount that was given up are kept here (umount lets them go)"),
            _ => context.Fail(target, status),
        };
    }

    /// <summary>A type with a slash is the file of a server.</summary>
    private static Status Start(
        CommandContext context, string type, string options, string source, string path)
    {
        ISupervisor supervisor = context.Services.Supervisor;
        if (!ProgramFile.IsPath(type)) return supervisor.Mount(source, path, type, options);
        Result<Handle> program = ProgramFile.Load(context, type);
        if (!program.IsOk) return program.Status;
        Status status = supervisor.MountFile(
            source, path, PathName.NameOf(type), options, new Capability(program.Value));
        context.Services.Close(program.Value);
        return status;
    }

    /// <summary>The server looks at the disk first, and may not like what it sees.</summary>
    private static int WaitForVolume(CommandContext context, string source, string server)
    {
        ISupervisor supervisor = context.Services.Supervisor;
        Status status = supervisor.WaitReady(server);
        if (status == Status.Ok) return ExitCode.Success;
        byte[] report = new byte[MaxReportBytes];
        Result<uint> length = supervisor.CrashReport(server, report);
        if (!length.IsOk || status != Status.NotFound) return context.Fail(source, status);
        string text = Encoding.UTF8.GetString(report, 0, (int)length.Value);
        int words = text.IndexOf(LastWords, StringComparison.Ordinal);
        string reason = words < 0 ? "refused" : text[(words + LastWords.Length)..].Trim();
        return context.Fail(source, reason.Split('\n')[0]);
    }

    private static string ReasonOf(string options) => options.Contains("deadline")
        ? "bad option (a deadline is in seconds, from 0.001 to 86400)"
        : "bad option";
}

public sealed class UmountCommand : Command
{
    public override CommandGroup Group => CommandGroup.Mounts;
    public override string Name => "umount";
    public override string Usage => "umount [-f] TARGET";
    public override string Summary => "remove a mount at once, whoever uses it";

    public override string Details =>
        """
        Every handle that was ever obtained through the mount is revoked, in any process.
        What its server has not written yet comes to the disk now, which takes ten seconds at most;
        how many bytes were not written is said, if any. -f does not wait for that. Until then the
        disk is taken.
        """;

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        Options options = Options.Of(arguments, "f");
        if (options.Unknown is not null) return context.WrongOption(options.Unknown);
        if (options.Operands.Count != 1) return context.WrongUsage();
        string target = options.Operands[0];
        string path = context.PathOf(target);
        if (!options.Has('f')) return Unmount(context, target, path);
        Status status = context.Services.Supervisor.Detach(path);
        return status == Status.Ok ? ExitCode.Success : context.Fail(target, status);
    }

    /// <summary>Says what has not come to the disk in time.</summary>
    internal static int Unmount(CommandContext context, string target, string path)
    {
        context.Output.Flush();
        Result<Unmounted> unmounted = context.Services.Supervisor.Unmount(path);
        if (!unmounted.IsOk) return context.Fail(target, unmounted.Status);
        ulong bytes = unmounted.Value.UnwrittenBytes;
        if (bytes == Unmounted.Unknown)
            return context.Fail(target, "what was not written yet is lost, nobody knows how much");
        if (bytes > 0) return context.Fail(target, $"{bytes} bytes were not written");
        return ExitCode.Success;
    }
}
