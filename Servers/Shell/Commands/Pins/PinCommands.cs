// pin and hold: clients that would keep a mount on another system.

using System.Collections.Generic;
using Servers.Shell.Files;
using Servers.Shell.Formatting;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Commands.Pins;

public static class PinCommands
{
    public static IEnumerable<Command> All() =>
        [new PinCommand(), new HoldCommand(), new DemoCommand()];
}

public sealed class PinCommand : Command
{
    public override CommandGroup Group => CommandGroup.Pins;
    public override string Name => "pin";
    public override string Usage => "pin zombie|stopped|thread|inflight|reader DIRECTORY";
    public override string Summary => "set up what pins a mount on Linux";

    public override string Details =>
        """
        zombie    a process has exited, and nobody has collected its exit record
        stopped   a stopped process has the directory and a file open
        thread    the main thread of such a process has exited, another lives
        inflight  an open file is in a message that nobody receives; nobody else has it
        reader    a process reads from a server that hangs
        Then try: umount, ps, waits, caps PID, kill PID.
        """;

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count != 2) return context.WrongUsage();
        bool isKnown = false;
        foreach (string name in PinSetup.Cases) isKnown |= name == arguments[0];
        if (!isKnown) return context.Fail(arguments[0], $"usage: {Usage}");
        string directory = context.PathOf(arguments[1]);
        Result<FileStat> stat = context.Files.Stat(directory);
        if (!stat.IsOk) return context.Fail(arguments[1], stat.Status);
        if (stat.Value.Type != FileType.Directory)
        {
            return context.Fail(arguments[1], Status.NotDirectory);
        }
        PinSetup setup = new(context.Shell);
        if (!setup.SetUp(arguments[0], directory))
        {
            setup.CleanUp();
            return context.Fail(arguments[0], setup.Description);
        }
        foreach (string line in setup.Description.Split('\n')) context.WriteLine($"pin: {line}");
        context.WriteLine($"pin: now try: {TryOf(arguments[0])}; umount {arguments[1]}");
        return ExitCode.Success;
    }

    private static string TryOf(string name) => name switch
    {
        "inflight" or "reader" => "waits",
        _ => "ps",
    };
}

public sealed class HoldCommand : Command
{
    private const ulong PauseNs = 1_000_000_000;
    private const int SampleBytes = 4096;

    public override CommandGroup Group => CommandGroup.Pins;
    public override string Name => "hold";
    public override string Usage => "hold FILE [&]";
    public override string Summary => "keep a file open and read it each second, for ever";

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count != 1) return context.WrongUsage();
        string name = arguments[0];
        Result<OpenFile> opened = context.Files.Open(context.PathOf(name), OpenMode.Read);
        if (!opened.IsOk) return context.Fail(name, opened.Status);
        using OpenFile file = opened.Value;
        byte[] sample = new byte[SampleBytes];
        string told = "";
        while (true)
        {
            Result<uint> read = file.Read(0, sample);
            if (read.Status == Status.Cancelled) return context.Fail(name, read.Status);
            // Only what has changed is worth a line.
            string now = read.IsOk ? $"{read.Value} bytes" : StatusText.Of(read.Status);
            if (now != told) context.WriteLine($"hold: {name}: {now}");
            told = now;
            if (context.Output.Flush() != Status.Ok) return ExitCode.Failure;
            if (context.Services.Sleep(PauseNs) != Status.Ok) return ExitCode.Interrupted;
        }
    }
}
