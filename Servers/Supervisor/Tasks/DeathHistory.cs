// Times of a task's latest failures, as far back as a budget can look. Owned by one task.

using System;

namespace Servers.Supervisor.Tasks;

public sealed class DeathHistory
{
    public const int Capacity = 32;

    private readonly ulong[] _timesNs = new ulong[Capacity];
    private int _count;

    public ReadOnlySpan<ulong> TimesNs => _timesNs.AsSpan(0, _count);

    /// <summary>Adds a failure; the oldest one is forgotten when there is no room.</summary>
    public void Add(ulong timeNs)
    {
        if (_count == Capacity)
        {
            _timesNs.AsSpan(1).CopyTo(_timesNs);
            _count--;
        }
        _timesNs[_count++] = timeNs;
    }

    public void Clear() => _count = 0;
}
