// Commands that change the tree: cp, mv, rm, rmdir, mkdir.

using System;
using System.Collections.Generic;
using Servers.Shell.Files;
using Servers.Shell.Services;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Commands.Files;

/// <summary>Shared by cp and mv: many sources into a directory, or one to a new name.</summary>
public abstract class TransferCommand : Command
{
    public override CommandGroup Group => CommandGroup.Files;

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        Options options = Options.Of(arguments, "");
        if (options.Unknown is not null) return context.WrongOption(options.Unknown);
        List<string> names = options.Operands;
        if (names.Count < 2) return context.WrongUsage();
        string target = context.PathOf(names[^1]);
        Result<FileStat> stat = context.Files.Stat(target);
        bool isUsable = stat.IsOk || stat.Status == Status.NotFound;
        if (!isUsable) return context.Fail(names[^1], stat.Status);
        bool isInto = stat.IsOk && stat.Value.Type == FileType.Directory;
        if (names.Count > 2 && !isInto) return context.Fail(names[^1], Status.NotDirectory);
        if (!isInto && names[^1].EndsWith('/')) return context.Fail(names[^1], Status.NotDirectory);
        int code = ExitCode.Success;
        for (int index = 0; index < names.Count - 1; index++)
        {
            string source = context.PathOf(names[index]);
            string final = isInto ? PathName.Join(target, PathName.NameOf(source)) : target;
            int one = Transfer(context, names[index], source, final);
            if (one == ExitCode.Interrupted) return one;
            if (one != ExitCode.Success) code = one;
        }
        return code;
    }

    protected abstract int Transfer(
        CommandContext context, string name, string source, string target);

    /// <summary>Copies one file; a failure is told of the file at fault.</summary>
    protected static int Copy(CommandContext context, string source, string target)
    {
        if (source == target) return context.Fail(source, "source and target are the same file");
        Result<OpenFile> from = context.Files.Open(source, OpenMode.Read);
        if (!from.IsOk) return context.Fail(source, from.Status);
        using OpenFile fromFile = from.Value;
        Result<OpenFile> to = context.Files.Open(
            target, OpenMode.Write | OpenMode.Create | OpenMode.Truncate);
        if (!to.IsOk) return context.Fail(target, to.Status);
        using OpenFile toFile = to.Value;
        byte[] buffer = new byte[OpenFile.StepBytes];
        ulong offset = 0;
        while (true)
        {
            Result<uint> read = fromFile.Read(offset, buffer);
            if (!read.IsOk) return context.Fail(source, read.Status);
            if (read.Value == 0) return ExitCode.Success;
            Result<uint> written = toFile.Write(offset, buffer.AsSpan(0, (int)read.Value));
            if (!written.IsOk) return context.Fail(target, written.Status);
            offset += read.Value;
        }
    }
}

public sealed class CpCommand : TransferCommand
{
    public override string Name => "cp";
    public override string Usage => "cp SOURCE... TARGET";
    public override string Summary => "copy files";

    protected override int Transfer(
        CommandContext context, string name, string source, string target)
    {
        Result<FileStat> stat = context.Files.Stat(source);
        if (!stat.IsOk) return context.Fail(name, stat.Status);
        if (stat.Value.Type == FileType.Directory) return context.Fail(name, Status.IsDirectory);
        return Copy(context, source, target);
    }
}

public sealed class MvCommand : TransferCommand
{
    public override string Name => "mv";
    public override string Usage => "mv SOURCE... TARGET";
    public override string Summary => "move or rename files and directories";

    protected override int Transfer(
        CommandContext context, string name, string source, string target)
    {
        if (source == target) return context.Fail(name, "source and target are the same file");
        if (PathName.IsWithin(target, source)) return context.Fail(name, "cannot move into itself");
        Status status = context.Files.Rename(source, target);
        if (status == Status.Ok) return ExitCode.Success;
        if (status != Status.CrossMount) return context.Fail(name, status);
        Result<FileStat> stat = context.Files.Stat(source);
        if (!stat.IsOk) return context.Fail(name, stat.Status);
        if (stat.Value.Type == FileType.Directory) return context.Fail(name, Status.CrossMount);
        int code = Copy(context, source, target);
        if (code != ExitCode.Success) return code;
        status = context.Files.RemoveFile(source);
        return status == Status.Ok ? ExitCode.Success : context.Fail(name, status);
    }
}

public sealed class RmCommand : Command
{
    public override CommandGroup Group => CommandGroup.Files;
    public override string Name => "rm";
    public override string Usage => "rm [-r] [-f] PATH...";
    public override string Summary => "remove files; -r directories with all in them";
    public override string Details => "-f: a file that is not there is no error.";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        Options options = Options.Of(arguments, "rf");
        if (options.Unknown is not null) return context.WrongOption(options.Unknown);
        if (options.Operands.Count == 0) return context.WrongUsage();
        int code = ExitCode.Success;
        foreach (string name in options.Operands)
        {
            string path = context.PathOf(name);
            Status status = context.Files.RemoveFile(path);
            if (status == Status.IsDirectory && options.Has('r'))
            {
                status = RemoveTree(context.Files, path, out string culprit);
                if (status != Status.Ok) code = context.Fail(culprit, status);
                continue;
            }
            if (status == Status.Ok) continue;
            if (status == Status.NotFound && options.Has('f')) continue;
            code = context.Fail(name, status);
        }
        return code;
    }

    /// <summary>
    /// Without recursion, so that a deep tree costs no stack: the last path is emptied of its
    /// files, then a directory of it is put behind it; an empty one goes.
    /// </summary>
    private static Status RemoveTree(FileSpace files, string path, out string culprit)
    {
        List<string> pending = [path];
        List<DirectoryEntry> entries = [];
        while (pending.Count > 0)
        {
            string directory = pending[^1];
            culprit = directory;
            entries.Clear();
            Result<ulong> page = files.ListPage(directory, 0, entries);
            if (!page.IsOk) return page.Status;
            if (entries.Count == 0)
            {
                Status removed = files.RemoveDirectory(directory);
                if (removed != Status.Ok) return removed;
                pending.RemoveAt(pending.Count - 1);
                continue;
            }
            foreach (DirectoryEntry entry in entries)
            {
                culprit = PathName.Join(directory, entry.Name);
                if (entry.Type == FileType.Directory)
                {
                    pending.Add(culprit);
                    break;
                }
                Status removed = files.RemoveFile(culprit);
                if (removed is not (Status.Ok or Status.NotFound)) return removed;
            }
        }
        culprit = path;
        return Status.Ok;
    }
}

public sealed class RmdirCommand : Command
{
    public override CommandGroup Group => CommandGroup.Files;
    public override string Name => "rmdir";
    public override string Usage => "rmdir DIRECTORY...";
    public override string Summary => "remove empty directories";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0) return context.WrongUsage();
        int code = ExitCode.Success;
        foreach (string name in arguments)
        {
            Status status = context.Files.RemoveDirectory(context.PathOf(name));
            if (status != Status.Ok) code = context.Fail(name, status);
        }
        return code;
    }
}

public sealed class MkdirCommand : Command
{
    public override CommandGroup Group => CommandGroup.Files;
    public override string Name => "mkdir";
    public override string Usage => "mkdir [-p] DIRECTORY...";
    public override string Summary => "make directories; -p with their parents";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        Options options = Options.Of(arguments, "p");
        if (options.Unknown is not null) return context.WrongOption(options.Unknown);
        if (options.Operands.Count == 0) return context.WrongUsage();
        int code = ExitCode.Success;
        foreach (string name in options.Operands)
        {
            string path = context.PathOf(name);
            Status status = options.Has('p')
                ? MakeWithParents(context.Files, path)
                : context.Files.MakeDirectory(path);
            if (status != Status.Ok) code = context.Fail(name, status);
        }
        return code;
    }

    private static Status MakeWithParents(FileSpace files, string path)
    {
        for (int slash = path.IndexOf('/', 1); ; slash = path.IndexOf('/', slash + 1))
        {
            string part = slash < 0 ? path : path[..slash];
            Status status = files.MakeDirectory(part);
            if (status == Status.AlreadyExists)
            {
                Result<FileStat> stat = files.Stat(part);
                if (!stat.IsOk) return stat.Status;
                status = stat.Value.Type == FileType.Directory ? Status.Ok : Status.NotDirectory;
                if (slash < 0 && status != Status.Ok) status = Status.AlreadyExists;
            }
            if (status != Status.Ok) return status;
            if (slash < 0) return Status.Ok;
        }
    }
}
