// What the audit of revocation answers: what is left of the dead, and what nobody holds.
//
// A record is Leaked when nothing will ever free it, and Reclaiming when the reclaimer still has it
// before it. Kinds are frozen by a test: append only.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Shared.Abi;

/// <summary>What is left over.</summary>
public enum AuditKind : byte
{
    /// <summary>A capability for an object that is gone, or that nobody owns.</summary>
    Handle = 0,
    /// <summary>A capability in the table of a dead process, or of a vault that is gone.</summary>
    Owner = 1,
    /// <summary>A call of a dead thread; or a queue that still has one.</summary>
    Call = 2,
    /// <summary>A call in the hands of a dead thread, delivered or parked.</summary>
    Reply = 3,
    /// <summary>A span of memory lent by the dead, or to them.</summary>
    Lease = 4,
    /// <summary>A dead thread that runs, waits, or has a deadline.</summary>
    Waiter = 5,
    /// <summary>A notification that wakes, or is kept by, the dead.</summary>
    Notification = 6,
    /// <summary>An endpoint that a dead process serves.</summary>
    Endpoint = 7,
    /// <summary>A vault that the dead have mapped.</summary>
    Vault = 8,
    /// <summary>Regions and page tables of the dead, or of nobody.</summary>
    Mapping = 9,
    /// <summary>Frames that nobody is charged for, or that are charged and do not exist.</summary>
    Frame = 10,
    /// <summary>A kernel record in use that nothing refers to.</summary>
    Record = 11,
}

/// <summary>What was found of one kind.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
public struct AuditRow
{
    public uint Leaked;
    public uint Reclaiming;
    /// <summary>
    /// Index of the first that leaked: of a capability, thread, endpoint, ... as the kind says.
    /// </summary>
    public uint FirstIndex;
    /// <summary>Process that it belonged to, or zero.</summary>
    public uint FirstProcess;
}

[InlineArray(AuditReport.Kinds)]
public struct AuditRows
{
    private AuditRow _first;
}

/// <summary>What one or several slices of an audit have found.</summary>
[StructLayout(LayoutKind.Sequential, Size = 208)]
public struct AuditReport
{
    public const int Kinds = 12;

    /// <summary>One for each AuditKind, in its order.</summary>
    public AuditRows Rows;
    /// <summary>Records that were looked at.</summary>
    public ulong Looked;
    /// <summary>What the reclaimer had before it when the slice ended.</summary>
    public ulong ReclaimPending;

    public readonly ulong Leaked
    {
        get
        {
            ulong sum = 0;
            for (int kind = 0; kind < Kinds; kind++) sum += Rows[kind].Leaked;
            return sum;
        }
    }

    public readonly ulong Reclaiming
    {
        get
        {
            ulong sum = 0;
            for (int kind = 0; kind < Kinds; kind++) sum += Rows[kind].Reclaiming;
            return sum;
        }
    }

    public readonly AuditRow this[AuditKind kind] => Rows[(int)kind];

    /// <summary>What has leaked, for tests.</summary>
    public override readonly string ToString()
    {
        string text = "";
        for (int kind = 0; kind < Kinds; kind++)
        {
            AuditRow row = Rows[kind];
            if (row.Leaked == 0) continue;
            text += $"leaked: {row.Leaked} {(AuditKind)kind}, first {row.FirstIndex} of process "
                + $"{row.FirstProcess}; ";
        }

        return text;
    }

    /// <summary>Counts so many of a kind as leaked. The first keeps its place.</summary>
    public void AddLeaked(AuditKind kind, int index, uint process, uint count = 1)
    {
        ref AuditRow row = ref Rows[(int)kind];
        if (row.Leaked == 0)
        {
            row.FirstIndex = (uint)index;
            row.FirstProcess = process;
        }

        row.Leaked += count;
    }

    public void AddReclaiming(AuditKind kind, uint count = 1) =>
        Rows[(int)kind].Reclaiming += count;

    /// <summary>What the next slice has found.</summary>
    public void Add(in AuditReport slice)
    {
        for (int kind = 0; kind < Kinds; kind++)
        {
            AuditRow found = slice.Rows[kind];
            if (found.Leaked > 0)
            {
                AddLeaked((AuditKind)kind, (int)found.FirstIndex, found.FirstProcess,
                    found.Leaked);
            }

            Rows[kind].Reclaiming += found.Reclaiming;
        }

        Looked += slice.Looked;
        ReclaimPending = slice.ReclaimPending;
    }
}
