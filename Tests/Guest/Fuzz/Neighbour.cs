// The task beside the hostile ones: writes files, reads them back, and compares every byte.
//
// Rules: ends when the sign is there and it has done something, with 0 if everything was right. It
// rests between rounds, so that the hostile ones have the processor most of the time.

using System;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Tests.Guest.Fuzz;

internal sealed class Neighbour(TaskContext task)
{
    public const string Directory = "/tmp/fuzz", Sign = Directory + "/stop";
    private const int Files = 8, MaxBytes = 9_000, LeastRounds = 20, RestMs = 2;

    private readonly FileApi _files = FileApi.Open(task);

    public int Run()
    {
        Random random = new(1);
        int rounds = 0;
        for (; rounds < LeastRounds || !_files.Stat(Sign).IsOk; rounds++)
        {
            string? problem = PlayRound(random, $"{Directory}/n{rounds % Files}");
            Thread.Sleep(RestMs);
            if (problem is null) continue;
            task.Log($"fuzz: the neighbour's round {rounds}: {problem}");
            return 1;
        }
        task.Log($"fuzz: the neighbour has done {rounds} rounds");
        return 0;
    }

    /// <summary>Null, or what was wrong.</summary>
    private string? PlayRound(Random random, string path)
    {
        byte[] bytes = new byte[random.Next(1, MaxBytes)];
        random.NextBytes(bytes);
        Status written = _files.WriteAll(path, bytes);
        if (written != Status.Ok) return $"write {path}: {written}";
        Result<byte[]> read = _files.ReadAll(path, MaxBytes);
        if (!read.IsOk) return $"read {path}: {read.Status}";
        if (!read.Value.AsSpan().SequenceEqual(bytes)) return $"{path} has other bytes";
        Result<FileStat> stat = _files.Stat(path);
        if (!stat.IsOk) return $"stat {path}: {stat.Status}";
        Status removed = random.Next(4) == 0 ? _files.RemoveFile(path) : Status.Ok;
        return removed == Status.Ok ? null : $"remove {path}: {removed}";
    }
}
