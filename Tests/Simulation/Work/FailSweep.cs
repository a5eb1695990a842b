// A mount with ondeath=fail, whose server dies at each point of each change in turn: the client is
// told at once, and what it is told is true.
//
// An answer means that it has happened, NotExecuted that it has not, and MaybeExecuted that it has
// happened wholly or not at all.

using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using System;
using System.Collections.Generic;
using Tests.Simulation.Kills;

namespace Tests.Simulation.Work;

public sealed class FailSweep
{
    const string Target = "/mnt", Server = "memfs@/mnt";
    const ulong PollNs = 1_000_000;
    const OpenMode Making = OpenMode.Read | OpenMode.Write | OpenMode.Create;

    public SweepKiller Killer { get; } = new() { Only = Server };
    public SortedDictionary<string, int> Ends { get; } = [];

    static Operation Make(
        Act act, string path = "", string target = "", OpenMode mode = default, int number = 0,
        int lengthBytes = 0) => new(act, 0, path, target, mode, number, lengthBytes, 3);

    static readonly Operation MakeFile = Make(Act.Open, "f", mode: Making);
    static readonly Operation Fill = Make(Act.Append, lengthBytes: 6_000);
    static readonly Operation MakeD = Make(Act.MakeDirectory, "d");

    static IEnumerable<(Operation[] Before, Operation Change)> Cases()
    {
        yield return ([], MakeD);
        yield return ([MakeD], Make(Act.RemoveDirectory, "d"));
        yield return ([MakeFile], Make(Act.RemoveFile, "f"));
        yield return ([MakeFile, MakeD], Make(Act.Rename, "f", "d/g"));
        yield return ([], Make(Act.Open, "f", mode: Making | OpenMode.Exclusive));
        yield return ([MakeFile, Fill],
            Make(Act.Open, "f", mode: OpenMode.Write | OpenMode.Truncate));
        yield return ([MakeFile, Fill], Make(Act.Write, number: 4_000, lengthBytes: 5_000));
        yield return ([MakeFile, Fill], Make(Act.Append, lengthBytes: 5_000));
        yield return ([MakeFile, Fill], Make(Act.SetLength, number: 100));
    }

    public void Run(TaskContext context)
    {
        Hands hands = new(context, Target);
        Hands.Require(
            hands.Supervisor.Mount("memory", Target, "memfs", "ondeath=fail"), "mount");
        Result<Handle> root;
        while (!(root = hands.Files.OpenDirectory(Target)).IsOk) hands.Sleep(PollNs);
        foreach ((Operation[] before, Operation change) in Cases())
        {
            int point = 0;
            while (RunOnce(hands, root.Value, before, change, point)) point++;
        }

        hands.Kernel.Close(root.Value);
        Hands.Require(hands.Supervisor.Unmount(Target).Status, "umount");
    }

    /// <summary>False when nobody has died.</summary>
    bool RunOnce(Hands hands, Handle root, Operation[] before, Operation change, int point)
    {
        OperationRunner runner = new(hands.Kernel, root);
        TreeModel model = new();
        foreach (Operation one in before)
        {
            string made = runner.Do(one);
            Require(made == model.Apply(one), $"{one}: {made}");
        }

        string treeBefore = model.Snapshot(), expected = model.Apply(change);
        Killer.Arm(point);
        string answer = runner.Do(change);
        Killer.Disarm();
        Outcome outcome = runner.LastOutcome;
        WaitUntilBack(hands, root);
        string tree = runner.Snapshot();
        bool mayBeBefore = answer == "PeerDied", mayBeAfter = outcome != Outcome.NotExecuted;
        string what = $"{change} at point {point} ({Killer.Point}): {answer} {outcome} '{tree}'";
        Require(answer == expected || (mayBeBefore && outcome != Outcome.Replied), what);
        Require((mayBeBefore && tree == treeBefore) || (mayBeAfter && tree == model.Snapshot()),
            what);
        string end = answer == expected ? "answered" : outcome.ToString();
        Ends[end] = Ends.GetValueOrDefault(end) + 1;
        runner.CloseAll();
        hands.RemoveAll();
        return Killer.Victim is not null;
    }

    static void WaitUntilBack(Hands hands, Handle root)
    {
        FileSystemClient files = new(hands.Kernel, root);
        while (files.SyncAll() == Status.PeerDied) hands.Sleep(PollNs);
    }

    static void Require(bool isTrue, string what)
    {
        if (!isTrue) throw new InvalidOperationException(what);
    }
}
