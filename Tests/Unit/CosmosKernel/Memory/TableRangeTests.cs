// Ranges of page tables: whoever walks by them meets every entry that there is.

using System;
using System.Collections.Generic;
using CosmosKernel.Memory;
using CosmosKernel.Processes;
using NUnit.Framework;
using Shared.Abi;

namespace Tests.Unit.CosmosKernel.Memory;

[TestFixture]
public sealed unsafe class TableRangeTests
{
    private const int Entries = PageTables.EntriesPerTable;

    [Test]
    public void Range_has_all_that_was_put_into_it_and_keeps_the_rest_of_the_entry()
    {
        Random random = new(1);
        for (int round = 0; round < 1000; round++)
        {
            ulong frame = (ulong)random.NextInt64() & PageEntry.FrameMask | PageEntry.Table;
            ulong leading = frame;
            int least = Entries, most = -1;
            Assert.That(
                TableRange.First(leading), Is.GreaterThanOrEqualTo(TableRange.End(leading)));
            for (int count = random.Next(1, 4); count > 0; count--)
            {
                int index = random.Next(Entries);
                leading = TableRange.With(leading, index);
                least = Math.Min(least, index);
                most = Math.Max(most, index);
            }

            const int unit = TableRange.UnitEntries;
            Assert.That(TableRange.First(leading), Is.EqualTo(least / unit * unit));
            Assert.That(TableRange.End(leading), Is.EqualTo((most / unit + 1) * unit));
            const ulong kept = PageEntry.FrameMask | PageEntry.Table | PageEntry.NoExecute;
            Assert.That(leading & kept, Is.EqualTo(frame));
        }
    }

    [Test]
    public void Walk_meets_each_entry_that_was_made_and_reclaiming_leaves_no_frame()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            using MemoryBench bench = new();
            PageTables tables = bench.Kernel.PageTables;
            Random random = new(seed);
            Process process = bench.MakeBareProcess();
            SortedSet<ulong> made = [];
            for (int count = random.Next(1, 30); count > 0; count--)
            {
                ulong address = Address(random);
                ulong* entry = tables.FindOrMake(process, address);
                Assert.That(entry is not null);
                *entry = 1UL << 20 | PageEntry.Present;
                made.Add(address);
            }

            Assert.That(Walk(tables, process.AddressSpace.Root), Is.EqualTo(made));
            int steps = int.MaxValue;
            Assert.That(bench.Kernel.Mappings.ReclaimSlice(process, ref steps));
            Assert.That(process.MemoryPages, Is.Zero);
        }
    }

    private static List<ulong> Walk(PageTables tables, ulong root)
    {
        List<ulong> met = [];
        ulong address = AddressMap.UserLowFirst;
        while (tables.NextUsed(root, ref address, AddressMap.UserHighEnd) is not null)
        {
            met.Add(address);
            address += Limits.PageBytes;
        }

        return met;
    }

    /// <summary>Anywhere, or near another one.</summary>
    private static ulong Address(Random random)
    {
        ulong address;
        do
        {
            int bits = random.Next(22, 47);
            address = (ulong)random.NextInt64(1L << bits) & ~(Limits.PageBytes - 1UL);
        }
        while (!AddressMap.IsUser(address, Limits.PageBytes));
        return address;
    }
}
