// What both guests have said once, shortened: the reports of it are tested, without a guest.

using System;
using System.Collections.Generic;
using Tests.Benchmarks.Figures;
using Tests.Benchmarks.Report;
using Tests.Rig.Machine;

namespace Tests.Unit.Tests.Benchmarks;

internal static class RecordedGuests
{
    private const string Ours =
        """
        cosmos:/$ run bench files
        stat: count 400 median 3300 p90 3310 p99 3500 max 9000
        open+close: count 400 median 4900 p90 4910 p99 5000 max 9000
        recovery with a spare, 1000 files: count 100 median 117000 p90 120000 p99 132000 max 140000
        """;

    private const string Linux =
        """
        peer: ready: Linux 6.1.0-56-cloud-amd64
        pipe null call: count 400 median 9537 p90 9537 p99 9739 max 17199
        eventfd null call: count 400 median 7591 p90 7591 p99 7603 max 37564
        tmpfs stat: count 400 median 3021 p90 3021 p99 3021 max 16204
        tmpfs open+close: count 400 median 5166 p90 5166 p99 6745 max 9843
        fuse stat: count 400 median 28339 p90 28559 p99 31981 max 36924
        fuse open+close: count 400 median 37235 p90 37398 p99 38815 max 93394
        fuse-cached stat: count 400 median 3117 p90 3117 p99 3117 max 3118
        fuse recovery: count 20 median 569977 p90 590016 p99 6655014 max 6655014
        fuse-spare recovery: count 20 median 260410 p90 271881 p99 6259576 max 6259576
        peer: done
        """;

    public static readonly RunDescription Run = new(
        new DateTimeOffset(2026, 11, 28, 23, 0, 0, TimeSpan.Zero), Rounds: 1,
        new Dictionary<string, string> { ["Linux, instructions"] = "qemu-system-x86_64 -m 256" });

    public static Section Section(GuestClock clock = GuestClock.Instructions)
    {
        FigureSet ours = new(), linux = new();
        ours.AddText(Ours);
        linux.AddText(Linux);
        return global::Tests.Benchmarks.Report.Section.From(clock, ours, linux);
    }
}
