// What the operations of ISupervisor answer.

using Shared.Abi;

namespace Shared.Contracts;

/// <summary>Text of whole lines, and the number of the line after them (0 at the end).</summary>
public record struct TextPage(uint LengthBytes, ulong NextLine);

public record struct MountEntry(Capability Root, uint MountId, uint TargetBytes);

/// <param name="UnwrittenBytes">At most; Unknown when the server could not say it.</param>
public record struct Unmounted(ulong UnwrittenBytes)
{
    public const ulong Unknown = ulong.MaxValue;
}

/// <summary>When a server says that it is ready.</summary>
public enum ReadyMoment : uint
{
    /// <summary>Before it receives: the supervisor decides by it.</summary>
    First = 0,
    /// <summary>When it has served those who have waited for it.</summary>
    Later = 1,
}

/// <param name="LengthBytes">Of the strings.</param>
/// <param name="Arguments">How many of them are arguments, the first ones.</param>
public record struct Role(uint LengthBytes, uint Arguments, ReadyMoment Ready);

/// <param name="Disks">For IDiskDriver.</param>
/// <param name="FirstDisk">Number of its unit 0 in the names of disks.</param>
/// <param name="NameBytes">Of the disks' name without their number.</param>
public record struct DriverEntry(Capability Disks, uint FirstDisk, uint NameBytes);

/// <summary>What a program may do with the files that it sees.</summary>
public enum NameSpaceAccess : uint { Full = 0, ReadOnly = 1 }

public record struct JobStarted(uint Job, uint Process);

public record struct JobEnded(uint Process, int ExitCode, DeathCause Cause);
