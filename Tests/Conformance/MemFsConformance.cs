// MemFs keeps the contract of file systems, with a vault that outlives its deaths.

using NUnit.Framework;
using Servers.MemFs.Vaults;
using Servers.MemFs;
using Shared.Sdk;
using Shared.Sdk.Vaults;
using Tests.Conformance.Hosted;

namespace Tests.Conformance;

[TestFixture]
public sealed class MemFsConformance : LoopbackConformance
{
    private HeapVaultMemory? _memory;

    [TearDown]
    public void ForgetVault() => _memory = null;

    protected override IServer MakeServer(TaskContext task)
    {
        _memory ??= new HeapVaultMemory(VaultLayout.For(MemFsOptions.DefaultQuotaBytes).EndBytes);
        MemFsServer server = new(
            MemFsOptions.Default, () => NowNs, new MemVault(_memory, MemFsOptions.Default));
        server.ReconcileLater(task.Kernel, task.Claim("endpoint"));
        return server;
    }
}
