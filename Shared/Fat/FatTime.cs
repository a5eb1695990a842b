// Times of FAT: from 1980 to 2107, to two seconds (FAT p. 24 and 25). Taken as UTC: this system has
// no time zones, and FAT says none.
//
// Rules: never throws; what is no time reads as 0, which the contract calls not kept.

using System;

namespace Shared.Fat;

public readonly record struct FatTime(ushort Date, ushort Time, byte Hundredths)
{
    private const int FirstYear = 1980, LastYear = 2107;
    private const int NsPerTick = 100;
    private const ulong NsPerHundredth = 10_000_000;

    /// <param name="ns">Nanoseconds since 1970.</param>
    public static FatTime Of(ulong ns)
    {
        long ticks = (long)Math.Min(ns / NsPerTick, long.MaxValue / 2);
        long most = (DateTime.MaxValue - DateTime.UnixEpoch).Ticks;
        DateTime time = DateTime.UnixEpoch.AddTicks(Math.Min(ticks, most));
        if (time.Year < FirstYear) time = new DateTime(FirstYear, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        if (time.Year > LastYear)
        {
            time = new DateTime(LastYear, 12, 31, 23, 59, 58, DateTimeKind.Utc);
        }
        int date = time.Year - FirstYear << 9 | time.Month << 5 | time.Day;
        int clock = time.Hour << 11 | time.Minute << 5 | time.Second / 2;
        int hundredths = time.Second % 2 * 100 + time.Millisecond / 10;
        return new FatTime((ushort)date, (ushort)clock, (byte)hundredths);
    }

    /// <summary>Nanoseconds since 1970; 0 when it is not a time.</summary>
    public ulong ToNs()
    {
        int year = FirstYear + (Date >> 9), month = Date >> 5 & 0xF, day = Date & 0x1F;
        int hour = Time >> 11, minute = Time >> 5 & 0x3F, second = (Time & 0x1F) * 2;
        bool isTime = month is >= 1 and <= 12
            && day >= 1 && day <= DateTime.DaysInMonth(year, month)
            && hour < 24 && minute < 60 && second < 60 && Hundredths < 200;
        if (!isTime) return 0;
        DateTime time = new(year, month, day, hour, minute, second, DateTimeKind.Utc);
        ulong ns = (ulong)(time - DateTime.UnixEpoch).Ticks * NsPerTick;
        return ns + Hundredths * NsPerHundredth;
    }
}
