// A number of nanoseconds or instructions in thousands, with three digits that count.

using System;
using System.Globalization;

namespace Tests.Benchmarks.Rows;

internal static class Quantity
{
    public static string Short(long value)
    {
        double thousands = value / 1000.0;
        string format = Math.Abs(thousands) switch { < 10 => "0.00", < 100 => "0.0", _ => "0" };
        return thousands.ToString(format, CultureInfo.InvariantCulture);
    }
}
