// One worker of stress, in a process of its own: works until its time is over, then says how it
// went.
//
// Rules: its last line is the one that TryParse understands; lines before it tell of losses.

using System;
using System.Collections.Generic;
using Servers.Shell.Formatting;
using Servers.Shell.Services;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Commands.Stress;

/// <summary>What a worker has done.</summary>
public readonly record struct WorkDone(ulong Operations, ulong LongestStallNs, ulong Losses)
{
    private const string Mark = "done";

    public override string ToString() => $"{Mark} {Operations} {LongestStallNs} {Losses}";

    public static bool TryParse(string line, out WorkDone done)
    {
        done = default;
        string[] words = line.Split(' ');
        if (words.Length != 4 || words[0] != Mark) return false;
        if (!ulong.TryParse(words[1], out ulong operations)) return false;
        if (!ulong.TryParse(words[2], out ulong stallNs)) return false;
        if (!ulong.TryParse(words[3], out ulong losses)) return false;
        done = new WorkDone(operations, stallNs, losses);
        return true;
    }
}

public sealed class Worker(CommandContext context, uint number, uint seed)
{
    private const ulong NsPerSecond = 1_000_000_000;

    private readonly Losses _losses = new(context.Services, context.Output, number);

    public int Run(uint seconds)
    {
        Random random = new((int)(seed * StressPlaces.Workers + number));
        string path = StressPlaces.DirectoryOf(number);
        Status made = context.Files.MakeDirectory(path);
        if (made != Status.Ok) return context.Fail(path, made);
        using SharedLog log = new(
            context.Files, StressPlaces.LogOf(number), number, seed, _losses);
        using ModelDirectory directory = new(context.Files, path, random, _losses);
        using PipeLoop pipe = new(context.Services, random, _losses);
        ulong operations = 0, longestNs = 0;
        ulong end = context.Services.NowNs + seconds * NsPerSecond;
        bool isReady = log.Open();
        while (isReady && !context.IsStopped)
        {
            ulong start = context.Services.NowNs;
            if (start >= end) break;
            Step(random, directory, log, pipe);
            longestNs = Math.Max(longestNs, context.Services.NowNs - start);
            operations++;
        }
        if (isReady) log.CheckAll();
        directory.CheckAll();
        context.WriteLine($"{new WorkDone(operations, longestNs, (ulong)_losses.Count)}");
        return _losses.Count == 0 ? ExitCode.Success : ExitCode.Failure;
    }

    private void Step(Random random, ModelDirectory directory, SharedLog log, PipeLoop pipe)
    {
        switch (random.Next(16))
        {
            case 0 or 1: log.Append(); break;
            case 2: log.ReadOn(); break;
            case 3 or 4: pipe.Step(); break;
            case 5: ReadProc(); break;
            case 6: AskSupervisor(); break;
            default: directory.Step(); break;
        }
    }

    private void ReadProc()
    {
        Result<FileStat> stat = context.Files.Stat("/proc");
        if (!_losses.Require(stat.Status, "stat /proc")) return;
        _losses.Require(stat.Value.Type == FileType.Directory, "/proc is no directory");
    }

    private void AskSupervisor()
    {
        List<string> targets = [];
        if (!_losses.Require(MountList.Targets(context.Services, targets), "list mounts")) return;
        foreach (string mount in StressPlaces.Mounts)
        {
            _losses.Require(targets.Contains(mount), $"{mount} is not among the mounts");
        }
    }
}
