// Cells of the mount contract that a machine plays with real processes: a server that loops or
// hangs, and clients that are stopped, zombies or dead. `run contract` plays them, one boot for
// each ondeath; each is a test by its name, and its times are the machine's own.

using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using Servers.Supervisor.Mounts.Contract;
using Shared.Abi;

namespace Tests.Boot.Contract;

[FixtureLifeCycle(LifeCycle.SingleInstance)]
public abstract class MachineCells(OnDeath onDeath) : BootTest
{
    private const int TimeoutSeconds = 240;
    private static readonly Condition[] Conditions =
    [
        Condition.Alive, Condition.Hung, Condition.Looping,
    ];

    private Dictionary<string, string[]>? _found;

    /// <summary>What the guest program plays; MountCell.All has the rest for the host.</summary>
    protected static IEnumerable<TestCaseData> CellsOf(OnDeath onDeath) =>
        from cell in MountCell.All()
        where cell.OnDeath == onDeath && cell.Party == Party.FileServer
            && Conditions.Contains(cell.Condition)
            && (cell.Condition != Condition.Alive || cell.Client != ClientState.InCall)
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
        foreach (Condition condition in Conditions)
        {
            string lines = Run($"run contract {condition} {onDeath}", TimeoutSeconds);
            TestContext.Out.WriteLine(lines);
            foreach (string line in lines.Split('\n'))
            {
                int split = line.IndexOf(": ", StringComparison.Ordinal);
                if (split < 0) continue;
                found[$"{Party.FileServer}-{line[..split]}"] =
                    line[(split + 2)..].Trim().Split(' ');
            }
        }
        return found;
    }

    private static void RequireTime(string ms, Bound bound, string what) => Assert.That(
        ulong.Parse(ms), Is.LessThanOrEqualTo(Bounds.Ms(bound)), $"{what}: {bound}, in ms");
}
