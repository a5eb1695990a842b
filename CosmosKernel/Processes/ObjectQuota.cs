// How many of the machine's endpoints, notifications, Memory objects and vaults a process may have
// made: an eighth of each table, and none of the last eighth, so that nobody keeps others from
// starting or the supervisor from mending what has died (decision 0063).
//
// Rules: an object counts for who has made it as long as it is there, whoever holds it. The
// supervisor makes what others need, and has no limit.

using Shared.Abi;

namespace CosmosKernel.Processes;

static class ObjectQuota
{
    const int Share = 8;
    /// <summary>In tables that are smaller than the machine's a process has so many.</summary>
    const int Least = 16;
    const int Types = (int)ObjectType.Vault + 1;

    public static int[] NewCounts() => new int[Types];

    public static bool MayMake(
        Kernel kernel, Process process, ObjectType type, IObjectTable table)
    {
        if (kernel.Supervisor is { } keeper && keeper.IsSupervisor(process)) return true;
        int share = table.Capacity / Share;
        if (process.ObjectsMade[(int)type] >= System.Math.Max(share, Least)) return false;
        bool hasRoom;
        do hasRoom = table.Capacity - table.Count > share;
        while (!hasRoom && kernel.Reclaimer.TryRunSlice());
        return hasRoom;
    }
}

/// <summary>Endpoints, notifications, Memory objects or vaults.</summary>
interface IObjectTable
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

    /// <summary>It is there no more.</summary>
    public void Clear(ObjectType type)
    {
        if (process is { } maker && maker.Id == id) maker.ObjectsMade[(int)type]--;
        process = null;
    }
}
