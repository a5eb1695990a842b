// A mount of MemFs with the option ro.

using NUnit.Framework;
using Servers.MemFs;
using Servers.MemFs.Vaults;
using Tests.Conformance.Hosted;
using Tests.Loopback;

namespace Tests.Conformance;

[TestFixture]
public sealed class MemFsReadOnlyConformance : ReadOnlyConformance
{
    private static readonly MemFsOptions s_options = MemFsOptions.Parse("ro,skeleton");

    protected override string Directory => "mnt";

    protected override LoopbackMount Mount(LoopbackMachine machine) => new(
        machine, task => new MemFsServer(
            s_options, () => 1, MemVault.OnHeap(s_options, task.NowNs)));
}
