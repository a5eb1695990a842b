// Commands that look at the tree: ls, stat, df, cd, pwd.

using System;
using System.Collections.Generic;
using Servers.Shell.Files;
using Servers.Shell.Formatting;
using Servers.Shell.Services;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Commands.Files;

public sealed class LsCommand : Command
{
    public override CommandGroup Group => CommandGroup.Files;
    public override string Name => "ls";
    public override string Usage => "ls [-l] [PATH...]";
    public override string Summary => "list directories; -l with size and time";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        Options options = Options.Of(arguments, "la1");
        if (options.Unknown is not null) return context.WrongOption(options.Unknown);
        if (options.Operands.Count == 0) options.Operands.Add(".");
        int code = ExitCode.Success;
        foreach (string name in options.Operands)
        {
            if (options.Operands.Count > 1) context.WriteLine($"{name}:");
            int one = ListOne(context, name, options.Has('l'));
            if (one == ExitCode.Interrupted) return one;
            if (one != ExitCode.Success) code = one;
        }
        return code;
    }

    private static int ListOne(CommandContext context, string name, bool isLong)
    {
        string path = context.PathOf(name);
        Result<List<DirectoryEntry>> listed = context.Files.List(path);
        List<DirectoryEntry> entries = listed.Value;
        if (listed.Status == Status.NotDirectory)
        {
            Result<FileStat> stat = context.Files.Stat(path);
            if (!stat.IsOk) return context.Fail(name, stat.Status);
            entries = [new(name, stat.Value.Type, stat.Value.LengthBytes, stat.Value.ModifiedNs)];
        }
        else if (!listed.IsOk)
        {
            return context.Fail(name, listed.Status);
        }
        foreach (string line in isLong ? LongLines(entries) : ShortLines(entries))
        {
            context.WriteLine(line);
        }
        return ExitCode.Success;
    }

    private static IEnumerable<string> ShortLines(List<DirectoryEntry> entries)
    {
        foreach (DirectoryEntry entry in entries)
        {
            yield return entry.Type == FileType.Directory ? entry.Name + "/" : entry.Name;
        }
    }

    private static IEnumerable<string> LongLines(List<DirectoryEntry> entries)
    {
        Table table = new("TYPE", ">BYTES", "MODIFIED", "NAME");
        foreach (DirectoryEntry entry in entries)
        {
            bool isDirectory = entry.Type == FileType.Directory;
            table.Add(
                isDirectory ? "dir" : "file", Units.Number(entry.LengthBytes),
                Units.Date(entry.ModifiedNs), isDirectory ? entry.Name + "/" : entry.Name);
        }
        return table.Lines();
    }
}

public sealed class StatCommand : Command
{
    public override CommandGroup Group => CommandGroup.Files;
    public override string Name => "stat";
    public override string Usage => "stat PATH...";
    public override string Summary => "print what is known of a file or directory";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0) return context.WrongUsage();
        int code = ExitCode.Success;
        foreach (string name in arguments)
        {
            string path = context.PathOf(name);
            Result<FileStat> stat = context.Files.Stat(path);
            if (!stat.IsOk)
            {
                code = context.Fail(name, stat.Status);
                continue;
            }
            FileStat value = stat.Value;
            string type = value.Type == FileType.Directory ? "directory" : "file";
            context.WriteLine(
                $"{path}: {type}, {value.LengthBytes} bytes, number {value.FileNumber}, "
                + $"links {value.Links}, modified {Units.Date(value.ModifiedNs)}"
                + (value.CreatedNs == 0 ? "" : $", created {Units.Date(value.CreatedNs)}"));
        }
        return code;
    }
}

public sealed class DfCommand : Command
{
    public override CommandGroup Group => CommandGroup.Files;
    public override string Name => "df";
    public override string Usage => "df [PATH...]";
    public override string Summary => "space of each mount, or of those of the paths";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        List<string> names = [.. arguments];
        if (names.Count == 0)
        {
            Status status = MountList.Targets(context.Services, names);
            if (status != Status.Ok) return context.Fail("mounts", status);
        }
        Table table = new("MOUNT", ">SIZE", ">USED", ">FREE", ">USE", ">FILES");
        int code = ExitCode.Success;
        foreach (string name in names)
        {
            // A mount that has gone since, or a hung one, does not hide the others.
            Result<VolumeStat> volume = context.Files.DescribeVolume(context.PathOf(name));
            if (!volume.IsOk)
            {
                code = context.Fail(name, volume.Status);
                if (code == ExitCode.Interrupted) return code;
                continue;
            }
            VolumeStat value = volume.Value;
            ulong free = value.TotalBytes - Math.Min(value.UsedBytes, value.TotalBytes);
            table.Add(
                name, Units.Size(value.TotalBytes), Units.Size(value.UsedBytes), Units.Size(free),
                Units.Percent(value.UsedBytes, value.TotalBytes), Units.Number(value.Files));
        }
        if (table.Count == 0) return code;
        foreach (string line in table.Lines()) context.WriteLine(line);
        return code;
    }
}

public sealed class CdCommand : Command
{
    public override CommandGroup Group => CommandGroup.Files;
    public override string Name => "cd";
    public override string Usage => "cd [DIRECTORY]";
    public override string Summary => "go to a directory; without one, to /";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count > 1) return context.WrongUsage();
        string name = arguments.Count == 0 ? PathName.Root : arguments[0];
        string path = context.PathOf(name);
        Result<FileStat> stat = context.Files.Stat(path);
        if (!stat.IsOk) return context.Fail(name, stat.Status);
        if (stat.Value.Type != FileType.Directory) return context.Fail(name, Status.NotDirectory);
        context.Shell.Directory = path;
        return ExitCode.Success;
    }
}

public sealed class PwdCommand : Command
{
    public override CommandGroup Group => CommandGroup.Files;
    public override string Name => "pwd";
    public override string Usage => "pwd";
    public override string Summary => "print the working directory";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count > 0) return context.WrongUsage();
        context.WriteLine(context.Shell.Directory);
        return ExitCode.Success;
    }
}
