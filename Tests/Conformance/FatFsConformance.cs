// FatFs keeps the contract of file systems on volumes of each kind, with a vault that outlives its
// deaths and a disk that outlives both.

using System;
using NUnit.Framework;
using Servers.FatFs;
using Servers.FatFs.Checking;
using Servers.FatFs.Keeping;
using Servers.FatFs.Volumes;
using Shared.Fat;
using Shared.Sdk;
using Shared.Sdk.Vaults;
using Tests.Conformance.Hosted;
using Tests.Conformance.Writable;
using Tests.Disks;

namespace Tests.Conformance;

[TestFixture(nameof(FatKind.Fat12), 512u)]
[TestFixture(nameof(FatKind.Fat16), 512u)]
[TestFixture(nameof(FatKind.Fat16), 4096u)]
[TestFixture(nameof(FatKind.Fat32), 512u)]
public sealed class FatFsConformance(string kind, uint blockBytes) : LoopbackConformance
{
    private readonly SparseDisk _empty = FatVolumes.Make(Enum.Parse<FatKind>(kind), blockBytes);
    private SparseDisk? _disk;
    private HeapVaultMemory? _memory;

    protected override NameSet Names => NameSet.Fat;

    [TearDown]
    public void ForgetFiles()
    {
        _disk = null;
        _memory = null;
    }

    protected override IServer MakeServer(TaskContext task)
    {
        _disk ??= _empty.Copy();
        _memory ??= new HeapVaultMemory(FatFsVault.VaultBytes);
        OpenedVolume opened = VolumeOpening.Open(_disk, _memory, Access.ReadWrite, task.Log);
        FatFsServer server = new(
            opened, new ServerClocks(() => NowNs, () => task.NowNs), task.Log, static _ => { });
        server.Reconcile(task.Kernel, task.Claim("endpoint"));
        return server;
    }
}
