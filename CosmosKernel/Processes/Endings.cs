// Deaths that are under way: what a dead process has of other people's calls goes back in parts,
// and interrupts come in between.
//
// One death after the other, in the order in which they began, since each needs the list of its
// calls. Most are one part. Nothing of the process runs meanwhile, and nobody has been told.

using CosmosKernel.Ipc;

namespace CosmosKernel.Processes;

public sealed class Endings(Kernel kernel, int partSteps)
{
    /// <summary>Of a part: some hundred instructions each.</summary>
    public const int StepsOfPart = 400;
    /// <summary>What the end of a call takes, and what its delivery does.</summary>
    public const int StepsOfCall = 2;
    const int ScannedInStep = 8;

    enum Stage : byte { Find, Sort, GiveBack, Leave, Offer }

    readonly Redelivery redelivery = new(kernel);
    Process? first, last;
    Stage stage;
    bool isInPart;

    public int Count { get; private set; }
    public bool HasWork => first is not null;

    /// <summary>What a look at the calls of all threads takes.</summary>
    public static int StepsOfScan(Kernel kernel) => kernel.Threads.End / ScannedInStep;

    /// <summary>The process has just died: no thread of it runs or waits.</summary>
    public void Add(Process process)
    {
        process.IsEnding = true;
        process.NextEnding = null;
        if (last is null) first = process;
        else last.NextEnding = process;
        last = process;
        Count++;
    }

    /// <summary>
    /// One part. Not within another, in which a receiver has died of what it was given.
    /// </summary>
    public void RunPart()
    {
        if (isInPart) return;
        isInPart = true;
        int left = partSteps;
        while (left > 0 && first is { } process)
        {
            if (!IsDone(process, ref left)) break;
            if (++stage <= Stage.Offer) continue;
            Remove(process);
            ProcessDeath.Finish(kernel, process);
        }

        isInPart = false;
        if (HasWork) kernel.ContinueSoon();
    }

    bool IsDone(Process process, ref int left)
    {
        switch (stage)
        {
            case Stage.Find: redelivery.Find(process, ref left); return true;
            case Stage.Sort: return redelivery.Sort(ref left);
            case Stage.GiveBack: return redelivery.GiveBack(process, ref left);
            case Stage.Leave: return EndpointServers.ApplyOnDeath(kernel, process, ref left);
            default:
                return process.Death.RequestsRedelivered == 0 || redelivery.Offer(ref left);
        }
    }

    void Remove(Process process)
    {
        first = process.NextEnding;
        if (first is null) last = null;
        process.NextEnding = null;
        process.IsEnding = false;
        stage = Stage.Find;
        Count--;
    }
}
