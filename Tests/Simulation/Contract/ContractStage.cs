// Brings a mount, its client and whoever is in trouble to where a cell begins.
//
// Rules: whoever waits here for a hung one would hang as well, so a second program does what has to
// be waited for; what it gets is no part of the cell.

using CosmosKernel.Processes;
using Servers.Supervisor.Mounts.Contract;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using System;
using Tests.Simulation.Work;

namespace Tests.Simulation.Contract;

sealed class ContractStage(SimulatedSystem system, Hands hands, MountCell cell)
{
    public const string Server = "memfs@/mnt";
    const ulong StepNs = 5_000_000, SlowNs = 200_000_000, PatienceNs = 30_000_000_000;
    const int MaxCrashes = 16;

    readonly Capability none = new(Handle.None);

    string Target => cell.Party switch
    {
        Party.FileServer => Server,
        Party.Vfs => "vfs",
        _ => "supervisor",
    };

    public ContractClient Seen { get; } = new()
    {
        Kind = cell.Party switch
        {
            Party.FileServer => CallKind.Write,
            Party.Vfs => CallKind.ByPath,
            _ => CallKind.ToSupervisor,
        },
        EndsAtOnce = cell.Client == ClientState.Zombie,
    };

    /// <summary>What the second program does, in its own process.</summary>
    public Action<TaskContext> Bystander { get; private set; } = static _ => { };
    public JobStarted Client { get; private set; }
    public JobStarted? Second { get; private set; }

    public void MakeMount()
    {
        string options = $"ondeath={cell.OnDeath.ToString().ToLowerInvariant()}";
        Hands.Require(hands.Supervisor.Mount("memory", "/mnt", "memfs", options), "mount");
        Hands.Require(hands.Supervisor.WaitReady(Server), "ready");
        // The mount is there for Vfs a little later.
        Until(() => FindMount(), "mount in Vfs");
        hands.Make("f", ContractClient.OldText);
    }

    public void MakeClient()
    {
        string arguments = cell.Client == ClientState.Zombie
            ? "--unreaped\nclient" : "client";
        Client = Start(arguments);
        Until(() => Seen.IsOpen, "client");
        switch (cell.Client)
        {
            case ClientState.Zombie:
                Until(() => StateOfClient() == ProcessState.Zombie, "zombie");
                break;
            case ClientState.Stopped:
                Hands.Require(hands.Supervisor.Stop($"{Client.Process}"), "stop");
                break;
            case ClientState.Dead:
                Hands.Require(hands.Supervisor.Kill($"{Client.Process}"), "kill");
                Hands.Require(hands.Supervisor.ReapJob(Client.Job), "reap");
                break;
        }
    }

    public void MakeTrouble()
    {
        switch (cell.Condition)
        {
            case Condition.Alive:
                // Slow, so that a call is under way when the action comes.
                if (IsInCall) system.Occupy(Server, hands.Kernel.ClockNow() + SlowNs);
                CallIfAny();
                break;
            case Condition.Crashed:
                Crash();
                CallIfAny();
                break;
            case Condition.Hung:
                Inject(ControlBits.Hang);
                AskSomething();
                break;
            case Condition.Looping:
                system.Occupy(Target, ulong.MaxValue);
                AskSomething();
                break;
            case Condition.Upgrading:
                BeginUpgrade();
                CallIfAny();
                break;
        }
    }

    public ProcessState? StateOfClient()
    {
        for (int index = 0; index < system.Kernel.Processes.Capacity; index++)
        {
            Process process = system.Kernel.Processes[index];
            if (process.IsUsed && process.Id.Value == Client.Process) return process.State;
        }

        return null;
    }

    public void Until(Func<bool> isSo, string what)
    {
        ulong endNs = hands.Kernel.ClockNow() + PatienceNs;
        while (!isSo())
        {
            if (hands.Kernel.ClockNow() > endNs)
                throw new InvalidOperationException($"waited for ever: {what}");
            hands.Sleep(StepNs);
        }
    }

    bool IsInCall => cell.Client == ClientState.InCall;

    /// <summary>The mount and not the directory below it, which has the same name.</summary>
    bool FindMount()
    {
        VfsClient vfs = new(hands.Kernel, hands.Context.Claim("vfs"));
        Result<Resolved> resolved = vfs.Resolve("/mnt");
        if (!resolved.IsOk) return false;
        hands.Kernel.Close(resolved.Value.Root.Handle);
        return resolved.Value.RestOffset == "/mnt".Length;
    }

    JobStarted Start(string arguments)
    {
        Result<JobStarted> started = hands.Supervisor.Run(
            RandomWork.ClientImage, arguments, "/", none, none, none);
        Hands.Require(started.Status, arguments);
        return started.Value;
    }

    void Inject(ControlBits fault)
    {
        Injection injection = new(fault, FaultMoment.AtOnce, 0);
        Hands.Require(hands.Supervisor.Inject(Target, injection.Bits), $"{fault}");
    }

    /// <summary>Until it stays dead for some time; the first ones cost it nothing.</summary>
    void Crash()
    {
        if (cell.Party == Party.Supervisor)
        {
            Inject(ControlBits.CrashThrow);
            return;
        }

        for (int crash = 0; crash < MaxCrashes; crash++)
        {
            Until(() => system.Find(Target) is not null, "restart");
            Status ready = hands.Supervisor.WaitReady(Target);
            if (ready != Status.Ok) throw new InvalidOperationException($"ready: {ready}");
            Inject(ControlBits.CrashThrow);
            hands.Sleep(4 * StepNs);
            if (system.Find(Target) is null) return;
        }

        throw new InvalidOperationException($"{Target} is back at once, always");
    }

    /// <summary>The request in which it hangs or loops: the client's, if it makes one.</summary>
    void AskSomething()
    {
        if (IsInCall)
        {
            CallIfAny();
            return;
        }

        // The action itself, or whoever comes first.
        if (cell.Party == Party.Supervisor) return;
        Bystand(static other => other.Files.ReadAll(ContractClient.Path, 64));
    }

    void BeginUpgrade()
    {
        if (cell.Party == Party.Supervisor)
        {
            // The version of each cell is another one than that of the cell before.
            Bystand(static other => Hands.Require(
                other.Supervisor.Upgrade("supervisor", "supervisor2"), "upgrade"));
            return;
        }

        string image = cell.Party == Party.Vfs ? "vfs9" : "memfs9";
        Process old = system.Find(Target)!;
        Bystand(other => other.Supervisor.Upgrade(Target, image));
        Until(() => old.State == ProcessState.Stopped, "probe");
    }

    void Bystand(Action<Hands> act)
    {
        Bystander = context =>
        {
            act(new Hands(context, "/mnt"));
            while (true) context.Kernel.ReceiveNotification();
        };
        Second = Start("bystander");
        hands.Sleep(StepNs);
    }

    void CallIfAny()
    {
        if (!IsInCall) return;
        Seen.MayCall = true;
        hands.Sleep(StepNs);
    }
}
