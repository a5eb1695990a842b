// How many of the machine's endpoints, notifications, Memory objects and vaults a process may have
// made: an eighth of each table, and none of the last eighth, so that nobody keeps others from
// starting or the supervisor from mending what has died (decision 0063).
//
// Rules: an object counts for who has made it as long as it is there, whoever holds it. The
// supervisor makes what others need, and has no limit.

using Shared.Abi;

namespace CosmosKernel.Processes;

public static class ObjectQuota
{
    const int Share = 8;
    /// <summary>In tables that are smaller than the machine's a process has so many.</summary>
    const int Least = 16;
    const int Types = (int)ObjectType.Vault + 1;

    public static int[] NewCounts() => new int[Types];

    /// <summary>Objects of a table that one process may have made.</summary>
    public static int MostOfOne(int capacity) => System.Math.Max(capacity / Share, Least);

    /// <summary>Records of a table that only the supervisor takes.</summary>
    public static int Reserve(int capacity) => capacity / Share;

    public static bool MayMake(
        Kernel kernel, Process process, ObjectType type, IObjectTable table)
    {
        if (kernel.IsSupervisor(process)) return true;
        if (process.ObjectsMade[(int)type] >= MostOfOne(table.Capacity)) return false;
        bool hasRoom;
        do hasRoom = table.Capacity - table.Count > Reserve(table.Capacity);
        while (!hasRoom && kernel.Reclaimer.TryRunSlice());
        return hasRoom;
    }
}

/// <summary>Endpoints, notifications, Memory objects or vaults.</summary>
public interface IObjectTable
{
    int Capacity { get; }
    /// <summary>Records that are not free.</summary>
    int Count { get; }
}

/// <summary>Who has made an object; nobody, where the kernel has.</summary>
public struct ObjectMaker
{
    Process? process;
    ProcessId id;

    /// <summary>The process has just made it.</summary>
    public void Set(Process maker, ObjectType type)
    {
        process = maker;
        id = maker.Id;
        maker.ObjectsMade[(int)type]++;
    }

    public readonly bool Is(Process other) => process == other && id == other.Id;

    /// <summary>It is there no more.</summary>
    public void Clear(ObjectType type)
    {
        if (process is { } maker && maker.Id == id) maker.ObjectsMade[(int)type]--;
        process = null;
    }
}
