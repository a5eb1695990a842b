// How long something took, many times.

using System.Collections.Generic;
using System.Globalization;

namespace Tests.Guest.Bench;

internal sealed class Distribution
{
    private readonly List<ulong> _values = [];

    public int Count => _values.Count;

    public void Add(ulong value) => _values.Add(value);

    /// <summary>In the unit of the clock: nanoseconds, or instructions under -icount.</summary>
    public string Line(string what)
    {
        _values.Sort();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: count {_values.Count} median {At(50)} p90 {At(90)} p99 {At(99)} "
            + $"max {At(100)}");
    }

    public ulong Median
    {
        get
        {
            _values.Sort();
            return At(50);
        }
    }

    private ulong At(int percent) =>
        _values[System.Math.Max(0, (_values.Count * percent + 99) / 100 - 1)];
}
