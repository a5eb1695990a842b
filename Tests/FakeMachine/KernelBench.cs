// The real kernel for unit tests: processes whose threads make the calls that the test tells them.
//
// Begin starts a call and runs the kernel until nobody can run; the thread has then finished,
// waits, or is dead. Between calls a thread sleeps. Do is Begin for a call that must finish.

using CosmosKernel;
using CosmosKernel.Arch;
using CosmosKernel.Boot;
using CosmosKernel.Memory;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using Shared.Abi;
using System;
using System.Text;

namespace Tests.FakeMachine;

public sealed unsafe class KernelBench
{
    public static readonly KernelConfig SmallConfig = new()
    {
        Processes = 32, Threads = 64, Capabilities = 2048, Endpoints = 128, Notifications = 64,
        MemoryObjects = 32, Vaults = 16, TraceRows = 256,
    };

    public readonly SimulatedMachine Machine;
    public readonly Kernel Kernel;

    public KernelBench(KernelConfig? config = null, ulong seed = 1, int memoryBytes = 2 << 20)
    {
        Machine = new SimulatedMachine(seed, memoryBytes);
        BootInfo boot = new([new RamRange(0x1000, (ulong)memoryBytes - 0x1000)], [], []);
        HostUserMemory memory = new(new UserMemory(Machine));
        Kernel = new Kernel(Machine, boot, config ?? SmallConfig, memory);
    }

    /// <summary>A running process with one thread that sleeps.</summary>
    public Process NewProcess(
        string name, Layer layer, Priority priority = Priority.Program, Process? maker = null,
        int handleQuota = 512, int threadQuota = 8)
    {
        Process process = Kernel.Processes.Create(maker)
            ?? throw new InvalidOperationException("no process record is free");
        Encoding.UTF8.GetBytes(name, process.Name);
        process.Layer = layer;
        process.Priority = priority;
        process.HandleQuota = (ushort)handleQuota;
        process.ThreadQuota = (ushort)threadQuota;
        process.MemoryQuotaPages = 64;
        NewThread(process);
        process.State = ProcessState.Running;
        return process;
    }

    public Thread NewThread(Process process)
    {
        Thread thread = Kernel.Threads.Create(process)
            ?? throw new InvalidOperationException("no thread record is free");
        thread.State = ThreadState.InSleep;
        Machine.SetCode(thread, new ScriptedCode(Kernel));
        return thread;
    }

    /// <summary>
    /// A capability out of nothing, as boot and the supervisor's parents make them.
    /// </summary>
    public ulong Grant(
        Process process, ObjectType type, int objectIndex = 0, Rights rights = Rights.All,
        uint generation = 0)
    {
        Status status = Kernel.Capabilities.Create(
            process, type, objectIndex, rights, out Handle handle, generation);
        return status == Status.Ok ? handle.Value : throw new InvalidOperationException(
            $"cannot grant: {status}");
    }

    /// <summary>A copy for another process, as a message would carry it.</summary>
    public ulong Give(Process source, ulong handle, Process target, Rights rights = Rights.All)
    {
        Status status = Kernel.Capabilities.Find(source, handle, out int index);
        if (status != Status.Ok) throw new InvalidOperationException($"cannot give: {status}");
        int copy = Kernel.Capabilities.Copy(index, rights, target.Handles);
        return Kernel.Capabilities.HandleOf(copy).Value;
    }

    public void Begin(Thread thread, SystemCall call, params ReadOnlySpan<ulong> arguments)
    {
        UserFrame* frame = thread.Frame;
        frame->Rax = (ulong)call;
        for (int number = 0; number < 11; number++)
            SetArgument(frame, number, number < arguments.Length ? arguments[number] : 0);
        Start(thread);
    }

    /// <summary>Makes the call that is in the thread's frame already.</summary>
    public void Start(Thread thread)
    {
        ((ScriptedCode)Machine.CodeOf(thread)!).HasCall = true;
        Kernel.Scheduler.MakeReady(thread);
        Settle();
    }

    /// <summary>A call that must finish at once.</summary>
    public CallResult Do(Thread thread, SystemCall call, params ReadOnlySpan<ulong> arguments)
    {
        Begin(thread, call, arguments);
        return Result(thread);
    }

    public CallResult Do(Process process, SystemCall call, params ReadOnlySpan<ulong> arguments) =>
        Do(process.FirstThread!, call, arguments);

    /// <summary>The call's argument 0 as well, which must be Ok.</summary>
    public ulong Make(Process process, SystemCall call, params ReadOnlySpan<ulong> arguments)
    {
        Thread thread = process.FirstThread!;
        CallResult result = Do(thread, call, arguments);
        return result.Status == Status.Ok ? thread.Frame->A0
            : throw new InvalidOperationException($"{call}: {result.Status}");
    }

    public CallResult Result(Thread thread) => IsDone(thread)
        ? new CallResult(thread.Frame->Rax)
        : throw new InvalidOperationException($"thread {thread.Id} is {thread.State}");

    /// <summary>Its call has returned. False while it waits, and when it is dead.</summary>
    public bool IsDone(Thread thread) => thread.State == ThreadState.InSleep;

    /// <summary>Runs the kernel until no thread can run.</summary>
    public void Settle()
    {
        while (Kernel.Scheduler.HasReady || Kernel.HasParts) Kernel.Run();
    }

    /// <summary>
    /// Lets time pass: deadlines that come due take effect, garbage is reclaimed.
    /// </summary>
    public void Advance(ulong elapsedNs)
    {
        Reclaim();
        Machine.NowNs += elapsedNs;
        Kernel.Run();
        Settle();
    }

    public void Reclaim()
    {
        while (Kernel.Reclaimer.HasWork) Kernel.Reclaimer.RunSlice();
        Settle();
    }

    static void SetArgument(UserFrame* frame, int number, ulong value)
    {
        switch (number)
        {
            case 0: frame->A0 = value; break;
            case 1: frame->A1 = value; break;
            case 2: frame->A2 = value; break;
            case 3: frame->A3 = value; break;
            case 4: frame->A4 = value; break;
            case 5: frame->A5 = value; break;
            case 6: frame->A6 = value; break;
            case 7: frame->A7 = value; break;
            case 8: frame->A8 = value; break;
            case 9: frame->A9 = value; break;
            default: frame->A10 = value; break;
        }
    }

    sealed class ScriptedCode(Kernel kernel) : UserCode
    {
        public bool HasCall;

        public override TrapKind Run(Thread thread)
        {
            if (HasCall)
            {
                HasCall = false;
                return TrapKind.SystemCall;
            }

            kernel.Scheduler.Block(thread, ThreadState.InSleep);
            return TrapKind.Interrupt;
        }
    }
}
