// The whole system on a fake machine: real kernel, real supervisor, Vfs and MemFs; the shell's
// place is taken by the scenario, and tasks that it does not need only receive.
//
// KillAt names a kernel entry after the scenario's start; the process that made it is killed there,
// before the kernel answers.

using CosmosKernel;
using CosmosKernel.Arch;
using CosmosKernel.Boot;
using CosmosKernel.Memory;
using CosmosKernel.Processes;
using Servers.MemFs;
using Servers.Supervisor;
using Servers.Vfs;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Vaults;
using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Tests.FakeMachine;
using KernelThread = CosmosKernel.Threads.Thread;

namespace Tests.Simulation;

public sealed unsafe class SimulatedSystem
{
    const int MemoryBytes = 8 << 20;
    const int MaxTurns = 200_000;
    const ulong SupervisorVaultBytes = 4 << 20;

    static readonly string[] ImageNames =
        ["supervisor", "console", "pipes", "vfs", "memfs", "procfs", "shell"];

    readonly SimulatedMachine machine;
    readonly Action<TaskContext> scenario;
    readonly List<SimulatedTask> tasks = [];
    readonly List<string> entries = [];
    readonly HeapVaultMemory supervisorVault = new(SupervisorVaultBytes);
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

    /// <summary>Number of the entry at which its process dies; -1 for none.</summary>
    public int KillAt { get; init; } = -1;
    /// <summary>Who may be killed; the supervisor's death is another test's.</summary>
    public Func<string, bool> MayDie { get; init; } = static name => name != "supervisor";

    /// <summary>What made each kernel entry since the scenario's start: process and call.</summary>
    public IReadOnlyList<string> Entries => entries;
    /// <summary>Name of the process that was killed, or null.</summary>
    public string? Victim { get; private set; }
    public bool IsScenarioDone { get; private set; }
    public Exception? ScenarioFailure { get; private set; }

    /// <summary>Boots, runs the scenario, and lets everything come to rest.</summary>
    public void Run(ulong restNs = 5_000_000_000)
    {
        try
        {
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

    /// <summary>What the kernel holds, for comparing two runs.</summary>
    public string Counts =>
        $"processes {Kernel.Processes.Count} threads {Kernel.Threads.Count} "
        + $"capabilities {Kernel.Capabilities.UsedCount} endpoints {Kernel.Endpoints.Count} "
        + $"notifications {Kernel.Notifications.Count} badges {Kernel.Badges.Count} "
        + $"frames {Kernel.Frames.FreeFrames} deadlines {Kernel.Deadlines.Count}";

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
        string name = NameOf(thread.Process);
        int number = entries.Count;
        entries.Add($"{name}: {(SystemCall)thread.Frame->Rax}");
        if (number != KillAt || !MayDie(name)) return kind;
        Victim = name;
        ProcessDeath.Kill(Kernel, thread.Process, DeathCause.Killed);
        return TrapKind.Interrupt;
    }

    UserCode MakeTask(KernelThread thread)
    {
        (List<string> arguments, Dictionary<string, string> environment) =
            StartStrings.Read(Kernel, thread);
        string image = arguments[0];
        SimulatedTask task = new(Kernel, thread, self =>
        {
            TaskContext context = new(
                self, image, arguments.Skip(1).ToList(), environment);
            return TaskMain.RunWith(context, one => Main(image, one), self.Exit);
        });
        tasks.Add(task);
        return task;
    }

    int Main(string image, TaskContext context)
    {
        switch (image)
        {
            case "supervisor": RunSupervisor(context); break;
            case "vfs":
                VfsServer vfs = new(context.Kernel, context.Claim("supervisor"));
                vfs.Refresh(default);
                Serve(context, vfs);
                break;
            case "memfs":
                Serve(context, new MemFsServer(
                    MemFsOptions.Parse(context.Arguments[3]), () => machine.NowNs,
                    context.NowNs));
                break;
            case "shell": RunScenario(context); break;
            default: Serve(context, new SilentServer()); break;
        }

        return 0;
    }

    static void Serve(TaskContext context, IServer server) =>
        new ServerLoop(context.Kernel, context.Claim("endpoint"), context.Claim("control"))
            .Run(server);

    void RunSupervisor(TaskContext context) => SupervisorMain.Run(new Origin
    {
        Kernel = context.Kernel,
        Machine = context.Claim("machine"),
        Log = context.Claim("log"),
        Self = context.Claim("self"),
        Memory = supervisorVault,
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
    }
}
