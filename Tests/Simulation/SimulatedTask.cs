// One task's main thread: a host thread that runs only while the kernel has resumed it.
//
// The two sides hand a baton to and fro, so exactly one of them runs at any time and a run depends
// on nothing but the code and the seed. The host thread comes from a pool: a death costs
// microseconds.

using CosmosKernel;
using CosmosKernel.Arch;
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
    bool isStarted, isFinished, isFenced;
    int exitCode;
    Exception? failure;

    public SimulatedTask(Kernel kernel, KernelThread thread, Func<SimulatedTask, int> main)
    {
        this.kernel = kernel;
        this.thread = thread;
        this.main = main;
        generation = thread.Generation;
    }

    public override bool Serves(KernelThread other) =>
        other == thread && other.Generation == generation && !isFinished;

    /// <summary>The kernel has ended the thread: its host thread must unwind.</summary>
    public bool IsKilled => isStarted && !isFinished
        && (thread.Generation != generation
            || thread.State == CosmosKernel.Threads.ThreadState.Dead);

    /// <summary>Kernel side: lets the task run until its next trap.</summary>
    public override TrapKind Run(KernelThread resumedThread)
    {
        PassBaton();
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

    /// <summary>Task side: one kernel call.</summary>
    public CallResult Invoke(ref Registers registers)
    {
        if (isFenced) throw new SimulatedKill();
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
        if (isFenced) throw new SimulatedKill();
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

    /// <summary>Ends the task as exit_group would; for TaskMain.RunWith.</summary>
    public void Exit(int code)
    {
        exitCode = code;
        throw new SimulatedKill();
    }
}
