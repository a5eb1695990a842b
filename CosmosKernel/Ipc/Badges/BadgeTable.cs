// How many live capabilities each (endpoint, badge) has, and which Closed are owed for it.
//
// One entry for each badge that is live or whose Closed is owed. An endpoint's entries form a treap
// ordered by badge, so that ListBadges is ascending; nothing is allocated when a Closed is owed.
// Entry 0 is none.
//
// A live badge is in the handle quota of whoever holds it. One that is owed is nobody's: who minted
// it is charged, and has room for others only while fewer of its are owed than are free.

using CosmosKernel.Processes;
using Shared.Abi;

namespace CosmosKernel.Ipc.Badges;

public sealed class BadgeTable
{
    struct Entry
    {
        public ulong Badge;
        public int Endpoint;
        public int Count;
        public int Left, Right;
        public uint Weight;
        public int NextOwed, PreviousOwed;
        public bool IsOwed;
        /// <summary>Who has made the entry, if that process is still the one.</summary>
        public int Minter;
        public uint MinterGeneration;
    }

    readonly Kernel kernel;
    readonly Entry[] entries;
    int firstFree;
    ulong randomState;

    public BadgeTable(Kernel kernel, int capacity)
    {
        this.kernel = kernel;
        entries = new Entry[capacity];
        for (int index = capacity - 1; index > 0; index--)
        {
            entries[index].Left = firstFree;
            firstFree = index;
        }

        randomState = kernel.Machine.Random() | 1;
    }

    public int Count { get; private set; }
    public int FreeCount => entries.Length - 1 - Count;
    public int CountOf(int entry) => entries[entry].Count;
    public bool IsOwed(int entry) => entries[entry].IsOwed;
    public bool IsFree(int entry) => entries[entry].MinterGeneration == 0;

    /// <summary>Null: it is not there any more.</summary>
    public Process? MinterOf(int entry)
    {
        Process minter = kernel.Processes[entries[entry].Minter];
        return minter.Generation == entries[entry].MinterGeneration ? minter : null;
    }

    public Badge BadgeOf(int entry) => new(entries[entry].Badge);

    /// <summary>
    /// False: the table is full, or so many that the process has minted are owed that more of them
    /// would leave others without. Whoever acknowledges what he is told does not see the latter.
    /// </summary>
    public bool HasRoomFor(Process minter) => FreeCount > minter.OwedBadges;

    /// <summary>
    /// The entry for the badge, made if need be with count 0; 0 when there is no room for it.
    /// </summary>
    public int FindOrAdd(Endpoint endpoint, Badge badge, Process minter)
    {
        int found = Find(endpoint, badge);
        if (found != 0) return found;
        kernel.Reclaimer.RunUntilFree(in firstFree);
        if (!HasRoomFor(minter)) return 0;
        int index = firstFree;
        firstFree = entries[index].Left;
        Count++;
        entries[index] = new Entry
        {
            Badge = badge.Value, Endpoint = endpoint.Index, Weight = NextWeight(),
            Minter = minter.Index, MinterGeneration = minter.Generation,
        };
        Insert(ref endpoint.BadgeRoot, index);
        return index;
    }

    public int Find(Endpoint endpoint, Badge badge)
    {
        int index = endpoint.BadgeRoot;
        while (index != 0 && entries[index].Badge != badge.Value)
            index = badge.Value < entries[index].Badge ? entries[index].Left : entries[index].Right;
        return index;
    }

    /// <summary>One more capability has the badge. A Closed that was owed is withdrawn.</summary>
    public void Add(int index)
    {
        ref Entry entry = ref entries[index];
        entry.Count++;
        if (entry.IsOwed) Withdraw(kernel.Endpoints[entry.Endpoint], index);
    }

    /// <summary>One capability less. The last one makes the endpoint owe a Closed.</summary>
    public void Release(int index)
    {
        ref Entry entry = ref entries[index];
        if (--entry.Count > 0) return;
        Endpoint endpoint = kernel.Endpoints[entry.Endpoint];
        if (endpoint.IsVanished)
        {
            Remove(endpoint, index);
            return;
        }

        entry.IsOwed = true;
        Charge(index, 1);
        entry.NextOwed = 0;
        entry.PreviousOwed = endpoint.LastOwed;
        if (endpoint.LastOwed == 0) endpoint.FirstOwed = index;
        else entries[endpoint.LastOwed].NextOwed = index;
        endpoint.LastOwed = index;
        if (endpoint.NextOwed == 0) endpoint.NextOwed = index;
        kernel.TellLater(endpoint);
    }

    /// <summary>Undoes FindOrAdd when no capability came of it.</summary>
    public void RemoveUnused(int index)
    {
        if (entries[index].Count == 0 && !entries[index].IsOwed)
            Remove(kernel.Endpoints[entries[index].Endpoint], index);
    }

    /// <summary>One Closed is to be told, and no other.</summary>
    public bool HasOneToTell(Endpoint endpoint) =>
        endpoint.NextOwed != 0 && entries[endpoint.NextOwed].NextOwed == 0;

    /// <summary>Takes the next Closed to deliver; 0 when none is. It stays owed.</summary>
    public int TakeOwed(Endpoint endpoint)
    {
        int index = endpoint.NextOwed;
        if (index != 0) endpoint.NextOwed = entries[index].NextOwed;
        return index;
    }

    /// <summary>False: nothing is owed for the badge.</summary>
    public bool Acknowledge(Endpoint endpoint, Badge badge)
    {
        int index = Find(endpoint, badge);
        if (index == 0 || !entries[index].IsOwed) return false;
        Withdraw(endpoint, index);
        Remove(endpoint, index);
        return true;
    }

    /// <summary>
    /// Another incarnation receives: what was delivered to the last one is owed again.
    /// </summary>
    public void OweAgain(Endpoint endpoint) => endpoint.NextOwed = endpoint.FirstOwed;

    /// <summary>Badges that one List looks at, live or owed.</summary>
    public const int ListedAtOnce = 128;

    /// <summary>
    /// Live badges greater than after, ascending; answers how many. After becomes the last one that
    /// was looked at; false: there are more.
    /// </summary>
    public bool List(Endpoint endpoint, ref ulong after, System.Span<ulong> target, out int count)
    {
        count = 0;
        for (int left = ListedAtOnce; left > 0 && count < target.Length; left--)
        {
            int index = FindNext(endpoint, after);
            if (index == 0) return true;
            after = entries[index].Badge;
            if (entries[index].Count > 0) target[count++] = after;
        }

        return FindNext(endpoint, after) == 0;
    }

    /// <summary>
    /// One entry less of an endpoint without capabilities; false when none is left. Whatever was
    /// owed for it is nobody's any more, and the tree is turned into a list on the way: each entry
    /// is turned once, so that it costs the same however many there are.
    /// </summary>
    public bool RemoveOne(Endpoint endpoint)
    {
        int root = endpoint.BadgeRoot;
        if (root == 0) return false;
        endpoint.FirstOwed = endpoint.LastOwed = endpoint.NextOwed = 0;
        while (entries[root].Left is var left and not 0)
        {
            entries[root].Left = entries[left].Right;
            entries[left].Right = root;
            root = left;
        }

        endpoint.BadgeRoot = entries[root].Right;
        if (entries[root].IsOwed) Charge(root, -1);
        Free(root);
        return true;
    }

    int FindNext(Endpoint endpoint, ulong after)
    {
        int best = 0;
        int index = endpoint.BadgeRoot;
        while (index != 0)
        {
            if (entries[index].Badge > after)
            {
                best = index;
                index = entries[index].Left;
            }
            else
            {
                index = entries[index].Right;
            }
        }

        return best;
    }

    void Withdraw(Endpoint endpoint, int index)
    {
        ref Entry entry = ref entries[index];
        entry.IsOwed = false;
        Charge(index, -1);
        if (endpoint.NextOwed == index) endpoint.NextOwed = entry.NextOwed;
        if (entry.PreviousOwed == 0) endpoint.FirstOwed = entry.NextOwed;
        else entries[entry.PreviousOwed].NextOwed = entry.NextOwed;
        if (entry.NextOwed == 0) endpoint.LastOwed = entry.PreviousOwed;
        else entries[entry.NextOwed].PreviousOwed = entry.PreviousOwed;
        entry.NextOwed = entry.PreviousOwed = 0;
    }

    void Charge(int index, int owed)
    {
        if (MinterOf(index) is { } minter) minter.OwedBadges += owed;
    }

    void Insert(ref int root, int index)
    {
        if (root == 0)
        {
            root = index;
            return;
        }

        if (entries[index].Weight > entries[root].Weight)
        {
            Split(root, entries[index].Badge, out entries[index].Left, out entries[index].Right);
            root = index;
            return;
        }

        if (entries[index].Badge < entries[root].Badge) Insert(ref entries[root].Left, index);
        else Insert(ref entries[root].Right, index);
    }

    void Split(int root, ulong badge, out int lower, out int upper)
    {
        if (root == 0)
        {
            lower = upper = 0;
            return;
        }

        if (entries[root].Badge < badge)
        {
            Split(entries[root].Right, badge, out int low, out upper);
            entries[root].Right = low;
            lower = root;
            return;
        }

        Split(entries[root].Left, badge, out lower, out int high);
        entries[root].Left = high;
        upper = root;
    }

    int Join(int lower, int upper)
    {
        if (lower == 0) return upper;
        if (upper == 0) return lower;
        if (entries[lower].Weight > entries[upper].Weight)
        {
            entries[lower].Right = Join(entries[lower].Right, upper);
            return lower;
        }

        entries[upper].Left = Join(lower, entries[upper].Left);
        return upper;
    }

    void Remove(Endpoint endpoint, int index)
    {
        ref int link = ref endpoint.BadgeRoot;
        ulong badge = entries[index].Badge;
        while (link != index)
        {
            if (badge < entries[link].Badge) link = ref entries[link].Left;
            else link = ref entries[link].Right;
        }

        link = Join(entries[index].Left, entries[index].Right);
        Free(index);
    }

    void Free(int index)
    {
        entries[index] = default;
        entries[index].Left = firstFree;
        firstFree = index;
        Count--;
    }

    uint NextWeight()
    {
        randomState ^= randomState << 13;
        randomState ^= randomState >> 7;
        randomState ^= randomState << 17;
        return (uint)(randomState >> 32);
    }
}
