// FatFs: one mount of a FAT volume on a disk or partition.

using System;
using Servers.FatFs.Checking;
using Servers.FatFs.Disks;
using Servers.FatFs.Keeping;
using Shared.Abi;
using Shared.Sdk;
using Shared.Sdk.Native;
using Shared.Sdk.Vaults;

namespace Servers.FatFs;

internal static class Program
{
    private const int OptionsArgument = 3;

    private static int Main() => TaskMain.Run(Serve);

    private static int Serve(TaskContext task)
    {
        Handle endpoint = task.Claim("endpoint");
        Handle control = task.Claim("control");
        FatFsOptions options = task.Arguments.Count > OptionsArgument
            ? FatFsOptions.Parse(task.Arguments[OptionsArgument])
            : FatFsOptions.Default;
        RemoteDisk disk = new(task.Kernel, task.Claim("disk"));
        OpenedVolume opened = VolumeOpening.Open(disk, OpenVault(task), options.Access, task.Log);
        FatFsServer server = new(opened, new ServerClocks(NowNs, () => task.NowNs), task.Log);
        server.Reconcile(task.Kernel, endpoint);
        new ServerLoop(task.Kernel, endpoint, control)
            .Run(server, task.Find("supervisor"));
        return 0;
    }

    private static IVaultMemory OpenVault(TaskContext task)
    {
        NativeVaultMemory? memory = NativeVaultMemory.Find(task);
        if (memory is not null) return memory;
        task.Log("no vault: what is not on the disk dies with this process");
        return new HeapVaultMemory(FatFsVault.VaultBytes);
    }

    private static ulong NowNs() =>
        (ulong)(DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
}
