// Partition tables of both kinds, whole, damaged and hostile.

using System;
using System.Linq;
using CsCheck;
using NUnit.Framework;
using Shared.Contracts;
using Shared.Contracts.Devices;
using Shared.Sdk.Disks;

namespace Tests.Unit.Shared.Sdk.Disks;

public sealed class PartitionReaderTests
{
    /// <summary>More than a chain of logical partitions, and both copies of a GPT, need.</summary>
    private const int MaxReads = 80;

    [Test]
    public void Blank_disk_has_no_table() =>
        Assert.That(new TestTable().Read(), Is.EqualTo(PartitionTable.Empty));

    [Test]
    public void Primary_partitions_keep_their_numbers()
    {
        TestTable disk = new();
        disk.Mbr(0, 0, TestTable.Linux, 64, 100);
        disk.Mbr(0, 2, TestTable.Linux, 2048, 2048);
        PartitionTable table = disk.Read()!;
        Assert.That(table.Scheme, Is.EqualTo(PartitionScheme.Mbr));
        Assert.That(
            table.Partitions, Is.EqualTo(new Partition[] { new(1, 64, 100), new(3, 2048, 2048) }));
    }

    [Test]
    public void Logical_partitions_begin_at_five()
    {
        TestTable disk = new();
        disk.Mbr(0, 1, TestTable.Extended, 1000, 1000);
        disk.Mbr(1000, 0, TestTable.Linux, 8, 100);
        disk.Mbr(1000, 1, TestTable.Extended, 200, 100);
        disk.Mbr(1200, 0, TestTable.Linux, 8, 50);
        Assert.That(
            disk.Read()!.Partitions,
            Is.EqualTo(new Partition[] { new(5, 1008, 100), new(6, 1208, 50) }));
    }

    [TestCase(0u)]
    [TestCase(100u)]
    public void Chain_that_does_not_go_on_ends(uint next)
    {
        TestTable disk = new();
        disk.Mbr(0, 0, TestTable.Extended, 100, 1000);
        disk.Mbr(100, 0, TestTable.Linux, 8, 10);
        disk.Mbr(100, 1, TestTable.Extended, next, 100);
        disk.Mbr(200, 0, TestTable.Linux, 8, 10);
        disk.Mbr(200, 1, TestTable.Extended, 0, 100);
        Assert.That(disk.Read()!.Partitions, Has.Count.LessThan(3));
    }

    [TestCase(0u, 10u)]
    [TestCase(64u, 0u)]
    [TestCase(4000u, 97u)]
    [TestCase(4096u, 1u)]
    [TestCase(uint.MaxValue, uint.MaxValue)]
    public void Partition_outside_of_the_disk_is_left_out(uint first, uint count)
    {
        TestTable disk = new();
        disk.Mbr(0, 0, TestTable.Linux, first, count);
        Assert.That(disk.Read()!.Partitions, Is.Empty);
    }

    [TestCase(512)]
    [TestCase(4096)]
    public void Gpt_is_read(int blockBytes)
    {
        TestTable disk = new(4096, blockBytes);
        disk.Gpt((100, 199), default, (300, 300));
        PartitionTable table = disk.Read()!;
        Assert.That(table.Scheme, Is.EqualTo(PartitionScheme.Gpt));
        Assert.That(
            table.Partitions, Is.EqualTo(new Partition[] { new(1, 100, 100), new(3, 300, 1) }));
    }

    [TestCase(512 + 20)]
    [TestCase(1024 + 33)]
    public void Second_copy_is_used_when_header_or_entries_are_damaged(int at)
    {
        TestTable disk = new();
        disk.Gpt((100, 199));
        disk.Bytes[at] ^= 1;
        Assert.That(disk.Read()!.Partitions, Is.EqualTo(new Partition[] { new(1, 100, 100) }));
        disk.Bytes[^512] ^= 1;
        Assert.That(disk.Read(), Is.EqualTo(PartitionTable.Empty));
    }

    [Test]
    public void Block_that_cannot_be_read_is_not_an_empty_table()
    {
        TestTable disk = new() { BadBlock = 0 };
        Assert.That(disk.Read(), Is.Null);
        disk = new TestTable { BadBlock = 1 };
        disk.Gpt((100, 199));
        Assert.That(disk.Read()!.Partitions, Has.Count.EqualTo(1), "the second copy");
        disk.Bytes[^512] ^= 1;
        Assert.That(disk.Read(), Is.Null);
    }

    [Test]
    public void Volume_without_a_table_is_none()
    {
        TestTable disk = new();
        disk.Bytes[0] = 0xEB;
        "FAT32   "u8.CopyTo(disk.Bytes.AsSpan(82));
        disk.Bytes[510] = 0x55;
        disk.Bytes[511] = 0xAA;
        Assert.That(disk.Read(), Is.EqualTo(PartitionTable.Empty));
    }

    [Test]
    public void Mutated_tables_are_bounded_and_inside_of_the_disk()
    {
        Gen.Select(Gen.Bool, Gen.Select(Gen.Int[0, 20 * 512], Gen.Byte).Array[1, 12])
            .Sample((isGpt, changes) =>
            {
                TestTable disk = new();
                if (isGpt) disk.Gpt((100, 199), (200, 4000));
                else
                {
                    disk.Mbr(0, 0, TestTable.Extended, 2, 10);
                    disk.Mbr(2, 0, TestTable.Linux, 1, 1);
                    disk.Mbr(2, 1, TestTable.Extended, 3, 3);
                }
                foreach ((int at, byte value) in changes) disk.Bytes[at] = value;
                PartitionTable table = disk.Read()!;
                return disk.Reads <= MaxReads && table.Partitions.All(one =>
                    one.Blocks != 0 && one.FirstBlock < 4096
                    && one.Blocks <= 4096 - one.FirstBlock);
            }, iter: 10_000);
    }
}
