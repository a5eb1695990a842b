// The whole system in one table: who runs, with how much, with which authority, and what happens
// at its death. The supervisor starts what is listed here; tests walk it.
//
// Rules: layers ascend from top to bottom; guaranteed memory fits the smallest machine; a
// capability that is not named here is not given.

using System.Collections.Generic;
using Shared.Abi;

namespace Servers;

/// <summary>
/// How often a task may fail before it is given up, and how long the supervisor waits between.
/// The first <see cref="FreeRestarts"/> failures within the window are restarted without a delay.
/// </summary>
public sealed record RestartBudget(
    int Failures, ulong WindowMs, int FreeRestarts, ulong FirstDelayMs, ulong LastDelayMs);

/// <summary>Whether the system is of use without the task.</summary>
public enum Need
{
    /// <summary>Given up when its budget is spent.</summary>
    Optional,
    /// <summary>Never given up: retried for ever at the longest delay.</summary>
    Essential,
}

/// <summary>Whether the memory quota counts towards what the machine must have.</summary>
public enum MemoryPromise { BestEffort, Guaranteed }

/// <summary>Whether `stop` may halt a task.</summary>
public enum StopRule
{
    Allowed,
    /// <summary>Without the console and the shell nobody could type `cont`.</summary>
    Refused,
}

/// <summary>Whether a started process without a task is kept ready for the next death.</summary>
public enum Spares { None, One }

/// <summary>One row: a task, or the pattern for tasks of a kind (a mount type, programs).</summary>
public sealed record TaskSpec
{
    /// <summary>Name in `ps`; mounts are TYPE@TARGET and programs IMAGE.JOB instead.</summary>
    public required string Name { get; init; }
    public required string Image { get; init; }
    public required Layer Layer { get; init; }
    public required Priority Priority { get; init; }
    public required uint MemoryPages { get; init; }
    public ushort Handles { get; init; } = 1024;
    public ushort Threads { get; init; } = 16;
    public ulong VaultBytes { get; init; }
    public MemoryPromise Promise { get; init; } = MemoryPromise.Guaranteed;
    public Need Need { get; init; } = Need.Optional;
    public StopRule Stop { get; init; } = StopRule.Allowed;
    /// <summary>
    /// NAME or NAME:MODE, given as CAP_NAME; Grants.cs says what each gives.
    /// </summary>
    public required IReadOnlyList<string> Capabilities { get; init; }
    /// <summary>
    /// A request that is not parked and older than this means that the task hangs.
    /// </summary>
    public ulong RequestDeadlineMs { get; init; } = 2_000;
    /// <summary>Longest that a client waits in a call that names no deadline itself.</summary>
    public ulong CallDeadlineMs { get; init; } = 60_000;
    public OnDeath OnDeath { get; init; } = OnDeath.Hold;
    public RestartBudget Budget { get; init; } = SystemTable.UsualBudget;
    public Spares Spares { get; init; } = Spares.None;

    /// <summary>Interrupts follow whoever has bound them last.</summary>
    public bool HasDevices
    {
        get
        {
            foreach (string capability in Capabilities)
            {
                bool isDevice = capability == SystemTable.DeviceCapability
                    || capability.StartsWith("irq_", System.StringComparison.Ordinal);
                if (isDevice) return true;
            }
            return false;
        }
    }

    /// <summary>Serves requests on an endpoint of its own.</summary>
    public bool IsServer => Layer.Value < Layer.Shell.Value;
}

/// <summary>A mount that is there after boot.</summary>
public sealed record BootMount(string Source, string Target, string Type, string ServerOptions);

public static class SystemTable
{
    /// <summary>The smallest machine that the system promises to run on.</summary>
    public const ulong MachinePages = 256UL * 1024 * 1024 / Limits.PageBytes;

    /// <summary>What kernel, boot archive and supervisor take of it.</summary>
    public const ulong ReservedPages = 96UL * 1024 * 1024 / Limits.PageBytes;

    public static readonly RestartBudget UsualBudget = new(
        Failures: 10, WindowMs: 30_000, FreeRestarts: 3, FirstDelayMs: 50, LastDelayMs: 2_000);

    /// <summary>From `umount` to the end of a server that still writes to its disk.</summary>
    public const ulong RetireDeadlineMs = 10_000;

    /// <summary>Given to a driver: what belongs to its device, and nothing else.</summary>
    public const string DeviceCapability = "device";
    /// <summary>As "vfs", and nothing can be changed through it.</summary>
    public const string VfsForReading = "vfs:read";
    /// <summary>Given to a mount whose source is a disk, and to nobody else.</summary>
    public const string DiskCapability = "disk";
    /// <summary>The source of a mount that needs no disk although its type does.</summary>
    public const string RamSource = "ram";

    private const uint PagesPerMegabyte = 1024 * 1024 / Limits.PageBytes;

    /// <summary>The kernel starts it, with quotas of its own; this row is for `servers`.</summary>
    public static readonly TaskSpec Supervisor = new()
    {
        Name = "supervisor", Image = "supervisor",
        Layer = Layer.Supervisor, Priority = Priority.Driver,
        MemoryPages = 0, Need = Need.Essential, Stop = StopRule.Refused,
        Capabilities = [],
    };

    public static readonly TaskSpec Pci = new()
    {
        Name = "pci", Image = "pci",
        Layer = Layer.Bus, Priority = Priority.Driver,
        MemoryPages = 8 * PagesPerMegabyte,
        VaultBytes = 256 * 1024,
        Need = Need.Essential,
        Capabilities = ["endpoint", "control", "log", "supervisor", "ports_pci"],
    };

    public static readonly TaskSpec Console = new()
    {
        Name = "console", Image = "console",
        Layer = Layer.Driver, Priority = Priority.Driver,
        MemoryPages = 16 * PagesPerMegabyte,
        VaultBytes = 4 * 1024 * 1024,
        Need = Need.Essential, Stop = StopRule.Refused,
        Capabilities =
        [
            "endpoint", "control", "log", "supervisor",
            "ports_com1", "irq_com1", "ports_vga", "vga", "ports_kbd", "irq_kbd",
        ],
    };

    public static readonly TaskSpec Pipes = new()
    {
        Name = "pipes", Image = "pipes",
        Layer = Layer.FileSystem, Priority = Priority.Server,
        MemoryPages = 16 * PagesPerMegabyte,
        VaultBytes = 8 * 1024 * 1024,
        Need = Need.Essential,
        Capabilities = ["endpoint", "control", "log", "supervisor"],
    };

    public static readonly TaskSpec MemFs = new()
    {
        Name = "memfs", Image = "memfs",
        Layer = Layer.FileSystem, Priority = Priority.Server,
        // The vault counts, as far as it is used.
        MemoryPages = 56 * PagesPerMegabyte,
        VaultBytes = 32 * 1024 * 1024,
        Handles = 2048,
        Spares = Spares.One,
        Promise = MemoryPromise.BestEffort,
        Capabilities = ["endpoint", "control", "log", "supervisor"],
    };

    public static readonly TaskSpec ProcFs = new()
    {
        Name = "procfs", Image = "procfs",
        Layer = Layer.FileSystem, Priority = Priority.Server,
        MemoryPages = 16 * PagesPerMegabyte,
        Promise = MemoryPromise.BestEffort,
        Capabilities = ["endpoint", "control", "log:read", "supervisor", "machine:inspect"],
    };

    /// <summary>
    /// Its source is a disk, for which it gets CAP_disk, or "ram": then the volume lies in its
    /// vault, behind the first 8 MiB.
    /// </summary>
    public static readonly TaskSpec FatFs = new()
    {
        Name = "fat", Image = "fatfs",
        Layer = Layer.FileSystem, Priority = Priority.Server,
        // Blocks in the vault, the same again in the heap, and those that can be read again.
        MemoryPages = 56 * PagesPerMegabyte,
        VaultBytes = 24 * 1024 * 1024,
        // The check of a large volume, or a gap of gigabytes, is many calls of the disk.
        RequestDeadlineMs = 5_000,
        Promise = MemoryPromise.BestEffort,
        Capabilities = ["endpoint", "control", "log", "supervisor", DiskCapability],
    };

    /// <summary>Remembers nothing, so it has no vault. Its source is always a disk.</summary>
    public static readonly TaskSpec IsoFs = new()
    {
        Name = "iso", Image = "isofs",
        Layer = Layer.FileSystem, Priority = Priority.Server,
        MemoryPages = 24 * PagesPerMegabyte,
        // A directory of a hundred thousand names, and each block of it a call of the disk.
        RequestDeadlineMs = 5_000,
        Promise = MemoryPromise.BestEffort,
        Capabilities = ["endpoint", "control", "log", "supervisor", DiskCapability],
    };

    /// <summary>The pattern for servers that users have written: `mount -t FILE`.</summary>
    public static readonly TaskSpec UserFileSystem = new()
    {
        Name = "user", Image = "",
        Layer = Layer.FileSystem, Priority = Priority.Server,
        MemoryPages = 48 * PagesPerMegabyte,
        VaultBytes = 8 * 1024 * 1024,
        Promise = MemoryPromise.BestEffort,
        Capabilities = ["endpoint", "control", "log", "supervisor", DiskCapability],
    };

    /// <summary>Goes wrong when it is read; for tests and for `demo crash`.</summary>
    public static readonly TaskSpec Faulty = new()
    {
        Name = "faulty", Image = "faulty",
        Layer = Layer.FileSystem, Priority = Priority.Server,
        MemoryPages = 16 * PagesPerMegabyte,
        Promise = MemoryPromise.BestEffort,
        Capabilities = ["endpoint", "control", "log", "supervisor", "console"],
    };

    public static readonly TaskSpec Vfs = new()
    {
        Name = "vfs", Image = "vfs",
        Layer = Layer.Vfs, Priority = Priority.Server,
        MemoryPages = 16 * PagesPerMegabyte,
        VaultBytes = 4 * 1024 * 1024,
        Need = Need.Essential,
        Capabilities = ["endpoint", "control", "log", "supervisor", "mounts"],
    };

    public static readonly TaskSpec Shell = new()
    {
        Name = "shell", Image = "shell",
        Layer = Layer.Shell, Priority = Priority.Program,
        MemoryPages = 32 * PagesPerMegabyte,
        VaultBytes = 1024 * 1024,
        Need = Need.Essential, Stop = StopRule.Refused,
        Capabilities =
        [
            "control", "log:read", "supervisor:control", "row", "vfs", "console", "pipes",
            "machine:power",
        ],
    };

    /// <summary>The pattern for everything that `run` starts.</summary>
    public static readonly TaskSpec Program = new()
    {
        Name = "program", Image = "",
        Layer = Layer.Program, Priority = Priority.Program,
        MemoryPages = 32 * PagesPerMegabyte,
        // Half of them may be the thread pool's (Shared/Runtime/Program.props).
        Threads = 32,
        Promise = MemoryPromise.BestEffort,
        Capabilities =
        [
            "control", "log:read", "supervisor:control", "vfs", "console", "pipes", "machine:power",
        ],
    };

    /// <summary>
    /// The pattern for programs that are files: those of the boot archive came with the system,
    /// these may have come from anywhere.
    /// </summary>
    public static readonly TaskSpec FileProgram = Program with
    {
        Capabilities = ["control", "vfs", "console", "pipes"],
    };

    /// <summary>`run --ro`: sees the same, and changes nothing of it.</summary>
    public static readonly TaskSpec ReadingProgram = Program with
    {
        Capabilities = ["control", VfsForReading, "console", "pipes"],
    };

    /// <summary>
    /// `run --mount`: has no way to other files than those in the directories that it is given.
    /// </summary>
    public static readonly TaskSpec ConfinedProgram = Program with
    {
        Capabilities = ["control", "console", "pipes"],
    };

    /// <summary>Tasks that boot starts, in this order; layers ascend.</summary>
    public static readonly IReadOnlyList<TaskSpec> Servers = [Pci, Console, Pipes, Vfs, Shell];

    /// <summary>What `mount -t` knows. Each mount is a process of its own.</summary>
    public static readonly IReadOnlyList<TaskSpec> MountTypes =
        [MemFs, ProcFs, FatFs, IsoFs, Faulty];

    /// <summary>Any row that a task can be of, by its name; null when there is none.</summary>
    public static TaskSpec? Find(string name)
    {
        foreach (TaskSpec spec in (TaskSpec[])
            [Supervisor, .. Servers, .. MountTypes, UserFileSystem])
        {
            if (spec.Name == name) return spec;
        }
        foreach (DriverSpec driver in DriverTable.All)
        {
            if (driver.Task.Name == name) return driver.Task;
        }
        return null;
    }

    /// <summary>Mounted between Vfs and Shell.</summary>
    public static readonly IReadOnlyList<BootMount> BootMounts =
    [
        new("memory", "/", "memfs", "skeleton"),
        new("proc", "/proc", "procfs", ""),
    ];
}
