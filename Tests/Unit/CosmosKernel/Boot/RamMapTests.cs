// Firmware's memory maps: rows in any order that touch, overlap or end within a page.

using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Boot;
using NUnit.Framework;

namespace Tests.Unit.CosmosKernel.Boot;

public sealed class RamMapTests
{
    private static RamRange Span(ulong first, ulong end) => new(first, end - first);

    [Test]
    public void Rows_that_touch_or_overlap_become_one_in_ascending_order() =>
        Assert.That(
            RamMap.WholePages(
                [Span(0x9000, 0xC000), Span(0x1000, 0x3000), Span(0x3000, 0x5000),
                 Span(0xA000, 0xB000), Span(0xB000, 0xE000)]),
            Is.EqualTo((RamRange[])[Span(0x1000, 0x5000), Span(0x9000, 0xE000)]));

    [Test]
    public void Only_whole_pages_count()
    {
        Assert.That(RamMap.WholePages([Span(0x1001, 0x3FFF), Span(0x8001, 0x9000)]),
            Is.EqualTo((RamRange[])[Span(0x2000, 0x3000)]));
        Assert.That(RamMap.WholePages([Span(0x1000, 0x1800), Span(0x1800, 0x2000)]),
            Is.EqualTo((RamRange[])[Span(0x1000, 0x2000)]), "two rows share a page");
    }

    [Test]
    public void Rows_from_beyond_the_end_do_not_overflow()
    {
        Assert.That(RamMap.WholePages([new RamRange(ulong.MaxValue - 4095, 4096)]), Is.Empty);
        Assert.That(RamMap.WholePages([new RamRange(RamMap.PhysicalEnd - 4096, ulong.MaxValue)]),
            Is.EqualTo((RamRange[])[new RamRange(RamMap.PhysicalEnd - 4096, 4096)]));
    }

    [Test]
    public void Taken_pages_are_cut_out_wherever_they_lie() =>
        Assert.That(
            RamMap.Without([Span(0x1000, 0x9000), Span(0x10000, 0x12000)],
                [Span(0, 0x1001), Span(0x4800, 0x5001), Span(0x8FFF, 0x10001), new(0x7000, 0)]),
            Is.EqualTo((RamRange[])
                [Span(0x2000, 0x4000), Span(0x6000, 0x8000), Span(0x11000, 0x12000)]));

    [Test]
    public void Each_page_is_left_exactly_if_nothing_has_taken_it()
    {
        var random = new System.Random(20261128);
        for (int round = 0; round < 200; round++)
        {
            RamRange[] ram = RamMap.WholePages(Some(random, 6));
            RamRange[] taken = Some(random, 5);
            HashSet<ulong> left = [.. RamMap.Without(ram, taken).SelectMany(Pages)];
            foreach (ulong page in ram.SelectMany(Pages))
            {
                bool isTaken = taken.Any(one => one.LengthBytes > 0
                    && one.PhysicalFirst < page + 4096 && one.PhysicalEnd > page);
                Assert.That(left.Contains(page), Is.EqualTo(!isTaken), $"{round}: {page:x}");
            }
            Assert.That(left.Except(ram.SelectMany(Pages)), Is.Empty);
        }
    }

    private static RamRange[] Some(System.Random random, int count) =>
        [.. Enumerable.Range(0, count)
            .Select(_ => new RamRange((ulong)random.Next(0x80000), (ulong)random.Next(0x20000)))];

    private static IEnumerable<ulong> Pages(RamRange range)
    {
        for (ulong at = range.PhysicalFirst; at < range.PhysicalEnd; at += 4096) yield return at;
    }
}
