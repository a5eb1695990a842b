// A mount of MemFs with the option ro.

using NUnit.Framework;
using Servers.MemFs;
using Tests.Conformance.Hosted;
using Tests.Loopback;

namespace Tests.Conformance;

[TestFixture]
public sealed class MemFsReadOnlyConformance : ReadOnlyConformance
{
    protected override string Directory => "mnt";

    protected override LoopbackMount Mount(LoopbackMachine machine) => new(
        machine, task => new MemFsServer(MemFsOptions.Parse("ro,skeleton"), () => 1, task.NowNs));
}
