// `mkfs.fat`: makes an empty FAT volume of a disk or partition. One line for each refusal.
//
// The supervisor gives the disk, and to nobody else until this process is gone.

using System;
using System.Text;
using Shared.Abi;
using Shared.Contracts;
using Shared.Fat;
using Shared.Sdk;
using Shared.Sdk.Disks;
using Shared.Sdk.Files;

namespace Servers.Programs.Mkfs.Fat;

internal static class Program
{
    private const int Refused = 1, WrongUsage = 2;

    private static int Main() => TaskMain.Run(Run);

    private static int Run(TaskContext task)
    {
        MkfsOptions options = MkfsOptions.Parse(task.Arguments);
        if (options.Problem.Length != 0) return Say(task, options.Problem, WrongUsage);
        SupervisorClient supervisor = new(task.Kernel, task.Claim("supervisor"));
        DeviceScan.Await(supervisor);
        Result<Capability> claimed = supervisor.ClaimDisk(options.Disk);
        string? problem = claimed.IsOk
            ? Format(new Target(task, claimed.Value.Handle), options)
            : ReasonOf(claimed.Status);
        return problem is null ? 0 : Say(task, $"{options.Disk}: {problem}", Refused);
    }

    private readonly record struct Target(TaskContext Task, Handle Disk);

    /// <summary>Null, or why not.</summary>
    private static string? Format(Target target, MkfsOptions options)
    {
        try
        {
            RemoteDisk disk = new(target.Task.Kernel, target.Disk);
            int partitions = PartitionsOf(disk);
            bool isRefused = partitions > 0 && options.WholeDisk != WholeDisk.Allowed;
            if (isRefused) return $"has {partitions} partition(s); -I takes it nevertheless";
            Status status = FatFormatter.Format(disk, new FormatOptions
            {
                Kind = options.Kind, Label = options.Label,
                NowNs = (ulong)(DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100,
                VolumeId = (uint)(DateTime.UtcNow.Ticks ^ (long)target.Task.NowNs),
            });
            return status switch
            {
                Status.Ok => null,
                Status.NoSpace when options.Kind is { } kind =>
                    $"no {kind} volume fits {disk.Geometry.Blocks} blocks",
                Status.NoSpace => $"no FAT volume fits {disk.Geometry.Blocks} blocks",
                Status.InvalidName => $"'{options.Label}' is no label (11 plain letters at most)",
                _ => ReasonOf(status),
            };
        }
        catch (DiskException exception)
        {
            return ReasonOf(exception.Status);
        }
    }

    private static int PartitionsOf(RemoteDisk disk)
    {
        PartitionTable? table = PartitionReader.Read(
            disk.Geometry, (ulong first, Span<byte> target) =>
            {
                disk.Read(first, target);
                return true;
            });
        return table?.Partitions.Count ?? 0;
    }

    private static string ReasonOf(Status status) => status switch
    {
        Status.NotSupported => "no such disk",
        Status.NotFound or Status.Revoked => "no such disk or partition",
        Status.Locked => "is mounted or in use, or a part of it",
        Status.ReadOnly => "is read-only",
        Status.IoError => "the disk has failed",
        _ => $"{status}",
    };

    private static int Say(TaskContext task, string line, int code)
    {
        Handle error = task.Find("stderr");
        ByteStreamClient stream = error.IsNone
            ? StandardOutput.Open(task) : new ByteStreamClient(task.Kernel, error);
        stream.Write(Encoding.UTF8.GetBytes($"mkfs.fat: {line}\n"));
        return code;
    }
}
