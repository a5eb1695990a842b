// The whole system on a fake machine: real kernel, real supervisor, Vfs, MemFs and Pipes with the
// vaults that the kernel keeps; the shell's place is taken by the scenario, and tasks that it does
// not need only receive.
//
// From the scenario's start to its end the killer is asked at each point (see IKiller).

using CosmosKernel;
using CosmosKernel.Arch;
using CosmosKernel.Boot;
using CosmosKernel.Memory;
using CosmosKernel.Memory.Vaults;
using CosmosKernel.Processes;
using Servers.MemFs;
using Servers.Pipes;
using Servers.Supervisor;
using Servers.Supervisor.Launching;
using Servers.Vfs;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Tasks;
using Shared.Sdk.Vaults;
using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Tests.FakeMachine;
using Tests.Simulation.Kills;
using Tests.Simulation.Work;
using KernelThread = CosmosKernel.Threads.Thread;
using Servers.MemFs.Vaults;

namespace Tests.Simulation;

public sealed unsafe class SimulatedSystem
{
    const int MemoryBytes = 8 << 20;
    const int MaxTurns = 100_000_000;

    static readonly string[] ImageNames =
    [
        "supervisor", "pci", "console", "pipes", "vfs", "memfs", "memfs2", "memfs3", "procfs",
        "shell", RandomWork.ClientImage, "memfs9", "vfs9", "supervisor2", "supervisor3",
    ];

    readonly SimulatedMachine machine;
    readonly Action<TaskContext> scenario;
    readonly List<SimulatedTask> tasks = [];
    bool isRecording;

    public SimulatedSystem(Action<TaskContext> scenario, ulong seed = 1)
    {
        this.scenario = scenario;
        machine = new SimulatedMachine(seed, MemoryBytes) { SkipsIdleTime = true };
        BootImage[] images = new BootImage[ImageNames.Length];
        ulong first = MemoryBytes - (ulong)ImageNames.Length * StubImage.LengthBytes;
        for (int number = 0; number < images.Length; number++)
        {
            ulong place = first + (ulong)(number * StubImage.LengthBytes);
            // Safety: inside the machine's memory, above what the frame table owns.
            StubImage.Write(new Span<byte>(
                machine.PhysicalMemory + place, StubImage.LengthBytes));
            images[number] = new BootImage(
                Encoding.UTF8.GetBytes(ImageNames[number]), place, StubImage.LengthBytes);
        }

        BootInfo boot = new([new RamRange(0x1000, first - 0x1000)], images, []);
        KernelConfig config = KernelBench.SmallConfig with
        {
            Capabilities = 4096, Threads = 128, LogBytes = 16 * 1024,
        };
        Kernel = new Kernel(machine, boot, config, new HostUserMemory(new UserMemory(machine)));
        machine.CodeFactory = MakeTask;
        machine.BeforeResume = Reap;
        machine.OnTrap = TakeTrap;
    }

    public Kernel Kernel { get; }

    public IKiller Killer { get; init; } = new NoKiller();
    /// <summary>Programs that the scenario may run, by the name of their image.</summary>
    public IReadOnlyDictionary<string, Action<TaskContext>> Programs { get; init; } =
        new Dictionary<string, Action<TaskContext>>();

    /// <summary>From when on the killer is asked.</summary>
    public KillsFrom KillsFrom { get; init; } = KillsFrom.Scenario;

    /// <summary>What is at the ports of the first serial line; null: nothing.</summary>
    public SerialLine? Line { init => machine.Line = value; }

    public bool IsScenarioDone { get; private set; }
    public Exception? ScenarioFailure { get; private set; }

    /// <summary>Boots, runs the scenario, and lets everything come to rest.</summary>
    /// <param name="restNs">No multiple of the watch's interval: it ends between two looks.</param>
    public void Run(ulong restNs = 5_250_000_000)
    {
        try
        {
            isRecording = KillsFrom == KillsFrom.Boot;
            Kernel.BeforeRun();
            int turns = 0;
            while (!IsScenarioDone && turns++ < MaxTurns) Kernel.Run();
            isRecording = false;
            ulong end = machine.NowNs + restNs;
            while (machine.NowNs < end && turns++ < MaxTurns) Kernel.Run();
            while (Kernel.Reclaimer.HasWork) Kernel.Reclaimer.RunSlice();
        }
        finally
        {
            foreach (SimulatedTask task in tasks) task.Unwind();
            tasks.Clear();
        }
    }

    /// <summary>The process of this name that lives, or null.</summary>
    public Process? Find(string name)
    {
        for (int index = 0; index < Kernel.Processes.Capacity; index++)
        {
            Process process = Kernel.Processes[index];
            if (process.IsUsed && process.IsAlive && NameOf(process) == name) return process;
        }

        return null;
    }

    /// <summary>When it runs next, the process computes until then, and makes no call.</summary>
    public void Occupy(string name, ulong untilNs)
    {
        Process process = Find(name) ?? throw new InvalidOperationException($"no {name}");
        foreach (SimulatedTask task in tasks)
            if (task.Process == process && !task.IsKilled) task.BusyUntilNs = untilNs;
    }

    /// <summary>A device wants to be looked at.</summary>
    public void RaiseInterrupt(int line) => machine.RaiseInterrupt(line);

    /// <summary>What the kernel holds, for comparing two runs.</summary>
    public string Counts =>
        $"processes {Kernel.Processes.Count} threads {Kernel.Threads.Count} "
        + $"capabilities {Kernel.Capabilities.UsedCount} endpoints {Kernel.Endpoints.Count} "
        + $"notifications {Kernel.Notifications.Count} badges {Kernel.Badges.Count} "
        + $"vaults {Kernel.Vaults.Count} "
        + $"frames {FreeAndCharged} deadlines {WaitsWithDeadline}";

    int WaitsWithDeadline => Enumerable.Range(0, Kernel.Threads.Capacity)
        .Count(index => Kernel.Threads[index].WaitDeadlineNs != 0);

    /// <summary>
    /// Frames that are free, or that a living process or a vault without owner answers for. How
    /// much of a vault is touched may differ between two runs; that each frame has its payer may
    /// not.
    /// </summary>
    ulong FreeAndCharged
    {
        get
        {
            ulong frames = Kernel.Frames.FreeFrames;
            for (int index = 0; index < Kernel.Processes.Capacity; index++)
                if (Kernel.Processes[index].IsUsed) frames += Kernel.Processes[index].MemoryPages;
            for (int index = 0; index < KernelBench.SmallConfig.Vaults; index++)
            {
                Vault vault = Kernel.Vaults[index];
                if (vault.IsUsed && vault.Owner is null) frames += vault.Frames.FrameCount;
            }

            return frames;
        }
    }

    /// <summary>The newest lines of the kernel's log.</summary>
    public string Log
    {
        get
        {
            byte[] text = new byte[64 * 1024];
            int length = 0, step;
            ulong cursor = 0;
            while ((step = Kernel.Log.Read(cursor, text.AsSpan(length), out cursor)) > 0)
                length += step;
            return Encoding.UTF8.GetString(text, 0, length);
        }
    }

    /// <summary>Each process with its handles, for saying where a difference comes from.</summary>
    public string Holders
    {
        get
        {
            StringBuilder text = new();
            for (int index = 0; index < Kernel.Processes.Capacity; index++)
            {
                Process process = Kernel.Processes[index];
                if (process.IsUsed)
                    text.Append($"{NameOf(process)}[{process.Id}] {process.State} ")
                        .Append($"{process.HandleCount} handles {process.MemoryPages} pages; ");
            }

            return text.ToString();
        }
    }

    static string NameOf(Process process) =>
        Encoding.UTF8.GetString(process.Name).TrimEnd('\0');

    void Reap()
    {
        foreach (SimulatedTask task in tasks.Where(one => one.IsKilled).ToArray())
        {
            task.Unwind();
            tasks.Remove(task);
        }
    }

    TrapKind TakeTrap(KernelThread thread, TrapKind kind)
    {
        if (!isRecording || kind != TrapKind.SystemCall) return kind;
        Process? victim = Killer.AtEntry(thread.Process, (SystemCall)thread.Frame->Rax);
        if (victim is null) return kind;
        ProcessDeath.Kill(Kernel, victim, DeathCause.Killed);
        KernelAudit.CheckRevocation(Kernel);
        return thread.Process.IsAlive ? kind : TrapKind.Interrupt;
    }

    int? TakeStore(SimulatedTask task, int lengthBytes) =>
        isRecording ? Killer.AtStore(task.Process, lengthBytes) : null;

    UserCode MakeTask(KernelThread thread)
    {
        (List<string> arguments, Dictionary<string, string> environment) =
            StartStrings.Read(Kernel, thread);
        string image = arguments[0];
        SimulatedTask task = new(Kernel, thread, self =>
        {
            TaskContext context = SpareRole.IsAwaited(environment)
                ? SpareRole.Await(self, environment)
                : new(self, image, arguments.Skip(1).ToList(), environment);
            return TaskMain.RunWith(context, one => Main(image, one, self), self.Exit);
        }) { OnVaultStore = TakeStore };
        tasks.Add(task);
        return task;
    }

    int Main(string image, TaskContext context, SimulatedTask task)
    {
        switch (image)
        {
            case "supervisor" or "supervisor2": RunSupervisor(task, context); break;
            // A version that spoils the vault, and does not get to serve.
            case "supervisor3":
                SimulatedVault.Claim(Kernel, task, context).Clear(0, Limits.PageBytes);
                throw new InvalidOperationException("this version is no good");
            case "vfs": RunVfs(context, task); break;
            case "pipes": RunPipes(context, task); break;
            case "memfs" or "memfs2": Serve(context, OpenMemFs(context, task)); break;
            case "memfs3":
                OpenMemFs(context, task);
                throw new InvalidOperationException("this version does not pass its probe");
            // Versions that never get their probe done.
            case "memfs9":
                OpenMemFs(context, task);
                while (true) context.Kernel.ReceiveNotification();
            case "vfs9":
                while (true) context.Kernel.ReceiveNotification();
            case "shell": RunScenario(context); break;
            default:
                if (Programs.TryGetValue(image, out Action<TaskContext>? program)) program(context);
                else Serve(context, new SilentServer());
                break;
        }

        return 0;
    }

    /// <summary>As Servers/MemFs/Program.cs, with the simulation's door to the vault.</summary>
    MemFsServer OpenMemFs(TaskContext context, SimulatedTask task)
    {
        MemFsOptions options = MemFsOptions.Parse(context.Arguments[3]);
        MemVault vault = new(SimulatedVault.Claim(Kernel, task, context), options);
        MemFsServer server = new(options, () => machine.NowNs, vault);
        server.ReconcileLater(context.Kernel, context.Claim("endpoint"));
        return server;
    }

    void RunVfs(TaskContext context, SimulatedTask task)
    {
        VfsVault vault = new(SimulatedVault.Claim(Kernel, task, context));
        VfsServer server = new(
            context.Kernel, context.Claim("supervisor"), vault, context.Find("mounts"));
        server.Refresh(default);
        Serve(context, new RelayingVfs(context.Kernel, server, context.Claim("supervisor")));
    }

    /// <summary>
    /// As Servers/Pipes/Program.cs, but for a damaged vault: here it is a failure, not a loss.
    /// </summary>
    void RunPipes(TaskContext context, SimulatedTask task)
    {
        PipesVault vault = new(SimulatedVault.Claim(Kernel, task, context));
        PipesServer server = new(context.NowNs, vault);
        server.Reconcile(context.Kernel, context.Claim("endpoint"));
        Serve(context, server);
    }

    static void Serve(TaskContext context, IServer server) =>
        new ServerLoop(context.Kernel, context.Claim("endpoint"), context.Claim("control"))
            .Run(server, context.Find("supervisor"), context.Ready);

    void RunSupervisor(SimulatedTask task, TaskContext context) => SupervisorMain.Run(new Origin
    {
        Kernel = context.Kernel,
        Machine = context.Claim("machine"),
        Log = context.Claim("log"),
        Self = context.Claim("self"),
        Memory = SimulatedVault.Claim(Kernel, task, context),
        Vault = context.Claim("vault"),
        Page = context.Claim("page"),
        Image = context.ProgramName,
    });

    /// <summary>
    /// Also the second incarnation's: a scenario may be run again from its start.
    /// </summary>
    void RunScenario(TaskContext context)
    {
        isRecording = !IsScenarioDone;
        try
        {
            scenario(context);
        }
        catch (Exception exception) when (exception is not SimulatedKill)
        {
            ScenarioFailure = exception;
        }

        IsScenarioDone = true;
        while (true) context.Kernel.ReceiveNotification();
    }

    sealed class SilentServer : IServer
    {
        public ulong NextDeadlineNs => 0;

        public void Handle(Request request)
        {
        }

        public void Closed(Badge badge)
        {
        }

        public void Notified(ulong bits)
        {
        }

        public void DeadlineReached()
        {
        }

        public void Commit()
        {
        }
    }
}
