// Starts each attack in a process of its own, and says which ended as it should not.
//
// Afterwards the kernel must have all that it had before.

using System;
using System.Collections.Generic;
using System.Text;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using Tests.Guest.Churn.Ledger;

namespace Tests.Guest.Attack;

internal sealed class Driver(TaskContext task, IReadOnlyList<AttackCase> cases)
{
    private const int LoopMs = 30;
    private const ulong JobDeadlineNs = 30_000_000_000;

    private readonly SupervisorClient _supervisor = new(task.Kernel, task.Claim("supervisor"));
    private readonly KernelLedger _ledger = new(task);
    private ByteStreamClient _output = null!;
    private int _failed;

    public int Run()
    {
        _output = StandardOutput.Open(task);
        // The first one brings up what stays: pools of the supervisor and of this process.
        RunOne(cases[0]);
        KernelStock before = _ledger.Settled();
        foreach (AttackCase attack in cases) RunOne(attack);
        Compare(before);
        Say($"{cases.Count} attacks, {_failed} failed");
        return _failed == 0 ? 0 : 1;
    }

    private void RunOne(AttackCase attack)
    {
        Result<JobStarted> started = _supervisor.Run(
            "attack", attack.Name, "/", default, default, default);
        if (!started.IsOk)
        {
            Fail(attack, $"was not started: {started.Status}");
            return;
        }
        if (attack.Ending == Ending.Loops)
        {
            Thread.Sleep(LoopMs);
            _supervisor.Kill(started.Value.Process.ToString());
        }
        var waiting = new SupervisorClient(task.Kernel, task.Claim("supervisor"),
            new CallOptions(task.NowNs + JobDeadlineNs, Handle.None));
        Result<JobEnded> ended = waiting.WaitJob(started.Value.Job);
        if (!ended.IsOk)
        {
            _supervisor.Kill(started.Value.Process.ToString());
            Fail(attack, $"did not end: {ended.Status}");
        }
        else if (!IsRight(attack.Ending, ended.Value))
        {
            Fail(attack, $"ended with {ended.Value.Cause}, code {ended.Value.ExitCode}");
        }
        _supervisor.ReapJob(started.Value.Job);
    }

    private static bool IsRight(Ending expected, JobEnded ended) => expected switch
    {
        Ending.Lives => ended.Cause == DeathCause.Exit && ended.ExitCode == 0,
        Ending.Dies => ended.Cause is not (DeathCause.Exit or DeathCause.None),
        Ending.Loops => ended.Cause == DeathCause.Killed,
        _ => ended.Cause != DeathCause.Exit || ended.ExitCode == 0,
    };

    private void Compare(in KernelStock before)
    {
        string difference = _ledger.NotGivenBack(before);
        if (difference.Length == 0) return;
        _failed++;
        Say($"not given back: {difference}");
    }

    private void Fail(AttackCase attack, string reason)
    {
        _failed++;
        Say($"{attack.Name}: {reason}");
    }

    private void Say(string line)
    {
        _output.Write(Encoding.UTF8.GetBytes(line + "\n"));
    }
}
