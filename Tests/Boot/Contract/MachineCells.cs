// Cells of the mount contract that a machine plays with real processes: whoever is in trouble, and
// clients that wait, are stopped, zombies or dead. `run contract` plays them, one boot for each
// ondeath and clock; each is a test by its name, and its times are the machine's own.

using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using Servers.Supervisor.Mounts.Contract;
using Shared.Abi;

namespace Tests.Boot.Contract;

[FixtureLifeCycle(LifeCycle.SingleInstance)]
public abstract class MachineCells(OnDeath onDeath, IReadOnlyList<Trouble> troubles) : BootTest
{
    private const int TimeoutSeconds = 400;

    private Dictionary<string, string[]>? _found;

    /// <summary>Names of actions, each for a machine of its own; "" for all, on one.</summary>
    protected virtual IEnumerable<string> Runs => [""];

    /// <summary>What the guest program plays; MountCell.All has the rest for the host.</summary>
    protected static IEnumerable<TestCaseData> CellsOf(
        OnDeath onDeath, IReadOnlyList<Trouble> troubles) =>
        from cell in MountCell.All()
        where cell.OnDeath == onDeath && troubles.Contains(new(cell.Party, cell.Condition))
        select new TestCaseData(cell).SetArgDisplayNames(cell.ToString());

    protected void RequireCell(MountCell cell)
    {
        _found ??= PlayAll();
        Assert.That(_found.TryGetValue($"{cell}", out string[]? words), Is.True, "not played");
        Assert.That(words, Has.Length.EqualTo(7), string.Join(' ', words!));
        MountOutcome promised = MountContract.Of(cell);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(words![0], Is.EqualTo($"{promised.Answer}"), "answer");
            Assert.That(words[2], Is.EqualTo($"{promised.Call}"), "the client's call");
            Assert.That(words[3], Is.EqualTo($"{promised.Handle}"), "the client's file");
            Assert.That(words[5], Is.EqualTo($"{promised.Mount}"), "the mount");
            RequireTime(words[1], promised.AnswerBound, "answer");
            RequireTime(words[4], promised.Client, "client");
            RequireTime(words[6], promised.MountBound, "mount");
        }
    }

    private Dictionary<string, string[]> PlayAll()
    {
        Dictionary<string, string[]> found = [];
        foreach (Trouble trouble in troubles)
        foreach (string action in Runs)
        {
            if (action.Length != 0) CutPower();
            string words = $"{trouble.Party} {trouble.Condition} {onDeath} {action}";
            string lines = Run($"run contract {words}", TimeoutSeconds);
            TestContext.Out.WriteLine(lines);
            foreach (string line in lines.Split('\n'))
            {
                int split = line.IndexOf(": ", StringComparison.Ordinal);
                if (split < 0) continue;
                found[line[..split]] = line[(split + 2)..].Trim().Split(' ');
            }
        }
        return found;
    }

    private static void RequireTime(string ms, Bound bound, string what) => Assert.That(
        ulong.Parse(ms), Is.LessThanOrEqualTo(Bounds.Ms(bound)), $"{what}: {bound}, in ms");
}
