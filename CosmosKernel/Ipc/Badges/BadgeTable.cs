// How many live capabilities each (endpoint, badge) has, and which Closed are owed for it.
//
// One entry for each badge that is live or whose Closed is owed. An endpoint's entries form a treap
// ordered by badge, so that ListBadges is ascending; nothing is allocated when a Closed is owed.
// Entry 0 is none.
//
// A live badge is in the handle quota of whoever holds it. What an endpoint owes is charged to the
// process that has minted for it last (OwedBadges.cs).

using CosmosKernel.Processes;
using Shared.Abi;
using System.Runtime.CompilerServices;

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
    }

    readonly Kernel kernel;
    readonly Entry[] entries;
    /// <summary>
    /// The first tree of free entries; the next one by NextOwed of its root. What was an endpoint's
    /// is one tree, and is taken apart as its entries are used again.
    /// </summary>
    int firstFree;
    ulong randomState;

    public BadgeTable(Kernel kernel, int capacity)
    {
        this.kernel = kernel;
        entries = new Entry[capacity];
        for (int index = capacity - 1; index > 0; index--)
        {
            entries[index].NextOwed = firstFree;
            firstFree = index;
        }

        FreeCount = capacity - 1;
        randomState = kernel.Machine.Random() | 1;
    }

    public int Count => entries.Length - 1 - FreeCount;
    public int FreeCount { get; private set; }
    public int CountOf(int entry) => entries[entry].Count;
    public bool IsOwed(int entry) => entries[entry].IsOwed;
    public Badge BadgeOf(int entry) => new(entries[entry].Badge);

    /// <summary>
    /// The entry for the badge, made if need be with count 0; 0 when there is no room for it.
    /// </summary>
    public int FindOrAdd(Endpoint endpoint, Badge badge, Process minter)
    {
        int found = Find(endpoint, badge);
        if (found != 0) return found;
        kernel.Reclaimer.RunUntilFree(in firstFree);
        if (!OwedBadges.MayMint(kernel, endpoint, minter)) return 0;
        OwedBadges.Charge(kernel, endpoint, minter);
        int index = Take();
        endpoint.BadgeCount++;
        entries[index] = new Entry
        {
            Badge = badge.Value, Endpoint = endpoint.Index, Weight = NextWeight(),
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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Release(int index, Endpoint endpoint)
    {
        ref Entry entry = ref entries[index];
        if (--entry.Count > 0) return;
        if (endpoint.IsVanished)
        {
            Remove(endpoint, index);
            return;
        }

        entry.IsOwed = true;
        OwedBadges.Add(endpoint, 1);
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

    /// <summary>After this one, in the order of their closing; 0 at the end.</summary>
    public int NextOwed(int entry) => entries[entry].NextOwed;

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
    /// All entries of an endpoint without capabilities. What was owed for them is nobody's then.
    /// </summary>
    public void RemoveAll(Endpoint endpoint)
    {
        OwedBadges.Add(endpoint, -endpoint.OwedCount);
        if (endpoint.BadgeRoot is var root and not 0) PutFree(root);
        FreeCount += endpoint.BadgeCount;
        endpoint.BadgeRoot = endpoint.BadgeCount = 0;
        endpoint.FirstOwed = endpoint.LastOwed = endpoint.NextOwed = 0;
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
        OwedBadges.Add(endpoint, -1);
        if (endpoint.NextOwed == index) endpoint.NextOwed = entry.NextOwed;
        if (entry.PreviousOwed == 0) endpoint.FirstOwed = entry.NextOwed;
        else entries[entry.PreviousOwed].NextOwed = entry.NextOwed;
        if (entry.NextOwed == 0) endpoint.LastOwed = entry.PreviousOwed;
        else entries[entry.NextOwed].PreviousOwed = entry.PreviousOwed;
        entry.NextOwed = entry.PreviousOwed = 0;
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
        entries[index].Left = entries[index].Right = 0;
        PutFree(index);
        endpoint.BadgeCount--;
        FreeCount++;
    }

    /// <summary>A free entry, of which there is one; what hangs below it is free too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    int Take()
    {
        int index = firstFree;
        ref Entry entry = ref entries[index];
        firstFree = entry.NextOwed;
        if (entry.Left != 0) PutFree(entry.Left);
        if (entry.Right != 0) PutFree(entry.Right);
        FreeCount--;
        return index;
    }

    void PutFree(int root)
    {
        entries[root].NextOwed = firstFree;
        firstFree = root;
    }

    uint NextWeight()
    {
        randomState ^= randomState << 13;
        randomState ^= randomState >> 7;
        randomState ^= randomState << 17;
        return (uint)(randomState >> 32);
    }
}
