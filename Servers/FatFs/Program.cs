// FatFs: one mount of a FAT volume on a disk or partition.

using System;
using Servers.FatFs.Checking;
using Servers.FatFs.Disks;
using Servers.FatFs.Keeping;
using Shared.Abi;
using Shared.Fat;
using Shared.Sdk;
using Shared.Sdk.Disks;
using Shared.Sdk.Native;
using Shared.Sdk.Tasks;
using Shared.Sdk.Vaults;

namespace Servers.FatFs;

internal static class Program
{
    private const int SourceArgument = 1, OptionsArgument = 3;
    /// <summary>The source of a volume in memory.</summary>
    private const string RamSource = "ram";

    private static int Main() => TaskMain.Serve(Make);

    private static IServer Make(TaskContext task, Handle endpoint)
    {
        FatFsOptions options = task.Arguments.Count > OptionsArgument
            ? FatFsOptions.Parse(task.Arguments[OptionsArgument])
            : FatFsOptions.Default;
        IVaultMemory vault = OpenVault(task);
        IDisk disk = OpenDisk(task, vault);
        OpenedVolume opened = VolumeOpening.Open(disk, vault, options.Access, task.Log);
        FatFsServer server = new(
            opened, new ServerClocks(NowNs, () => task.NowNs), task.Log,
            bytes => UnwrittenCall.Send(task, bytes));
        server.Reconcile(task.Kernel, endpoint);
        return server;
    }

    private static IDisk OpenDisk(TaskContext task, IVaultMemory vault)
    {
        bool isRam = task.Arguments.Count > SourceArgument
            && task.Arguments[SourceArgument] == RamSource;
        if (!isRam) return RemoteDisk.Open(task);
        VaultDisk disk = new(vault);
        if (!disk.IsBlank) return disk;
        FormatOptions options = new()
        {
            Label = "RAM", NowNs = NowNs(), VolumeId = (uint)task.NowNs,
        };
        Status status = FatFormatter.Format(disk, options);
        return status == Status.Ok ? disk : throw new DiskException(status);
    }

    private static IVaultMemory OpenVault(TaskContext task)
    {
        NativeVaultMemory? memory = NativeVaultMemory.Find(task);
        if (memory is not null) return memory;
        task.Log("no vault: what is not on the disk dies with this process");
        return new HeapVaultMemory(2 * FatFsVault.VaultBytes);
    }

    private static ulong NowNs() =>
        (ulong)(DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
}
