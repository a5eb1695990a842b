// One simulated system in which the cells of one party, condition and ondeath are played, one after
// the other: real kernel, supervisor, Vfs and MemFs.
//
// Rules: each cell has a mount and a client of its own, and the kernel's tables are checked after
// it. What is measured is the machine's time. A cell that breaks is broken, and the next ones go
// on; a system that breaks breaks those that it has not played yet.

using Servers.Supervisor.Mounts.Contract;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using System;
using System.Collections.Generic;
using System.Text;
using Tests.FakeMachine;
using Tests.Simulation.Work;

namespace Tests.Simulation.Contract;

public sealed class ContractGroup
{
    const ulong StepNs = 5_000_000, PatienceNs = 20_000_000_000, RestNs = 3_000_000_000;

    readonly IReadOnlyList<MountCell> cells;
    readonly SimulatedSystem system;
    readonly Dictionary<MountCell, CellResult> results = [];
    ContractStage? stage;

    public ContractGroup(IReadOnlyList<MountCell> cells)
    {
        this.cells = cells;
        system = new SimulatedSystem(PlayAll)
        {
            Programs = new Dictionary<string, Action<TaskContext>>
            {
                [RandomWork.ClientImage] = RunProgram,
            },
        };
    }

    public IReadOnlyDictionary<MountCell, CellResult> Play()
    {
        string why = "the system did not get to it";
        try
        {
            system.Run();
            if (system.ScenarioFailure is { } failure) why = failure.ToString();
        }
        catch (Exception exception)
        {
            why = exception.ToString();
        }

        foreach (MountCell cell in cells) results.TryAdd(cell, CellResult.Broken(why));
        return results;
    }

    void PlayAll(TaskContext context)
    {
        Hands hands = new(context, "/mnt");
        foreach (MountCell cell in cells)
        {
            try
            {
                results[cell] = PlayOne(hands, cell);
                KernelAudit.Check(system.Kernel);
            }
            catch (Exception exception) when (exception is not SimulatedKill)
            {
                results[cell] = CellResult.Broken(exception.ToString());
            }

            CleanUp(hands);
        }
    }

    void RunProgram(TaskContext context)
    {
        if (stage is not { } current) return;
        if (context.Arguments[0] == "client") current.Seen.Run(context);
        else current.Bystander(context);
    }

    CellResult PlayOne(Hands hands, MountCell cell)
    {
        stage = new ContractStage(system, hands, cell);
        stage.MakeMount();
        stage.MakeClient();
        stage.MakeTrouble();
        ContractClient seen = stage.Seen;
        bool isGoneBefore = cell.Client is ClientState.Zombie or ClientState.Dead;
        if (isGoneBefore) RequireGone(stage, cell);
        ulong startNs = hands.Kernel.ClockNow();
        Status answer = Act(hands, cell, $"{stage.Client.Process}");
        ulong answerNs = hands.Kernel.ClockNow() - startNs;
        ulong goneNs = 0;
        MountOutcome expected = MountContract.Of(cell);
        bool isClientLeft = cell.Action != MountAction.KillClient && !isGoneBefore;
        if (isClientLeft)
        {
            if (cell.Client == ClientState.Stopped)
                Hands.Require(hands.Supervisor.Continue($"{stage.Client.Process}"), "cont");
            seen.MayTry = true;
        }
        else if (cell.Action == MountAction.KillClient)
        {
            RequireGone(stage, cell);
            goneNs = hands.Kernel.ClockNow() - startNs;
        }

        MountEnd mount = AwaitMount(hands, expected.Mount);
        ulong mountNs = hands.Kernel.ClockNow() - startNs;
        if (isClientLeft) stage.Until(() => seen.DoneNs != 0 || seen.Failure is not null, "client");
        if (seen.Failure is not null) throw new InvalidOperationException(seen.Failure);
        // It is as it stays.
        if (AwaitMount(hands, mount) != mount) throw new InvalidOperationException("mount changed");
        ulong clientNs = isClientLeft ? seen.DoneNs - startNs : goneNs;
        return new CellResult(
            answer, answerNs, seen.Call, seen.Handle, clientNs, mount, mountNs);
    }

    static Status Act(Hands hands, MountCell cell, string client) => cell.Action switch
    {
        MountAction.Umount => hands.Supervisor.Unmount("/mnt").Status,
        MountAction.KillClient => hands.Supervisor.Kill(client),
        MountAction.KillServer => hands.Supervisor.Kill(ContractStage.Server),
        MountAction.Restart => hands.Supervisor.Restart(ContractStage.Server),
        _ => hands.Supervisor.Upgrade(ContractStage.Server, "memfs2"),
    };

    /// <summary>No process, or an exit record without any handle.</summary>
    void RequireGone(ContractStage current, MountCell cell)
    {
        current.Seen.NoteDropped();
        for (int index = 0; index < system.Kernel.Processes.Capacity; index++)
        {
            CosmosKernel.Processes.Process process = system.Kernel.Processes[index];
            if (!process.IsUsed || process.Id.Value != current.Client.Process) continue;
            bool isRecord = !process.IsAlive && cell.Client == ClientState.Zombie;
            // Reclaimed in slices, but marked: nothing of it can be used.
            if (!isRecord && process.IsAlive)
                throw new InvalidOperationException($"the client is {process.State}");
        }
    }

    /// <summary>By path. Waits until it is so, or for longer than any bound.</summary>
    MountEnd AwaitMount(Hands hands, MountEnd expected)
    {
        ulong endNs = hands.Kernel.ClockNow() + PatienceNs;
        while (true)
        {
            Result<byte[]> bytes = hands.Files.ReadAll(ContractClient.Path, 64);
            MountEnd? now = bytes.Status switch
            {
                Status.Ok => MountEnd.Serves,
                Status.NotFound => MountEnd.Gone,
                // With ondeath=fail, or on the way out.
                Status.PeerDied or Status.Revoked => null,
                _ => throw new InvalidOperationException($"read: {bytes.Status}"),
            };
            if (now == MountEnd.Serves) RequireText(bytes.Value);
            if (now == expected || hands.Kernel.ClockNow() > endNs)
                return now ?? throw new InvalidOperationException($"read: {bytes.Status}");
            hands.Sleep(StepNs);
        }
    }

    void RequireText(byte[] bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        bool isTold = text == ContractClient.NewText;
        bool isWrite = stage!.Seen is { Kind: CallKind.Write, MayCall: true };
        // What was answered is there; what was not may be.
        bool mustBeTold = isWrite && stage.Seen.Call == CallEnd.Answered;
        bool isRight = isTold ? isWrite : text == ContractClient.OldText && !mustBeTold;
        if (!isRight) throw new InvalidOperationException($"the file says '{text}'");
    }

    /// <summary>Whatever state the cell was left in.</summary>
    void CleanUp(Hands hands)
    {
        if (stage is not { } used) return;
        stage = null;
        EndJob(hands, used.Client.Job, used.Client.Process);
        if (used.Second is { } other) EndJob(hands, other.Job, other.Process);
        Status status = hands.Supervisor.Unmount("/mnt").Status;
        if (status is not (Status.Ok or Status.NotMounted))
            throw new InvalidOperationException($"umount: {status}");
        // Vfs may still be on its way back.
        while (!hands.Files.Stat("/home").IsOk || hands.Supervisor.WaitReady("vfs") != Status.Ok)
            hands.Sleep(StepNs);
        hands.Sleep(RestNs);
    }

    static void EndJob(Hands hands, uint job, uint process)
    {
        if (job == 0) return;
        hands.Supervisor.Kill($"{process}");
        hands.Supervisor.ReapJob(job);
    }
}
