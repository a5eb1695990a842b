// What a path of /proc names, and how a badge says it.
//
// Rules: a badge carries the whole identity, so that a restarted ProcFs still knows each capability
// that it has ever handed out. Numbers of kinds are never reused while the machine is up.

using System;
using System.Collections.Generic;
using System.Globalization;
using Shared.Abi;

namespace Servers.ProcFs;

internal enum ProcKind : byte
{
    Root = 0,
    Process = 1,
    Status = 2,
    Capabilities = 3,
    Name = 4,
    Mounts = 5,
    Memory = 6,
    Log = 7,
    Waits = 8,
    Uptime = 9,
    Images = 10,
    CommandLine = 11,
}

/// <summary>A directory or file of /proc; the process is zero where it is about none.</summary>
internal readonly record struct ProcNode(ProcKind Kind, ProcessId Process)
{
    public static readonly ProcNode Root = new(ProcKind.Root, default);

    public static readonly IReadOnlyList<(string Name, ProcKind Kind)> RootFiles =
    [
        ("mounts", ProcKind.Mounts), ("memory", ProcKind.Memory), ("log", ProcKind.Log),
        ("waits", ProcKind.Waits), ("uptime", ProcKind.Uptime), ("images", ProcKind.Images),
        ("cmdline", ProcKind.CommandLine),
    ];

    public static readonly IReadOnlyList<(string Name, ProcKind Kind)> ProcessFiles =
    [
        ("status", ProcKind.Status), ("caps", ProcKind.Capabilities), ("name", ProcKind.Name),
    ];

    private const ulong RootBadge = 1;
    private const ulong NodeBit = 1UL << 63;

    public bool IsDirectory => Kind is ProcKind.Root or ProcKind.Process;

    /// <summary>Distinguishes the nodes of the mount.</summary>
    public ulong FileNumber => RootBadge + ((ulong)Kind << 32 | Process.Value);

    /// <summary>The counter tells apart the openings of one file; 24 bits of it are kept.</summary>
    public Badge ToBadge(uint counter) => Kind == ProcKind.Root
        ? new Badge(RootBadge)
        : new Badge(
            NodeBit | (ulong)Kind << 56 | (ulong)Process.Value << 24 | counter & 0xFF_FFFF);

    public static bool TryFromBadge(Badge badge, out ProcNode node)
    {
        node = Root;
        if (badge.Value == RootBadge) return true;
        ProcKind kind = (ProcKind)(badge.Value >> 56 & 0x7F);
        node = new ProcNode(kind, new ProcessId((uint)(badge.Value >> 24)));
        bool isKnown = kind is > ProcKind.Root and <= ProcKind.CommandLine;
        return (badge.Value & NodeBit) != 0 && isKnown;
    }

    /// <summary>The node of that name, whether its process lives or not.</summary>
    public bool TryFind(ReadOnlySpan<char> name, out ProcNode node)
    {
        node = default;
        foreach ((string fileName, ProcKind kind) in FilesOf(Kind))
        {
            if (!name.SequenceEqual(fileName)) continue;
            node = new ProcNode(kind, Process);
            return true;
        }
        // Leading zeros would give a process a second name.
        if (Kind != ProcKind.Root || name.IsEmpty || name[0] == '0') return false;
        bool isNumber = uint.TryParse(
            name, NumberStyles.None, CultureInfo.InvariantCulture, out uint process);
        node = new ProcNode(ProcKind.Process, new ProcessId(process));
        return isNumber;
    }

    public static IReadOnlyList<(string Name, ProcKind Kind)> FilesOf(ProcKind kind) => kind switch
    {
        ProcKind.Root => RootFiles,
        ProcKind.Process => ProcessFiles,
        _ => [],
    };
}
