// One swarm: the real kernel on the simulated machine, a keeper that starts and kills tasks, and
// tasks whose threads make whatever system calls come to their minds.
//
// A step is one kernel entry. After each the oracle compares what the kernel did with what it may
// do. Everything follows from the case: the same case is the same run.

using CosmosKernel;
using CosmosKernel.Arch;
using CosmosKernel.Boot;
using CosmosKernel.Memory;
using CosmosKernel.Processes;
using Shared.Abi;
using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using Tests.FakeMachine;
using KernelThread = CosmosKernel.Threads.Thread;

namespace Tests.Simulation.Swarm;

enum SwarmPhase
{
    Working,
    /// <summary>Nobody begins anything: what is under way comes to its end.</summary>
    Settling,
    /// <summary>The keeper ends all tasks and closes all handles.</summary>
    Ending,
}

sealed unsafe class SwarmWorld : IDisposable
{
    public const string ImageName = "stub";
    const int MemoryBytes = 2 << 20, AuditSteps = 256, SettleSteps = 2_000, EndSteps = 40_000;

    static readonly KernelConfig Config = KernelBench.SmallConfig with
    {
        Capabilities = 4096, LogBytes = 4096,
    };

    readonly SimulatedMachine machine;
    readonly SwarmOracle oracle;
    readonly KeeperPolicy keeperPolicy;
    readonly TaskPolicy taskPolicy;
    readonly SwarmThread?[] threads = new SwarmThread?[Config.Threads];
    readonly MessageExtras* extras;
    int threadOrdinal;

    public SwarmWorld(SwarmCase swarmCase)
    {
        Case = swarmCase;
        Random = new Random(swarmCase.Seed);
        machine = new SimulatedMachine((ulong)swarmCase.Seed, MemoryBytes)
        {
            SkipsIdleTime = true, StepNs = (ulong)Random.Next(500, 20_000),
        };
        ulong place = MemoryBytes - StubImage.LengthBytes;
        // Safety: inside the machine's memory, above what the frame table owns.
        StubImage.Write(new Span<byte>(machine.PhysicalMemory + place, StubImage.LengthBytes));
        BootImage image = new(Encoding.UTF8.GetBytes(ImageName), place, StubImage.LengthBytes);
        BootInfo boot = new([new RamRange(0x1000, place - 0x1000)], [image], []);
        // Deaths and revocations are done at once, or in parts as small as can be.
        KernelConfig config = Random.Next(3) == 0 ? Config
            : Config with { PartSteps = Random.Next(1, 20) };
        Kernel = new Kernel(machine, boot, config, new HostUserMemory(new UserMemory(machine)));
        machine.OnTrap = NoteTrap;
        machine.CodeFactory = MakeThread;
        nuint extrasBytes = (nuint)(Config.Threads * sizeof(MessageExtras));
        // Safety: one block for each thread, freed by Dispose.
        extras = (MessageExtras*)NativeMemory.AlignedAlloc(extrasBytes, 64);
        Scratch = (byte*)NativeMemory.AllocZeroed(ScratchBytes * (nuint)Config.Threads);
        oracle = new SwarmOracle(this);
        Keeper = MakeKeeper();
        keeperPolicy = new KeeperPolicy(this);
        taskPolicy = new TaskPolicy(this);
    }

    public const int ScratchBytes = 256;
    public readonly SwarmCase Case;
    public readonly Random Random;
    public readonly Kernel Kernel;
    public readonly ShadowTree Tree = new();
    public readonly SwarmProcess Keeper;
    /// <summary>
    /// All that were not collected, the keeper too, by the index of their record.
    /// </summary>
    public readonly SwarmProcess?[] Processes = new SwarmProcess?[Config.Processes];
    public readonly List<SwarmEndpoint> Endpoints = [];
    public readonly Dictionary<ulong, SwarmCall> Calls = [];
    public byte* Scratch;
    public SwarmThread? Acting;
    public SwarmPhase Phase { get; private set; }
    public int Step { get; private set; }
    public ulong NowNs => machine.NowNs;
    public ulong StepNs => machine.StepNs;
    public SwarmTally Tally { get; } = new();

    public MessageExtras* ExtrasOf(int thread) => extras + thread;
    public byte* ScratchOf(SwarmThread thread) => Scratch + thread.Kernel.Index * ScratchBytes;
    public IEnumerable<SwarmThread> Threads
    {
        get
        {
            foreach (SwarmThread? thread in threads)
                if (thread is { IsEnded: false }) yield return thread;
        }
    }

    /// <summary>The case from its first step to its last; null, or what went wrong.</summary>
    public string? Run()
    {
        try
        {
            int first = CountRecords();
            while (Step < Case.Steps) OneStep();
            Phase = SwarmPhase.Settling;
            for (int count = 0; count < SettleSteps; count++) OneStep();
            oracle.CheckSettled();
            Phase = SwarmPhase.Ending;
            for (int count = 0; !keeperPolicy.IsDone; count++)
            {
                if (count == EndSteps) throw new SwarmException("the keeper does not end");
                OneStep();
            }

            CheckNothingIsLeft(first);
            return null;
        }
        catch (Exception problem)
        {
            // Whatever the kernel throws would be its panic.
            string place = problem is SwarmException or AuditException ? "" : $"\n{problem}";
            return $"step {Step}: {problem.Message}{place}";
        }
    }

    void OneStep()
    {
        oracle.Remember();
        Acting = null;
        Kernel.Run();
        if (machine.IsStuck) throw new SwarmException("nothing will ever happen again");
        oracle.Judge(Acting);
        if (Step++ % AuditSteps == 0 || oracle.HadDeath) Audit();
    }

    void Audit()
    {
        Tally.Audits++;
        KernelAudit.Check(Kernel);
        oracle.CompareCapabilities();
    }

    /// <summary>
    /// False: an interrupt is due, or the case leaves this step out. While something is done in
    /// parts the timer is due at once, and may be slow.
    /// </summary>
    public bool MayAct() =>
        (!machine.HasInterrupt || Kernel.HasParts && Random.Next(2) == 0)
        && (Phase != SwarmPhase.Working || !Case.Skips(Step));

    TrapKind NoteTrap(KernelThread thread, TrapKind kind)
    {
        if (kind == TrapKind.SystemCall) Acting = threads[thread.Index];
        return kind;
    }

    /// <summary>Its call was answered with a part, and comes again.</summary>
    public bool IsRepeating(SwarmThread thread) => machine.IsRepeating(thread.Kernel);

    public void Choose(SwarmThread thread)
    {
        if (thread.Process == Keeper) keeperPolicy.Choose(thread);
        else taskPolicy.Choose(thread);
    }

    SwarmThread MakeThread(KernelThread kernel)
    {
        SwarmProcess process = Processes[kernel.Process.Index]!;
        return threads[kernel.Index] = new SwarmThread(this, process, kernel, threadOrdinal++);
    }

    /// <summary>A process has started: it has up to its quota of threads.</summary>
    public void AddThreads(SwarmProcess process)
    {
        int count = Random.Next(process.Kernel.ThreadQuota);
        while (count-- > 0 && Kernel.Threads.Create(process.Kernel) is { } thread)
            Kernel.Scheduler.MakeReady(thread);
    }

    SwarmProcess MakeKeeper()
    {
        Process process = Kernel.Processes.Create(null)!;
        "keeper"u8.CopyTo(process.Name);
        process.Layer = Layer.Supervisor;
        process.Priority = Priority.Driver;
        process.HandleQuota = 1024;
        process.ThreadQuota = 1;
        process.MemoryQuotaPages = 64;
        SwarmProcess keeper = new(process, "keeper");
        Processes[process.Index] = keeper;
        Kernel.Capabilities.Create(process, ObjectType.Machine, 0, Rights.All, out Handle machine);
        Tree.Add(new()
        {
            Handle = machine.Value, Owner = keeper, Type = ObjectType.Machine, Rights = Rights.All,
        }, null);
        KernelThread thread = Kernel.Threads.Create(process)!;
        process.State = ProcessState.Running;
        Kernel.Scheduler.MakeReady(thread);
        return keeper;
    }

    int CountRecords() => (int)Kernel.Frames.FreeFrames;

    /// <summary>Every table but the keeper's own entries is as it was at boot.</summary>
    void CheckNothingIsLeft(int freeFrames)
    {
        while (Kernel.Reclaimer.HasWork) Kernel.Reclaimer.RunSlice();
        KernelAudit.Check(Kernel);
        string left = $"processes {Kernel.Processes.Count - 1}, "
            + $"threads {Kernel.Threads.Count - 1}, "
            + $"capabilities {Kernel.Capabilities.UsedCount}, endpoints {Kernel.Endpoints.Count}, "
            + $"notifications {Kernel.Notifications.Count}, memory {LiveMemory()}, "
            + $"frames {freeFrames - CountRecords()}, calls {Calls.Count}";
        const string Nothing = "processes 0, threads 0, capabilities 0, endpoints 0, "
            + "notifications 0, memory 0, frames 0, calls 0";
        if (left != Nothing) throw new SwarmException($"at the end there are left: {left}");
    }

    /// <summary>Without the image, which the archive keeps.</summary>
    int LiveMemory() => Kernel.MemoryObjects.Count - 1;

    public void Dispose()
    {
        NativeMemory.AlignedFree(extras);
        NativeMemory.Free(Scratch);
    }
}
