// One task's main thread: a host thread that runs only while the kernel has resumed it.
//
// The two sides hand a baton to and fro, so exactly one of them runs at any time and a run depends
// on nothing but the code and the seed. The host thread comes from a pool: a death costs
// microseconds.

using CosmosKernel;
using CosmosKernel.Arch;
using CosmosKernel.Memory;
using CosmosKernel.Processes;
using Shared.Abi;
using Shared.Sdk;
using System;
using System.Threading;
using Tests.FakeMachine;
using KernelThread = CosmosKernel.Threads.Thread;

namespace Tests.Simulation;

public sealed unsafe class SimulatedTask : UserCode, IKernel
{
    static readonly TimeSpan HostPatience = TimeSpan.FromSeconds(60);

    readonly Kernel kernel;
    readonly KernelThread thread;
    readonly uint generation;
    readonly Func<SimulatedTask, int> main;
    readonly SemaphoreSlim resumed = new(0), trapped = new(0);
    bool isStarted, isFinished, isFenced, diesHere;
    int exitCode;
    Exception? failure;

    public SimulatedTask(Kernel kernel, KernelThread thread, Func<SimulatedTask, int> main)
    {
        this.kernel = kernel;
        this.thread = thread;
        this.main = main;
        generation = thread.Generation;
    }

    public Process Process => thread.Process;

    /// <summary>
    /// Asked before each store to the vault: how much of it is still stored when the process dies
    /// there; null when it lives.
    /// </summary>
    public Func<SimulatedTask, int, int?>? OnVaultStore { get; init; }

    public override bool Serves(KernelThread other) =>
        other == thread && other.Generation == generation && !isFinished;

    /// <summary>The kernel has ended the thread: its host thread must unwind.</summary>
    public bool IsKilled => isStarted && !isFinished
        && (thread.Generation != generation
            || thread.State == CosmosKernel.Threads.ThreadState.Dead);

    /// <summary>
    /// Until when it computes, without a call, whenever it gets the processor: a loop, if that is
    /// never.
    /// </summary>
    public ulong BusyUntilNs { get; set; }

    /// <summary>Kernel side: lets the task run until its next trap.</summary>
    public override TrapKind Run(KernelThread resumedThread)
    {
        SimulatedMachine machine = (SimulatedMachine)kernel.Machine;
        if (machine.NowNs < BusyUntilNs)
        {
            // Until the tick; there is one armed whenever a thread runs.
            machine.NowNs = Math.Min(BusyUntilNs, Math.Max(machine.NowNs, machine.ArmedNs));
            return TrapKind.Interrupt;
        }

        PassBaton();
        if (diesHere)
        {
            ProcessDeath.Kill(kernel, thread.Process, DeathCause.Killed);
            KernelAudit.CheckRevocation(kernel);
            return TrapKind.Interrupt;
        }

        if (!isFinished) return TrapKind.SystemCall;
        if (failure is null) ProcessDeath.Exited(kernel, thread, exitCode);
        else ProcessDeath.ThreadFaulted(kernel, thread, DeathCause.UnhandledException, 0);
        return TrapKind.Interrupt;
    }

    /// <summary>Kernel side: ends the host thread of a dead incarnation.</summary>
    public void Unwind()
    {
        isFenced = true;
        if (isStarted && !isFinished) PassBaton();
    }

    void PassBaton()
    {
        if (!isStarted)
        {
            isStarted = true;
            HostThreadPool.Run(Live);
        }

        resumed.Release();
        if (!trapped.Wait(HostPatience)) throw new TimeoutException("a task never trapped");
    }

    /// <summary>Task side: the whole life of the host thread in this task.</summary>
    void Live()
    {
        resumed.Wait();
        try
        {
            exitCode = isFenced ? 0 : main(this);
        }
        catch (SimulatedKill)
        {
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        isFinished = true;
        trapped.Release();
    }

    /// <summary>Task side: whatever survives the process is closed to a dead incarnation.</summary>
    public void RequireLife()
    {
        if (isFenced) throw new SimulatedKill();
    }

    /// <summary>Task side: a store to the vault is about to happen; see OnVaultStore.</summary>
    public int? VaultPoint(int lengthBytes)
    {
        RequireLife();
        return OnVaultStore?.Invoke(this, lengthBytes);
    }

    /// <summary>Task side: the kernel kills the process between two of its instructions.</summary>
    public void DieHere()
    {
        diesHere = true;
        trapped.Release();
        resumed.Wait();
        throw new SimulatedKill();
    }

    /// <summary>Task side: one kernel call.</summary>
    public CallResult Invoke(ref Registers registers)
    {
        RequireLife();
        UserFrame* frame = thread.Frame;
        frame->Rax = registers.Number;
        frame->A0 = registers.A0;
        frame->A1 = registers.A1;
        frame->A2 = registers.A2;
        frame->A3 = registers.A3;
        frame->A4 = registers.A4;
        frame->A5 = registers.A5;
        frame->A6 = registers.A6;
        frame->A7 = registers.A7;
        frame->A8 = registers.A8;
        frame->A9 = registers.A9;
        frame->A10 = registers.A10;
        trapped.Release();
        resumed.Wait();
        RequireLife();
        registers.Number = frame->Rax;
        registers.A0 = frame->A0;
        registers.A1 = frame->A1;
        registers.A2 = frame->A2;
        registers.A3 = frame->A3;
        registers.A4 = frame->A4;
        registers.A5 = frame->A5;
        registers.A6 = frame->A6;
        registers.A7 = frame->A7;
        registers.A8 = frame->A8;
        registers.A9 = frame->A9;
        registers.A10 = frame->A10;
        return new CallResult(frame->Rax);
    }

    /// <summary>Where the machine has what is mapped there; task side.</summary>
    public ulong PlaceOf(ulong address)
    {
        AddressSpace space = thread.Process.AddressSpace;
        ref Region region = ref space.At(kernel.Regions, space.Find(kernel.Regions, address));
        ulong page = (address - region.First + region.Offset) / Limits.PageBytes;
        // Safety: a frame of the machine's memory.
        return (ulong)((SimulatedMachine)kernel.Machine).PhysicalMemory
            + region.Object!.FrameOf(kernel.Frames, page) + address % Limits.PageBytes;
    }

    /// <summary>Ends the task as exit_group would; for TaskMain.RunWith.</summary>
    public void Exit(int code)
    {
        exitCode = code;
        throw new SimulatedKill();
    }
}
