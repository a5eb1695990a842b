// Commands that put text into files: echo, write, append, touch, sync.

using System;
using System.Collections.Generic;
using System.Text;
using Servers.Shell.Files;
using Servers.Shell.Services;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Commands.Files;

public sealed class EchoCommand : Command
{
    public override CommandGroup Group => CommandGroup.Files;
    public override string Name => "echo";
    public override string Usage => "echo [-n] [TEXT...]";
    public override string Summary => "print text; -n without an end of line";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        bool isOpenEnded = arguments.Count > 0 && arguments[0] == "-n";
        int first = isOpenEnded ? 1 : 0;
        for (int index = first; index < arguments.Count; index++)
        {
            if (index > first) context.Output.Write(" ");
            context.Output.Write(arguments[index]);
        }
        if (!isOpenEnded) context.Output.Write("\n");
        return ExitCode.Success;
    }
}

/// <summary>Takes the text from the arguments, or from the input when there is none.</summary>
public abstract class TextCommand : Command
{
    /// <summary>Most bytes that are taken from the input: one all-or-nothing write.</summary>
    protected const int MaxBytes = Limits.MaxWriteBytes;

    public override CommandGroup Group => CommandGroup.Files;

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0) return context.WrongUsage();
        string name = arguments[0];
        byte[] text;
        if (arguments.Count > 1)
        {
            text = Encoding.UTF8.GetBytes(string.Join(' ', Rest(arguments)) + "\n");
        }
        else
        {
            Result<byte[]> read = ReadInput(context);
            if (!read.IsOk) return context.Fail("standard input", read.Status);
            text = read.Value;
        }
        Result<OpenFile> opened = context.Files.Open(
            context.PathOf(name), OpenMode.Write | OpenMode.Create);
        if (!opened.IsOk) return context.Fail(name, opened.Status);
        using OpenFile file = opened.Value;
        Status status = Put(file, text);
        return status == Status.Ok ? ExitCode.Success : context.Fail(name, status);
    }

    protected abstract Status Put(OpenFile file, byte[] text);

    private static IEnumerable<string> Rest(IReadOnlyList<string> arguments)
    {
        for (int index = 1; index < arguments.Count; index++) yield return arguments[index];
    }

    private static Result<byte[]> ReadInput(CommandContext context)
    {
        List<byte> text = [];
        byte[] buffer = new byte[OpenFile.StepBytes];
        while (true)
        {
            Result<int> read = context.Input.Read(buffer);
            if (!read.IsOk) return read.Status;
            if (read.Value == 0) return text.ToArray();
            if (text.Count + read.Value > MaxBytes) return Status.TooLarge;
            text.AddRange(buffer.AsSpan(0, read.Value));
        }
    }
}

public sealed class WriteCommand : TextCommand
{
    public override string Name => "write";
    public override string Usage => "write FILE [TEXT...]";
    public override string Summary => "make the text (or the input) the content of a file";

    // First all bytes or none, then the length: a full volume leaves the old content.
    protected override Status Put(OpenFile file, byte[] text)
    {
        if (text.Length > 0)
        {
            Result<uint> written = file.Write(0, text);
            if (!written.IsOk) return written.Status;
        }
        return file.SetLength((ulong)text.Length);
    }
}

public sealed class AppendCommand : TextCommand
{
    public override string Name => "append";
    public override string Usage => "append FILE [TEXT...]";
    public override string Summary => "add the text (or the input) to the end of a file";

    protected override Status Put(OpenFile file, byte[] text)
        => text.Length == 0 ? Status.Ok : file.Append(text).Status;
}

public sealed class TouchCommand : Command
{
    public override CommandGroup Group => CommandGroup.Files;
    public override string Name => "touch";
    public override string Usage => "touch PATH...";
    public override string Summary => "make files that are missing, set the time of the others";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0) return context.WrongUsage();
        int code = ExitCode.Success;
        foreach (string name in arguments)
        {
            Status status = Touch(context, context.PathOf(name));
            if (status != Status.Ok) code = context.Fail(name, status);
        }
        return code;
    }

    private static Status Touch(CommandContext context, string path)
    {
        Status status = context.Files.SetTime(path, 0);
        if (status != Status.NotFound) return status;
        Result<OpenFile> opened = context.Files.Open(path, OpenMode.Write | OpenMode.Create);
        if (opened.IsOk) opened.Value.Dispose();
        return opened.Status;
    }
}

public sealed class SyncCommand : Command
{
    public override CommandGroup Group => CommandGroup.Files;
    public override string Name => "sync";
    public override string Usage => "sync [PATH...]";
    public override string Summary => "make what was written survive the loss of power";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        List<string> names = [.. arguments];
        if (names.Count == 0)
        {
            Status status = MountList.Targets(context.Services, names);
            if (status != Status.Ok) return context.Fail("mounts", status);
        }
        int code = ExitCode.Success;
        foreach (string name in names)
        {
            Status status = context.Files.SyncAll(context.PathOf(name));
            // What cannot be written has nothing to sync.
            if (status is Status.Ok or Status.NotSupported or Status.ReadOnly) continue;
            code = context.Fail(name, status);
            if (code == ExitCode.Interrupted) return code;
        }
        return code;
    }
}
