// A number as the table shows it, with three digits that count.

using System;
using System.Globalization;

namespace Tests.Benchmarks.Rows;

/// <summary>What a row's numbers are.</summary>
internal enum Measure
{
    /// <summary>Nanoseconds or instructions; shown in thousands.</summary>
    Clock,
    /// <summary>Shown in KiB.</summary>
    Bytes,
    /// <summary>In thousandths; shown in percent.</summary>
    Share,
    Count,
}

internal static class Quantity
{
    public static string Short(long value, Measure measure = Measure.Clock) => measure switch
    {
        Measure.Bytes => Text(value / 1024, "0 KiB"),
        Measure.Share => Text(value / 10.0, "0.0") + " %",
        Measure.Count => Text(value, "0"),
        _ => Thousands(value),
    };

    private static string Thousands(long value)
    {
        double thousands = value / 1000.0;
        return Text(
            thousands, Math.Abs(thousands) switch { < 10 => "0.00", < 100 => "0.0", _ => "0" });
    }

    private static string Text(double value, string format) =>
        value.ToString(format, CultureInfo.InvariantCulture);
}
