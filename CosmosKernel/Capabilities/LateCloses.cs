// Capabilities that their owners have closed for later: until the next tick, or until nothing else
// can run, they may be kept after all (decision 0058).
//
// Rules: a list of handles, since a record may be closed, moved or used anew meanwhile; who is in
// it knows that (LateClose), and is in it once. When it is full, late is at once.

using Shared.Abi;

namespace CosmosKernel.Capabilities;

public sealed partial class CapabilityTable
{
    const int LateCapacity = 64;
    /// <summary>So many are closed at once; the rest at the next tick.</summary>
    const int LateAtOnce = 16;

    readonly Handle[] late = new Handle[LateCapacity];
    int firstLate, lateCount;

    public bool HasLate => lateCount != 0;

    /// <summary>Closes the capability, unless it is kept before its time has come.</summary>
    public void CloseLate(int index)
    {
        ref CapabilityRecord record = ref records[index];
        bool isListed = record.Late != LateClose.None;
        if (record.State != CapabilityState.Live || !isListed && lateCount == LateCapacity)
        {
            Close(index);
            return;
        }

        record.Late = LateClose.Due;
        if (!isListed) late[(firstLate + lateCount++) % LateCapacity] = HandleOf(index);
    }

    /// <summary>False: it was not to be closed.</summary>
    public bool TryKeep(int index)
    {
        ref CapabilityRecord record = ref records[index];
        if (record.Late != LateClose.Due) return false;
        record.Late = LateClose.Kept;
        return true;
    }

    /// <summary>Closes what was not kept.</summary>
    public void CloseDue()
    {
        for (int left = LateAtOnce; left > 0 && lateCount > 0; left--)
        {
            Handle handle = late[firstLate];
            firstLate = (firstLate + 1) % LateCapacity;
            lateCount--;
            int index = (int)(uint)handle.Value;
            if (HandleOf(index) != handle) continue;
            bool isDue = records[index].Late == LateClose.Due;
            records[index].Late = LateClose.None;
            if (isDue) Close(index);
        }
    }
}
