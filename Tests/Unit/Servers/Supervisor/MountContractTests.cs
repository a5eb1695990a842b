// docs/supervision.md prints the mount contract. To write it anew: COSMOS_WRITE_DOCS=1.

using System;
using System.IO;
using System.Linq;
using CosmosKernel.Processes.Supervision;
using NUnit.Framework;
using Servers.Supervisor.Mounts.Contract;
using Tests.Unit.Shared.Generator;

namespace Tests.Unit.Servers.Supervisor;

public sealed class MountContractTests
{
    private const string Begin = "<!-- The mount contract, written by a test. -->\n";
    private const string End = "<!-- End of the mount contract. -->\n";
    private const ulong NsPerMs = 1_000_000;

    [Test]
    public void Page_says_what_the_contract_says()
    {
        string table = MountContractPage.Write();
        string path = Path.Combine(ContractSources.Root(), "docs", "supervision.md");
        string page = File.ReadAllText(path);
        int first = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = page.IndexOf(End, StringComparison.Ordinal);
        Assert.That(first, Is.GreaterThanOrEqualTo(Begin.Length).And.LessThanOrEqualTo(end));
        if (Environment.GetEnvironmentVariable("COSMOS_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, page[..first] + table + page[end..]);
            return;
        }
        Assert.That(page[first..end], Is.EqualTo(table), "run this test with COSMOS_WRITE_DOCS=1");
    }

    [Test]
    public void Every_case_is_a_cell_once()
    {
        MountCell[] cells = [.. MountCell.All()];
        // 4 conditions of 3 parties, and all well; 5 clients, 5 actions, 3 policies.
        Assert.That(cells, Is.Unique.And.Length.EqualTo((4 * 3 + 1) * 5 * 5 * 3));
    }

    [Test]
    public void Bound_of_the_supervisors_hang_is_the_kernels() => Assert.That(
        Bounds.SupervisorHangMs * NsPerMs,
        Is.EqualTo(SupervisorWatch.LimitNs + 2 * SupervisorWatch.IntervalNs));

    [Test]
    public void Umount_is_never_refused_a_mount_that_is_there() => Assert.That(
        MountCell.All().Where(static cell => cell.Action == MountAction.Umount)
            .Select(MountContract.Of)
            .All(static one => one.Mount == MountEnd.Gone && one.AnswerBound
                is Bound.AtOnce or Bound.SupervisorHangFound));
}
