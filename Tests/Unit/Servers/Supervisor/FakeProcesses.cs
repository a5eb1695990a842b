// The process half of a kernel, for the loopback machine: what the supervisor creates, gives to,
// starts, kills and collects. Nothing runs in these processes; tests say when they die.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using Servers.Supervisor.Tasks;
using Shared.Abi;
using Shared.Sdk;
using Shared.Sdk.Native;
using Tests.Loopback;

namespace Tests.Unit.Servers.Supervisor;

/// <summary>A capability as the child has got it.</summary>
internal sealed record Given(Handle Own, Rights Rights);

internal sealed class FakeProcess
{
    public required uint Id;
    public required string Name;
    public required ProcessSpec Spec;
    public readonly List<Given> Given = [];
    public string[] Arguments = [];
    public string[] Environment = [];
    public bool IsStarted;
    public bool IsStopped;
    public bool IsCollected;
    public DeathRecord? Death;

    public bool IsAlive => IsStarted && Death is null;

    /// <summary>What stands behind CAP_name, or null.</summary>
    public Given? Capability(string name)
    {
        string prefix = $"CAP_{name}=";
        string? variable = Environment.FirstOrDefault(one => one.StartsWith(prefix));
        return variable is null
            ? null
            : Given[int.Parse(variable[prefix.Length..], NumberStyles.HexNumber) - 1];
    }
}

internal sealed class FakeProcesses(LoopbackMachine machine)
{
    private const ulong ProcessHandles = 1UL << 48;
    private const ulong OtherHandles = 1UL << 49;

    private ulong _lastHandle = OtherHandles;
    private uint _lastId = 1;

    public List<FakeProcess> All { get; } = [];
    public HashSet<string> Images { get; } =
        ["pci", "console", "pipes", "vfs", "memfs", "procfs", "shell", "hold", "pin"];
    public List<WaitRow> Waits { get; } = [];
    /// <summary>Whose the calls in flight are.</summary>
    public uint Caller { get; set; }
    public string CommandLine { get; set; } = "";
    /// <summary>What ProcessStart answers for processes of this name.</summary>
    public Dictionary<string, Status> StartAnswers { get; } = [];
    public int VaultsMade { get; private set; }

    public FakeProcess Find(string name) => All.Last(one => one.Name == name && one.IsAlive);

    public bool IsRunning(string name) => All.Exists(one => one.Name == name && one.IsAlive);

    public void Die(FakeProcess process, DeathCause cause, int exitCode = 0) =>
        process.Death = new DeathRecord
        {
            Process = process.Id, Cause = cause, ExitCode = exitCode, TimeNs = machine.NowNs,
            Incarnation = process.Spec.Incarnation,
        };

    public CallResult Answer(LoopbackKernel caller, ref Registers registers) =>
        new((SystemCall)registers.Number switch
        {
            SystemCall.ImageOpen => OpenImage(ref registers),
            SystemCall.VaultCreate => Make(ref registers, ++VaultsMade),
            SystemCall.IoPortsCreate or SystemCall.InterruptCreate
                or SystemCall.DeviceMemoryCreate => Make(ref registers, 0),
            SystemCall.ProcessCreate => Create(ref registers),
            SystemCall.ProcessGive => Give(ref registers),
            SystemCall.ProcessStart => Start(ref registers),
            SystemCall.ProcessKill => Kill(ref registers),
            SystemCall.ProcessStop => SetStopped(ref registers, true),
            SystemCall.ProcessContinue => SetStopped(ref registers, false),
            SystemCall.ProcessCollect => Collect(ref registers),
            SystemCall.Inspect => Inspect(ref registers),
            SystemCall.DeathCount => CountDeaths(ref registers),
            // Nothing dies here but these processes: one table is as good as the other.
            SystemCall.MoveToVault => Status.Ok,
            _ => Status.NotSupported,
        });

    private Status CountDeaths(ref Registers registers)
    {
        registers.A0 = (ulong)All.Count(static one => one.Death is not null);
        return Status.Ok;
    }

    private Status OpenImage(ref Registers registers)
    {
        string name = Encoding.UTF8.GetString(HostMemory.Bytes(registers.A1, registers.A2));
        return Images.Contains(name) ? Make(ref registers, 0) : Status.NotFound;
    }

    private Status Make(ref Registers registers, int _)
    {
        registers.A0 = ++_lastHandle;
        return Status.Ok;
    }

    private Status Create(ref Registers registers)
    {
        ProcessSpec spec = MemoryMarshal.Read<ProcessSpec>(
            HostMemory.Bytes(registers.A1, (ulong)Marshal.SizeOf<ProcessSpec>()));
        FakeProcess process = new() { Id = ++_lastId, Name = FixedFields.Name(spec), Spec = spec };
        All.Add(process);
        registers.A0 = ProcessHandles + process.Id;
        registers.A1 = process.Id;
        return Status.Ok;
    }

    private Status Give(ref Registers registers)
    {
        FakeProcess process = Of(registers.A0);
        process.Given.Add(new Given(new Handle(registers.A1), (Rights)registers.A2));
        registers.A0 = (ulong)process.Given.Count;
        return Status.Ok;
    }

    private Status Start(ref Registers registers)
    {
        FakeProcess process = Of(registers.A0);
        if (StartAnswers.TryGetValue(process.Name, out Status refused)) return refused;
        string[] strings = Encoding.UTF8.GetString(HostMemory.Bytes(registers.A1, registers.A2))
            .Split('\0')[..^1];
        process.Arguments = strings[..(int)registers.A3];
        process.Environment = strings[(int)registers.A3..];
        process.IsStarted = true;
        return Status.Ok;
    }

    private Status Kill(ref Registers registers)
    {
        FakeProcess process = Of(registers.A0);
        if (process.Death is null) Die(process, (DeathCause)registers.A1);
        return Status.Ok;
    }

    private Status SetStopped(ref Registers registers, bool isStopped)
    {
        Of(registers.A0).IsStopped = isStopped;
        return Status.Ok;
    }

    private Status Collect(ref Registers registers)
    {
        // Who has died last nobody knows here: the caller looks at all.
        if (registers.A0 == 0) return Status.NotFound;
        FakeProcess process = Of(registers.A0);
        if (process.IsCollected) return Status.NotFound;
        if (process.Death is not { } death) return Status.WouldBlock;
        MemoryMarshal.Write(
            HostMemory.Bytes(registers.A1, (ulong)Marshal.SizeOf<DeathRecord>()), in death);
        process.IsCollected = registers.A4 == (ulong)CollectMode.Take;
        registers.A0 = 0;
        return Status.Ok;
    }

    private Status Inspect(ref Registers registers)
    {
        byte[] rows = (InspectKind)registers.A1 switch
        {
            InspectKind.CommandLine => Encoding.UTF8.GetBytes(CommandLine),
            InspectKind.Waits => MemoryMarshal.AsBytes<WaitRow>(AllWaits()).ToArray(),
            InspectKind.Processes => MemoryMarshal.AsBytes<ProcessRow>(Rows()).ToArray(),
            _ => [],
        };
        rows.AsSpan().CopyTo(HostMemory.Bytes(registers.A3, registers.A4));
        registers.A0 = 0;
        registers.A1 = (ulong)rows.Length;
        return Status.Ok;
    }

    private WaitRow[] AllWaits() =>
    [
        .. Waits,
        .. machine.InFlight().Select(id => new WaitRow
        {
            RequestId = id.Value, CallerProcess = Caller, State = WaitState.Parked,
        }),
    ];

    private ProcessRow[] Rows() => All.Where(one => !one.IsCollected).Select(one => new ProcessRow
    {
        Id = one.Id,
        State = one.Death is null ? ProcessState.Running : ProcessState.Zombie,
        Cause = one.Death?.Cause ?? DeathCause.None,
    }).ToArray();

    private FakeProcess Of(ulong handle) => All.Single(one => ProcessHandles + one.Id == handle);
}
