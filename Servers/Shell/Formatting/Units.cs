// Sizes, times and numbers as people read them, and back.

using System;
using System.Globalization;

namespace Servers.Shell.Formatting;

public static class Units
{
    private static readonly string[] Names = ["B", "K", "M", "G", "T"];

    /// <summary>"512B", "1.5M": four characters or so.</summary>
    public static string Size(ulong bytes)
    {
        int unit = 0;
        double value = bytes;
        while (value >= 1024 && unit < Names.Length - 1)
        {
            value /= 1024;
            unit++;
        }
        string format = unit == 0 || value >= 10 ? "0" : "0.0";
        return value.ToString(format, CultureInfo.InvariantCulture) + Names[unit];
    }

    /// <summary>"850ns", "12.3us", "4.56ms", "7.89s", "3m05s", "2h03m".</summary>
    public static string Duration(ulong nanoseconds)
    {
        if (nanoseconds < 1_000) return $"{nanoseconds}ns";
        if (nanoseconds < 1_000_000) return Fraction(nanoseconds / 1e3, "us");
        if (nanoseconds < 1_000_000_000) return Fraction(nanoseconds / 1e6, "ms");
        ulong seconds = nanoseconds / 1_000_000_000;
        if (seconds < 60) return Fraction(nanoseconds / 1e9, "s");
        if (seconds < 3600) return $"{seconds / 60}m{seconds % 60:00}s";
        return $"{seconds / 3600}h{seconds / 60 % 60:00}m";
    }

    /// <summary>UTC, to the second; "-" for a file that has no time.</summary>
    public static string Date(ulong nanosecondsSince1970)
    {
        if (nanosecondsSince1970 == 0) return "-";
        // 64 bits of nanoseconds end in the year 2554, which DateTime can tell.
        return DateTime.UnixEpoch.AddTicks((long)(nanosecondsSince1970 / 100))
            .ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
    }

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Number(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Percent(ulong part, ulong whole)
        => whole == 0 ? "-" : $"{Math.Min(100, (part * 100 + whole - 1) / whole)}%";

    public static bool TryNumber(string text, out uint value) => uint.TryParse(
        text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    /// <summary>Seconds with an optional fraction, at most a year.</summary>
    public static bool TrySeconds(string text, out ulong nanoseconds)
    {
        nanoseconds = 0;
        if (!decimal.TryParse(
            text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal seconds)
            || seconds > 31_536_000)
        {
            return false;
        }
        nanoseconds = (ulong)(seconds * 1_000_000_000);
        return true;
    }

    private static string Fraction(double value, string unit)
    {
        string format = value >= 100 ? "0" : value >= 10 ? "0.0" : "0.00";
        return value.ToString(format, CultureInfo.InvariantCulture) + unit;
    }
}
