// The mount contract as lines of docs/supervision.md: rows that say the same are one.
//
// Rules: every cell is in a row or under one of the sentences above the table; a cell that says
// something else than its row is an error here.

using System;
using System.Collections.Generic;
using System.Linq;
using Servers.Supervisor.Mounts.Contract;
using Shared.Abi;

namespace Tests.Unit.Servers.Supervisor;

internal static class MountContractPage
{
    private readonly record struct Row(string Answer, string File, string Call, string Path);

    private static readonly OnDeath[] OnDeaths = [OnDeath.Hold, OnDeath.Fail, OnDeath.Vanish];
    private static readonly MountAction[] Actions = Enum.GetValues<MountAction>();

    public static string Write()
    {
        List<string> lines =
        [
            "In seconds, from the action on: " + string.Join(", ", Enum.GetValues<Bound>().Select(
                bound => $"*{NameOf(bound)}* {Bounds.Ms(bound) / 1000m:0.#}"))
                + ". Where no time is said it is *at once*. A call's time is that of "
                + "its client: the call has ended, and the file is as said.",
            "",
            "A client that is a zombie or dead holds nothing and hinders nothing. To kill it is "
                + "`Ok` of a zombie, `NotFound` of a dead one. A client that is killed is gone, "
                + "and all that it held.",
            "",
            "| in trouble | action | `ondeath` | answer | open file, idle or stopped "
                + "| call under way | by path |",
            "|---|---|---|---|---|---|---|",
        ];
        foreach (IGrouping<string, string> same in Situations().GroupBy(
            static one => one.Rows, static one => one.Name))
        {
            string names = string.Join(", or ", same);
            foreach (string row in same.Key.Split('\n')) lines.Add($"| {names} | {row} |");
        }
        return string.Join('\n', lines) + "\n";
    }

    private static IEnumerable<(string Name, string Rows)> Situations()
    {
        var situations = MountCell.All().Select(
            static cell => (cell.Party, cell.Condition)).Distinct();
        foreach ((Party party, Condition condition) in situations)
        {
            string name = condition == Condition.Alive
                ? "nobody" : $"{NameOf(party)} {condition.ToString().ToLowerInvariant()}";
            yield return (name, RowsOf(party, condition));
        }
    }

    private static string RowsOf(Party party, Condition condition)
    {
        Dictionary<(MountAction, OnDeath), Row> rows = [];
        foreach (MountAction action in Actions)
        foreach (OnDeath onDeath in OnDeaths)
        {
            rows[(action, onDeath)] = RowOf(
                client => new MountCell(party, condition, client, action, onDeath));
        }
        List<string> lines = [];
        var byRow = rows.GroupBy(static one => one.Value, static one => one.Key);
        foreach (IGrouping<Row, (MountAction, OnDeath)> same in byRow)
        {
            // Only whole rectangles are one row.
            foreach (var actions in same.GroupBy(static key => key.Item1, static key => key.Item2)
                .GroupBy(static group => string.Join(", ", group).ToLowerInvariant()))
            {
                string names = string.Join(", ", actions.Select(one => NameOf(one.Key)));
                string policies = actions.Key == "hold, fail, vanish" ? "any" : actions.Key;
                Row row = same.Key;
                lines.Add($"{names} | {policies} | {row.Answer} | {row.File} | {row.Call} "
                    + $"| {row.Path}");
            }
        }
        return string.Join('\n', lines);
    }

    private static Row RowOf(Func<ClientState, MountCell> cellOf)
    {
        MountOutcome idle = Of(ClientState.Idle), inCall = Of(ClientState.InCall);
        MountAction action = cellOf(ClientState.Idle).Action;
        Require(Of(ClientState.Stopped) == idle, "stopped is as idle");
        foreach (ClientState gone in (ClientState[])[ClientState.Zombie, ClientState.Dead])
        {
            bool isUnknown = gone == ClientState.Dead && action == MountAction.KillClient;
            MountOutcome outcome = Of(gone);
            Require(outcome.Handle == HandleEnd.None && outcome.Call == CallEnd.None, "no client");
            Require(outcome.Mount == idle.Mount && outcome.MountBound == idle.MountBound, "mount");
            Require(outcome.Answer == (isUnknown ? Status.NotFound : idle.Answer), "answer");
            Require(outcome.AnswerBound == idle.AnswerBound, "answer's time");
        }
        Require(
            inCall with { Call = CallEnd.None, Client = idle.Client } == idle, "but for its call");
        bool isKilled = action == MountAction.KillClient;
        return new Row(
            $"`{idle.Answer}`{After(idle.AnswerBound)}",
            isKilled ? "-" : $"{Words(idle.Handle)}{After(idle.Client)}",
            Words(inCall.Call) + (isKilled ? "" : After(inCall.Client)),
            $"{(idle.Mount == MountEnd.Serves ? "serves" : "gone")}{After(idle.MountBound)}");

        MountOutcome Of(ClientState client) => MountContract.Of(cellOf(client));
        void Require(bool isSo, string what)
        {
            if (!isSo) throw new InvalidOperationException($"{cellOf(ClientState.Idle)}: {what}");
        }
    }

    private static string After(Bound bound) =>
        bound == Bound.AtOnce ? "" : $" ({NameOf(bound)})";

    private static string Words(CallEnd call) => call switch
    {
        CallEnd.Answered => "answered",
        CallEnd.Dropped => "gone",
        _ => $"`{call}`",
    };

    private static string Words(HandleEnd handle) =>
        handle == HandleEnd.Works ? "works" : $"`{handle}`";

    private static string NameOf(MountAction action) => action switch
    {
        MountAction.Umount => "umount",
        MountAction.KillClient => "kill client",
        MountAction.KillServer => "kill server",
        MountAction.Restart => "restart",
        _ => "upgrade",
    };

    private static string NameOf(Party party) => party switch
    {
        Party.FileServer => "file server",
        Party.Vfs => "vfs",
        _ => "supervisor",
    };

    private static string NameOf(Bound bound) => bound switch
    {
        Bound.AtOnce => "at once",
        Bound.Delay => "delay",
        Bound.Probe => "trial",
        Bound.HangFound => "hang",
        _ => "supervisor's hang",
    };
}
