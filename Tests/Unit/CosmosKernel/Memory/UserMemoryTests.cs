// The kernel reaches user memory across pages, and nothing that is not the process's own.

using System;
using CosmosKernel.Memory;
using CosmosKernel.Processes;
using NUnit.Framework;
using Shared.Abi;

namespace Tests.Unit.CosmosKernel.Memory;

[TestFixture]
public sealed class UserMemoryTests
{
    private MemoryBench _bench = null!;
    private Process _process = null!;
    private IUserMemory Memory => _bench.Kernel.UserMemory;

    [SetUp]
    public void SetUp()
    {
        _bench = new MemoryBench();
        _process = _bench.MakeBareProcess();
        _bench.Map(_process, MemoryBench.Base, 4);
    }

    [TearDown] public void TearDown() => _bench.Dispose();

    private static byte[] Pattern(int length)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) bytes[i] = (byte)(i * 31 + 7);
        return bytes;
    }

    [Test]
    public void Bytes_written_across_pages_are_read_back()
    {
        byte[] written = Pattern(9000), read = new byte[9000];
        Assert.That(Memory.TryWrite(_process, MemoryBench.Base + 4000, written), Is.True);
        Assert.That(Memory.TryRead(_process, MemoryBench.Base + 4000, read), Is.True);
        Assert.That(read, Is.EqualTo(written));
    }

    [Test]
    public void Copy_moves_between_processes_at_any_alignment()
    {
        Process other = _bench.MakeBareProcess();
        _bench.Map(other, MemoryBench.Base, 4);
        byte[] written = Pattern(8190), read = new byte[8190];
        Memory.TryWrite(_process, MemoryBench.Base + 1, written);
        foreach (ulong offset in new ulong[] { 0, 1, 4095, 4097 })
        {
            Assert.That(Memory.Copy(_process, MemoryBench.Base + 1, other,
                MemoryBench.Base + offset, 8190), Is.EqualTo(CopyResult.Done));
            Memory.TryRead(other, MemoryBench.Base + offset, read);
            Assert.That(read, Is.EqualTo(written));
        }
    }

    [Test]
    public void Copy_goes_from_one_page_table_to_the_next_and_brings_pages_in_on_its_way()
    {
        const ulong first = MemoryBench.Base + PageTables.SpanBytes - 2 * Limits.PageBytes;
        Process source = _bench.MakeBareProcess(), target = _bench.MakeBareProcess();
        _bench.Map(source, first, 5);
        _bench.Map(target, first, 5);
        byte[] written = Pattern(4 * Limits.PageBytes), read = new byte[written.Length];
        Memory.TryWrite(source, first + 9, written);
        // Some of its pages are there already, on both sides of the border.
        Memory.TryWrite(target, first + Limits.PageBytes, [1]);
        Memory.TryWrite(target, first + 3 * Limits.PageBytes, [1]);
        Assert.That(Memory.Copy(source, first + 9, target, first + 100, (ulong)written.Length),
            Is.EqualTo(CopyResult.Done));
        Memory.TryRead(target, first + 100, read);
        Assert.That(read, Is.EqualTo(written));
    }

    [Test]
    public void Copy_says_who_is_to_blame()
    {
        Process other = _bench.MakeBareProcess();
        _bench.Map(other, MemoryBench.Base, 1, Protection.Read);
        Assert.That(Memory.Copy(_process, MemoryBench.Base, other, MemoryBench.Base, 8),
            Is.EqualTo(CopyResult.BadTarget));
        Assert.That(Memory.Copy(_process, MemoryBench.Base + 0x10000, other, MemoryBench.Base, 8),
            Is.EqualTo(CopyResult.BadSource));
        Assert.That(Memory.Copy(_process, ulong.MaxValue - 3, other, MemoryBench.Base, 8),
            Is.EqualTo(CopyResult.BadSource), "the address wraps");
    }

    [TestCase(0UL)]
    [TestCase(AddressMap.UserLowEnd - 4)]
    [TestCase(AddressMap.UserHighEnd - 4)]
    [TestCase(AddressMap.DirectMap)]
    [TestCase(0x0000_8000_0000_0000UL)]
    [TestCase(ulong.MaxValue - 3)]
    [TestCase(MemoryBench.Base + 4 * MemoryBench.Page - 4)]
    [TestCase(MemoryBench.Base - 4)]
    public void Access_outside_user_memory_fails(ulong address)
    {
        byte[] bytes = new byte[8];
        Assert.That(Memory.TryRead(_process, address, bytes), Is.False);
        Assert.That(Memory.TryWrite(_process, address, bytes), Is.False);
    }

    [Test]
    public void Empty_access_is_fine_anywhere()
    {
        Assert.That(Memory.TryRead(_process, 0, []), Is.True);
        Assert.That(Memory.TryWrite(_process, ulong.MaxValue, []), Is.True);
    }

    [Test]
    public void Write_to_read_only_memory_fails_though_the_page_is_present()
    {
        ulong page = MemoryBench.Base;
        _bench.TryWriteByte(_process, page, 9);
        _bench.Kernel.Mappings.TryProtect(_process, page, page + 4096, Protection.Read);
        Assert.That(_bench.TryWriteByte(_process, page, 8), Is.False);
        Assert.That(_bench.ReadByte(_process, page), Is.EqualTo(9));
    }

    [Test]
    public void Lack_of_memory_is_noted_and_not_taken_for_a_bad_pointer()
    {
        _process.MemoryQuotaPages = _process.MemoryPages;
        Assert.That(_bench.TryWriteByte(_process, MemoryBench.Base, 1), Is.False);
        Assert.That(_process.AddressSpace.IsOutOfMemory, Is.True);
    }

    [Test]
    public void Process_without_memory_has_nothing_to_read()
    {
        Process bare = _bench.MakeRecord(16);
        Assert.That(Memory.TryRead(bare, MemoryBench.Base, new byte[1]), Is.False);
    }
}
