// MemFs keeps the contract of file systems, writable and read-only.

using NUnit.Framework;
using Servers.MemFs;
using Shared.Sdk;
using Tests.Conformance.Writable;

namespace Tests.Conformance;

[TestFixture]
public sealed class MemFsConformance : FileSystemConformance
{
    protected override IServer MakeServer(TaskContext task) =>
        new MemFsServer(MemFsOptions.Default, () => NowNs, task.NowNs);
}
