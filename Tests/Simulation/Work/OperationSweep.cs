// One boot, and in it each case of work again and again, with a kill at each of its points in turn.
//
// The client's program: when the client itself dies, its next incarnation goes on here. What is
// known across its deaths lies in this object, which belongs to the test and not to the machine.

using Shared.Sdk;
using System;
using System.Collections.Generic;
using System.Linq;
using Tests.FakeMachine;
using Tests.Simulation.Kills;

namespace Tests.Simulation.Work;

public sealed class OperationSweep(IEnumerable<OperationCase> cases)
{
    const string Directory = "/home/w";
    /// <summary>The kernel takes a supervisor that dies sooner for one that cannot live.</summary>
    const ulong LongLifeNs = 6_000_000_000;
    const ulong RestNs = 20_000_000;
    const int MaxPoints = 2_000;

    readonly Queue<OperationCase> waiting = new(cases);
    OperationCase? current;
    int point = -1;
    bool isInAct;
    string countsBefore = "";

    public SimulatedSystem System { get; set; } = null!;
    public SweepKiller Killer { get; } = new();
    public int Cases { get; private set; }
    public SortedDictionary<string, int> KillsByVictim { get; } = [];

    string When => $"{current!.Name}, kill {Killer.Victim} at point {point} ({Killer.Point})";

    public void Run(TaskContext context)
    {
        Hands hands = new(context, Directory);
        if (isInAct) TakeOver(hands);
        while (current is not null || waiting.Count != 0)
        {
            if (current is null) Begin(hands);
            if (RunOnce(hands)) continue;
            Require(hands, countsBefore, Counts(hands), "counters");
            current = null;
        }
    }

    void Begin(Hands hands)
    {
        current = waiting.Dequeue();
        Cases++;
        point = -1;
        // The first time makes what stays (tables of the volume), so that counters can be compared.
        Prepare(hands);
        current.Prepare(hands);
        current.Act(hands);
        CleanUp(hands);
        countsBefore = Counts(hands);
    }

    /// <summary>False when no point is left: nobody has died.</summary>
    bool RunOnce(Hands hands)
    {
        OperationCase work = current!;
        if (++point == MaxPoints) throw new InvalidOperationException($"{work}: never ends");
        Prepare(hands);
        work.Prepare(hands);
        isInAct = true;
        Killer.Arm(point);
        string answers = work.Act(hands);
        Killer.Disarm();
        isInAct = false;
        Require(hands, work.Answers, answers, "answers");
        Require(hands, work.Tree, hands.Snapshot(), "tree");
        bool isKilled = Killer.Victim is not null;
        Recover(hands);
        return isKilled;
    }

    /// <summary>
    /// This incarnation follows one that died in the act: the tree is as it was, or as it was to
    /// be, or as it is between two operations of the case.
    /// </summary>
    void TakeOver(Hands hands)
    {
        isInAct = false;
        Killer.Disarm();
        string tree = hands.Snapshot();
        CleanUp(hands);
        Prepare(hands);
        current!.Prepare(hands);
        string before = hands.Snapshot();
        bool isRight = tree == current.Tree || tree == before
            || current.Between.Contains(tree);
        if (!isRight) throw new InvalidOperationException(
            $"{When}: tree is '{tree}', neither '{before}' nor '{current.Tree}'");
        Recover(hands);
    }

    void Recover(Hands hands)
    {
        if (Killer.Victim is { } victim)
        {
            KillsByVictim[victim] = KillsByVictim.GetValueOrDefault(victim) + 1;
            if (victim == "supervisor") hands.Sleep(LongLifeNs);
        }

        KernelAudit.Check(System.Kernel);
        CleanUp(hands);
    }

    static void Prepare(Hands hands)
    {
        if (hands.Files.Stat(Directory).IsOk) return;
        Hands.Require(hands.Files.MakeDirectory(Directory), Directory);
    }

    static void CleanUp(Hands hands) => hands.RemoveAll();

    /// <summary>What the kernel holds when everything has come to rest.</summary>
    string Counts(Hands hands)
    {
        hands.Sleep(RestNs);
        return System.Counts;
    }

    void Require(Hands hands, string expected, string found, string what)
    {
        if (found == expected) return;
        throw new InvalidOperationException(
            $"{When}: {what} '{found}', expected '{expected}'\n{System.Holders}");
    }
}
