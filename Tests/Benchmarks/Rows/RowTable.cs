// The rows of the comparison, in the order of the table.
//
// Rules: names, peers and goals are said here and nowhere else. Goals are those of the issue
// "Benchmarks", in instructions; by wall clock the goal is to be faster than FUSE and the pipe.

using System.Collections.Generic;
using System.Linq;

namespace Tests.Benchmarks.Rows;

internal static class RowTable
{
    public const string Boot = "boot", BootOfAll = "boot, all images", LinuxBoot = "linux boot";
    private const int Megabyte = 1024 * 1024, NullCall = 800;
    private const string SystemCall = "linux system call";
    private const string ThroughSystemIo = "System.IO ";

    /// <summary>In their order; Tests/Guest/Bench/Rows/TaskRows.cs says where each ends.</summary>
    private static readonly string[] BootPhases =
    [
        "firmware, load, runtime", "kernel", "supervisor", "tasks are made", "tasks come up",
    ];

    private static readonly string[] Servers =
        ["supervisor", "pci", "console", "pipes", "vfs", "memfs@/", "procfs@/proc", "shell"];

    private static readonly Row[] Files =
    [
        FileRow("stat", new Goal(3_400)),
        FileRow("open+close", new Goal(4_700)),
        FileRow("read 4 KiB", new Goal(1_850)),
        FileRow("write 4 KiB", new Goal(2_200)),
        FileRow("create+unlink", new Goal(9_000)),
        FileRow("list 100", new Goal(13_000)),
        FileRow("read 1 MiB", new Goal(263_000)),
        FileRow("write 1 MiB", new Goal(315_000)),
    ];

    private static readonly Goal s_recovery = new(150_000, P99: 300_000);

    /// <summary>Of which nobody has kept anything; goals are for what programs do.</summary>
    private static readonly Row[] s_notKept =
    [
        NotKept("open+close", "open+close, called"),
        NotKept("read 4 KiB", "read 4 KiB, called"),
        NotKept("write 4 KiB", "write 4 KiB, on"), NotKept("write 4 KiB", "write 4 KiB, apart"),
        NotKept("write 4 KiB", "write 4 KiB, called"), NotKept("list 100", "list 100, changed"),
    ];

    /// <summary>Linux has something that does the same.</summary>
    public static readonly IReadOnlyList<Row> Compared =
    [
        new("system call") { Peers = [SystemCall] },
        CallRow("null call", new Goal(NullCall)) with
        {
            // By wall clock nobody boots two tasks alone.
            Ours = ["null call between two tasks", "null call"],
        },
        CallRow("call 64 B", Goal.None),
        CallRow("call 4 KiB", Goal.None),
        CallRow("call 64 KiB", Goal.None),
        new("notification")
        {
            Peers = ["eventfd notification", "futex notification"],
            WallClock = Goal.FasterThanPeer,
        },
        new("thread switch") { Peers = ["yield thread switch"] },
        new("process start")
        {
            Peers = ["hello process start"], Limit = "tiny process start",
            Instructions = new Goal(149_000),
        },
        new("process kill") { Peers = ["linux process kill"] },
        .. Files, .. s_notKept,
        .. Files.Select(row => row with
        {
            Name = ThroughSystemIo + row.Name, Ours = [ThroughSystemIo + row.Name],
            Instructions = Goal.None,
        }),
        new("recovery")
        {
            Ours = ["recovery with a spare, 1000 files"],
            Peers = ["fuse recovery", "fuse-spare recovery"],
            Instructions = s_recovery, WallClock = Goal.HalfOfPeer,
        },
        UmountRow(1), UmountRow(100), UmountRow(10_000),
        new(Boot) { Peers = [LinuxBoot], WallClock = new Goal(1_000_000_000) },
        new(BootOfAll) { Peers = [LinuxBoot] },
    ];

    /// <summary>What has a goal, or is to be seen, and no rival.</summary>
    public static readonly IReadOnlyList<Row> OursAlone =
    [
        new("null call, to Vfs") { Ours = ["null call"] },
        .. CrowdRows("10 tasks", "100 tasks", "500 tasks", "10 handles", "10000 handles"),
        new("recovery under load")
        {
            Ours = ["recovery under load, with a spare, 1000 files"], Instructions = s_recovery,
        },
        ReclaimRow("umount"), ReclaimRow("kill"),
        new("longest stretch in the kernel") { Instructions = new Goal(Max: 100_000) },
        new("garbage collections of the kernel")
        {
            Measure = Measure.Count, Instructions = new Goal(Max: 0), WallClock = new Goal(Max: 0),
        },
        RateRow("reads", new Goal(Least: 950)), RateRow("writes", new Goal(Least: 840)),
        // Biscuit, a kernel in Go: 115 us at most (OSDI 2018, 5.4). An instruction is a nanosecond.
        new("collection pause in a file server") { Instructions = new Goal(Max: 115_000) },
        .. BootPhases.Select(phase => new Row($"boot: {phase}")),
        .. Servers.Select(MemoryRow),
    ];

    public static readonly IReadOnlyList<Row> All = [.. Compared, .. OursAlone];

    private static Row CallRow(string name, Goal goal) => new(name)
    {
        Peers = [$"pipe {name}", $"eventfd {name}"], Limit = SystemCall,
        Instructions = goal, WallClock = Goal.FasterThanPeer,
    };

    private static Row FileRow(string name, Goal goal) => new(name)
    {
        Peers = [$"fuse {name}"], Limit = $"tmpfs {name}",
        Cached = [$"fuse-cached {name}", $"fuse-writeback {name}"],
        Instructions = goal, WallClock = Goal.FasterThanPeer,
    };

    private static Row NotKept(string name, string ours) => FileRow(name, Goal.None) with
    {
        Name = ours, Ours = [ours], Cached = [],
    };

    private static Row UmountRow(int handles) => new($"umount {handles} handles")
    {
        Peers = [$"fuse umount {handles} handles"], Limit = $"tmpfs umount {handles} handles",
        Instructions = new Goal(100_000), WallClock = Goal.FasterThanPeer,
    };

    /// <summary>NullCallTests holds them within a tenth of each other.</summary>
    private static IEnumerable<Row> CrowdRows(params string[] others) =>
        others.Select(among => new Row($"null call with {among}")
        {
            Instructions = new Goal(NullCall),
        });

    private static Row ReclaimRow(string cause) => new($"reclaim of a handle, {cause}")
    {
        Instructions = new Goal(100),
    };

    private static Row RateRow(string what, Goal goal) => new($"{what} with one death a second")
    {
        Measure = Measure.Share, Instructions = goal, WallClock = goal,
    };

    private static Row MemoryRow(string task) => new($"memory of {task}")
    {
        Measure = Measure.Bytes, Instructions = new Goal(4 * Megabyte),
        WallClock = new Goal(4 * Megabyte),
    };
}
