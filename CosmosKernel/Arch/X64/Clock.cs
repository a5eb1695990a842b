// Time: the time stamp counter measured against the PIT, and the clock chip for the date.

using System;

namespace CosmosKernel.Arch.X64;

public sealed class Clock
{
    private const ulong PitHz = 1_193_182;
    private const uint PitFirst = 0xFFFF;
    /// <summary>2.5 ms: two million instructions of the boot under -icount.</summary>
    private const uint LeastPitTicks = 2983;
    private const int SampleTries = 8;

    /// <summary>All three clocks at one moment.</summary>
    private readonly record struct Moment(ulong Tsc, uint Pit, uint Timer);

    private readonly X64Machine _machine;
    private readonly Lapic _lapic;

    public readonly ulong TscHz;
    /// <summary>Of the local APIC's timer, at divisor 1.</summary>
    public readonly ulong TimerHz;
    public readonly ulong BootTimeNs;

    public Clock(X64Machine machine, Lapic lapic)
    {
        _machine = machine;
        _lapic = lapic;
        ulong tscFirst = machine.Tsc;
        lapic.StartCount();
        Moment first, last;
        do
        {
            StartPit();
            first = Sample();
            do last = Sample();
            while (first.Pit - last.Pit < LeastPitTicks && !IsPitDone);
        }
        while (IsPitDone);
        ulong ticks = first.Pit - last.Pit;
        TscHz = (last.Tsc - first.Tsc) * PitHz / ticks;
        TimerHz = (first.Timer - last.Timer) * PitHz / ticks;
        machine.StartClock(tscFirst, (ulong)(((UInt128)1_000_000_000 << 32) / TscHz));
        BootTimeNs = ReadClockChip();
    }

    /// <summary>
    /// The host may take the processor away at any point: the shortest look is true.
    /// </summary>
    private Moment Sample()
    {
        Moment best = default;
        ulong shortest = ulong.MaxValue;
        for (int i = 0; i < SampleTries; i++)
        {
            ulong before = _machine.Tsc;
            _machine.WritePort(0x43, 1, 0x80);
            uint timer = _lapic.Count;
            ulong length = _machine.Tsc - before;
            uint pit = _machine.ReadPort(0x42, 1) | _machine.ReadPort(0x42, 1) << 8;
            if (length >= shortest) continue;
            shortest = length;
            best = new Moment(before + length / 2, pit, timer);
        }
        return best;
    }

    /// <summary>
    /// Channel 2 counts down once, gated by port 0x61; its output rises at the end.
    /// </summary>
    private void StartPit()
    {
        _machine.WritePort(0x61, 1, _machine.ReadPort(0x61, 1) & ~3u);
        _machine.WritePort(0x43, 1, 0xB0);
        _machine.WritePort(0x42, 1, PitFirst & 0xFF);
        _machine.WritePort(0x42, 1, PitFirst >> 8);
        _machine.WritePort(0x61, 1, _machine.ReadPort(0x61, 1) & ~2u | 1);
    }

    private bool IsPitDone => (_machine.ReadPort(0x61, 1) & 0x20) != 0;

    /// <summary>
    /// Seconds since 1970 from the MC146818, in nanoseconds; 0 when it is not there.
    /// </summary>
    private ulong ReadClockChip()
    {
        // Bounded: an absent chip reads 0xFF for ever. Update-in-progress lasts 2 ms at most.
        for (int tries = 0; tries < 10000 && (ReadChip(0x0A) & 0x80) != 0; tries++)
        {
        }
        uint format = ReadChip(0x0B);
        int second = FromChip(0x00, format), minute = FromChip(0x02, format);
        uint rawHour = ReadChip(0x04);
        int hour = Decode(rawHour & 0x7F, format);
        if ((format & 2) == 0) hour = hour % 12 + ((rawHour & 0x80) != 0 ? 12 : 0);
        int day = FromChip(0x07, format), month = FromChip(0x08, format);
        int year = 2000 + FromChip(0x09, format);
        if (month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 59) return 0;
        var time = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc);
        return (ulong)(time - DateTime.UnixEpoch).TotalSeconds * 1_000_000_000;
    }

    private int FromChip(byte register, uint format) => Decode(ReadChip(register), format);

    private static int Decode(uint value, uint format) =>
        (int)((format & 4) != 0 ? value : (value >> 4) * 10 + (value & 15));

    private uint ReadChip(byte register)
    {
        _machine.WritePort(0x70, 1, register);
        return _machine.ReadPort(0x71, 1);
    }
}
