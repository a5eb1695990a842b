// MemFs: one mount whose files live in this task's vault.

using System;
using Servers.MemFs.Vaults;
using Shared.Abi;
using Shared.Sdk;
using Shared.Sdk.Native;

namespace Servers.MemFs;

internal static class Program
{
    private const int OptionsArgument = 3;

    private static int Main() => TaskMain.Serve(Make, Rehearse);

    internal static IServer Make(TaskContext task, Handle endpoint)
    {
        MemFsOptions options = task.Arguments.Count > OptionsArgument
            ? MemFsOptions.Parse(task.Arguments[OptionsArgument])
            : MemFsOptions.Default;
        // Read once; from then on the clock that costs nothing says how much later it is.
        ulong bootedNs = WallClockNs() - task.NowNs;
        MemFsServer server = new(
            options, () => InSteps(bootedNs + task.NowNs), OpenVault(task, options));
        server.ReconcileLater(task.Kernel, endpoint);
        if (!VaultFormat.PassesProbe)
        {
            throw new InvalidOperationException("this version does not pass its probe");
        }
        return server;
    }

    /// <summary>A mount of nothing, which nobody sees.</summary>
    private static void Rehearse()
    {
        MemFsOptions options = MemFsOptions.Parse("size=64K");
        MemFsServer server = new(options, static () => 1, MemVault.OnHeap(options, nowNs: 1));
        server.Commit();
    }

    private static MemVault OpenVault(TaskContext task, MemFsOptions options)
    {
        NativeVaultMemory? memory = NativeVaultMemory.Find(task);
        if (memory is not null) return new MemVault(memory, options);
        task.Log("no vault: the files die with this process");
        return MemVault.OnHeap(options, task.NowNs);
    }

    private static ulong InSteps(ulong timeNs) => timeNs - timeNs % MemFsServer.TimeStepNs;

    private static ulong WallClockNs() =>
        (ulong)(DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
}
