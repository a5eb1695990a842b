// Every cell of the mount contract, each a test by its name: what is promised is what happens, and
// in time. The cases are the table's own, so a cell without a test cannot be.

using NUnit.Framework;
using Servers.Supervisor.Mounts.Contract;
using System;
using System.Collections.Generic;
using System.Linq;

namespace Tests.Simulation.Contract;

[TestFixture]
public sealed class MountContractTests
{
    const ulong NsPerMs = 1_000_000;

    /// <summary>
    /// Here processes start in no time; a slow server takes 200 ms for the call of a client.
    /// </summary>
    const ulong AtOnceMs = 250;

    readonly Dictionary<object, IReadOnlyDictionary<MountCell, CellResult>> played = [];
    readonly SortedDictionary<Bound, ulong> longest = [];

    static IEnumerable<TestCaseData> Cells() => MountCell.All().Select(
        cell => new TestCaseData(cell).SetArgDisplayNames(cell.ToString()));

    [TestCaseSource(nameof(Cells))]
    public void Cell_is_as_promised(MountCell cell)
    {
        MountOutcome promised = MountContract.Of(cell);
        CellResult found = ResultOf(cell);
        Assert.That(found.Failure, Is.Null);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(found.Answer, Is.EqualTo(promised.Answer), "answer");
            Assert.That(found.Call, Is.EqualTo(promised.Call), "the client's call");
            Assert.That(found.Handle, Is.EqualTo(promised.Handle), "the client's file");
            Assert.That(found.Mount, Is.EqualTo(promised.Mount), "the mount");
            RequireTime(found.AnswerNs, promised.AnswerBound, "answer");
            RequireTime(found.ClientNs, promised.Client, "client");
            RequireTime(found.MountNs, promised.MountBound, "mount");
        }
    }

    [OneTimeTearDown]
    public void PrintLongest()
    {
        foreach ((Bound bound, ulong ns) in longest)
            TestContext.Progress.WriteLine($"{bound}: at most {ns / NsPerMs} ms");
    }

    /// <summary>One system plays all cells of a group.</summary>
    CellResult ResultOf(MountCell cell)
    {
        object group = (cell.Party, cell.Condition, cell.OnDeath);
        if (!played.TryGetValue(group, out IReadOnlyDictionary<MountCell, CellResult>? results))
        {
            MountCell[] cells = [.. MountCell.All().Where(
                one => group.Equals((one.Party, one.Condition, one.OnDeath)))];
            results = new ContractGroup(cells).Play();
            played.Add(group, results);
        }

        return results[cell];
    }

    void RequireTime(ulong foundNs, Bound bound, string what)
    {
        longest[bound] = Math.Max(longest.GetValueOrDefault(bound), foundNs);
        ulong limitNs = (Bounds.WaitMs(bound) + AtOnceMs) * NsPerMs;
        Assert.That(foundNs, Is.LessThan(limitNs), $"{what}: {bound}, in ns");
    }
}
