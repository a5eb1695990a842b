// A thread of the swarm: makes the call that its policy chooses each time it runs.

using CosmosKernel.Arch;
using Shared.Abi;
using System;
using Tests.FakeMachine;
using KernelThread = CosmosKernel.Threads.Thread;

namespace Tests.Simulation.Swarm;

sealed unsafe class SwarmThread : UserCode
{
    public const int MaxArguments = 11;

    readonly SwarmWorld world;
    readonly uint generation;

    public SwarmThread(SwarmWorld world, SwarmProcess process, KernelThread kernel, int ordinal)
    {
        this.world = world;
        Process = process;
        Kernel = kernel;
        generation = kernel.Generation;
        Random = new Random(unchecked(world.Case.Seed * 7919 + ordinal));
        Extras = world.ExtrasOf(kernel.Index);
        process.Threads.Add(this);
    }

    public readonly SwarmProcess Process;
    public readonly KernelThread Kernel;
    public readonly Random Random;
    /// <summary>In the host's memory, the thread's own.</summary>
    public readonly MessageExtras* Extras;

    /// <summary>The call that it has made last.</summary>
    public SystemCall Number;
    public readonly ulong[] Arguments = new ulong[MaxArguments];
    /// <summary>The handles in its extras when it made that call.</summary>
    public readonly ulong[] SentHandles = new ulong[Message.MaxCapabilities];
    /// <summary>It has not come back from that.</summary>
    public bool IsWaiting;
    public SwarmCall? Calling;
    public SwarmEndpoint? ReceivingOn;
    public ulong ReceiveDeadlineNs;
    public bool HasReceiveExtras;
    public SwarmCall? Handling;
    public bool IsCancelPending;
    public SwarmNotification? Bound;

    public override string ToString() => $"{Process.Name} thread {Kernel.Index}";

    public override bool Serves(KernelThread thread) =>
        thread == Kernel && thread.Generation == generation;

    /// <summary>The record belongs to another thread by now, or is dead.</summary>
    public bool IsEnded => Kernel.Generation != generation || Kernel.Process != Process.Kernel
        || Kernel.State is CosmosKernel.Threads.ThreadState.Dead
            or CosmosKernel.Threads.ThreadState.Free;

    public override TrapKind Run(KernelThread thread)
    {
        if (IsWaiting) throw new SwarmException($"{this} runs while it waits in {Number}");
        if (!Process.IsAlive) throw new SwarmException($"{this} runs and is dead");
        if (Process.IsStopped) throw new SwarmException($"{this} runs and is stopped");
        if (!world.MayAct()) return TrapKind.Interrupt;
        Array.Clear(Arguments);
        world.Choose(this);
        UserFrame* frame = thread.Frame;
        frame->Rax = (ulong)Number;
        frame->A0 = Arguments[0];
        frame->A1 = Arguments[1];
        frame->A2 = Arguments[2];
        frame->A3 = Arguments[3];
        frame->A4 = Arguments[4];
        frame->A5 = Arguments[5];
        frame->A6 = Arguments[6];
        frame->A7 = Arguments[7];
        frame->A8 = Arguments[8];
        frame->A9 = Arguments[9];
        frame->A10 = Arguments[10];
        for (int slot = 0; slot < SentHandles.Length; slot++)
            SentHandles[slot] = Extras->Handles[slot];
        return TrapKind.SystemCall;
    }

    public override bool TakesInterrupt(SimulatedMachine machine) => !world.MayAct();

    /// <summary>Payload words of a message: the token, and what goes with it.</summary>
    public void SetWords(ulong first, Func<int, ulong> word)
    {
        Arguments[5] = first;
        for (int number = 6; number < MaxArguments; number++) Arguments[number] = word(number);
    }
}
