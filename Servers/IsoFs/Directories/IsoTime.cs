// The seven bytes of a record's time (ECMA-119, 9.1.5). Pure.

using System;

namespace Servers.IsoFs.Directories;

internal static class IsoTime
{
    private const int QuarterMinutes = 15, MaxQuarters = 56;

    /// <summary>Nanoseconds since 1970 in UTC; 0 when it is no time, or before that.</summary>
    public static ulong Read(ReadOnlySpan<byte> bytes)
    {
        int year = 1900 + bytes[0], month = bytes[1], day = bytes[2];
        int quarters = (sbyte)bytes[6];
        bool isTime = month is >= 1 and <= 12
            && day >= 1 && day <= DateTime.DaysInMonth(year, month)
            && bytes[3] < 24 && bytes[4] < 60 && bytes[5] < 60
            && Math.Abs(quarters) <= MaxQuarters;
        if (!isTime) return 0;
        DateTime local = new(
            year, month, day, bytes[3], bytes[4], bytes[5], DateTimeKind.Utc);
        TimeSpan since = local.AddMinutes(-quarters * QuarterMinutes) - DateTime.UnixEpoch;
        return since.Ticks <= 0 ? 0 : (ulong)since.Ticks * TimeSpan.NanosecondsPerTick;
    }
}
