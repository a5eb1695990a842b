// What a process finds in its memory when its first instruction runs.

using System;
using System.Text;
using CosmosKernel.Memory;
using CosmosKernel.Processes;
using NUnit.Framework;
using Shared.Abi;
using Tests.Unit.CosmosKernel.Memory;

namespace Tests.Unit.CosmosKernel.Processes;

[TestFixture]
public sealed unsafe class ProcessLoaderTests
{
    private MemoryBench _bench = null!;

    [SetUp] public void SetUp() => _bench = new MemoryBench();
    [TearDown] public void TearDown() => _bench.Dispose();

    private ulong FrameOf(Process process, ulong address)
    {
        _bench.ReadByte(process, address);
        return *_bench.Kernel.PageTables.Find(process.AddressSpace.Root, address)
            & PageEntry.FrameMask;
    }

    [Test]
    public void Text_and_constants_are_the_frames_of_the_archive_and_cost_nothing()
    {
        Process process = _bench.MakeProcess();
        _bench.ReadByte(process, TestElf.Text);
        uint before = process.MemoryPages;
        Assert.That(FrameOf(process, TestElf.Text), Is.EqualTo(MemoryBench.ImageFirst + 0x1000));
        Assert.That(FrameOf(process, TestElf.ReadOnly),
            Is.EqualTo(MemoryBench.ImageFirst + 0x2000));
        Assert.That(process.MemoryPages, Is.EqualTo(before));
        Assert.That(_bench.TryWriteByte(process, TestElf.Text, 1), Is.False);
        ulong entry = *_bench.Kernel.PageTables.Find(process.AddressSpace.Root, TestElf.Text);
        Assert.That(entry & (PageEntry.Writable | PageEntry.NoExecute | PageEntry.Owned), Is.Zero);
    }

    [Test]
    public void First_touch_of_text_brings_its_neighbours_but_not_those_of_another_segment()
    {
        Process process = _bench.MakeProcess();
        _bench.ReadByte(process, TestElf.ReadOnly);
        ulong root = process.AddressSpace.Root;
        Assert.That(*_bench.Kernel.PageTables.Find(root, TestElf.ReadOnly), Is.Not.Zero);
        Assert.That(*_bench.Kernel.PageTables.Find(root, TestElf.Text), Is.Zero);
        Assert.That(*_bench.Kernel.PageTables.Find(root, TestElf.Data), Is.Zero);
    }

    [Test]
    public void Long_text_comes_in_windows_and_every_page_is_the_right_one()
    {
        byte[] file = TestElf.Build();
        byte[] large = new byte[file.Length + 0x40_000];
        file.AsSpan(0, 0x1000).CopyTo(large);
        for (int i = 0x1000; i < large.Length; i++) large[i] = TestElf.ByteAt(i / 4096);
        // One text segment of 40 pages and a half, and no other.
        TestElf.Put16(large, 56, 2);
        TestElf.Put64(large, TestElf.HeaderBytes + TestElf.ProgramHeaderBytes + 32, 0x28_800);
        TestElf.Put64(large, TestElf.HeaderBytes + TestElf.ProgramHeaderBytes + 40, 0x28_800);
        using MemoryBench bench = new(large);
        Process process = bench.MakeProcess();
        foreach (ulong touched in new ulong[] { 20, 40, 0 })
            bench.ReadByte(process, TestElf.Text + touched * 4096);
        for (ulong page = 0; page < 41; page++)
        {
            Assert.That(bench.ReadByte(process, TestElf.Text + page * 4096 + 9),
                Is.EqualTo(TestElf.ByteAt((int)page + 1)), $"page {page}");
        }

        Assert.That(*bench.Kernel.PageTables.Find(
            process.AddressSpace.Root, TestElf.Text + 41 * 4096), Is.Zero);
    }

    [Test]
    public void Data_is_private_and_zero_behind_the_file()
    {
        Process one = _bench.MakeProcess(), two = _bench.MakeProcess();
        Assert.That(_bench.ReadByte(one, TestElf.Data), Is.EqualTo(TestElf.ByteAt(0x3E00)));
        ulong fileEnd = TestElf.Data + TestElf.DataFileBytes;
        Assert.That(_bench.ReadByte(one, fileEnd - 1),
            Is.EqualTo(TestElf.ByteAt(0x3E00 + (int)TestElf.DataFileBytes - 1)));
        Assert.That(_bench.ReadByte(one, fileEnd), Is.Zero);
        Assert.That(_bench.ReadByte(one, TestElf.Data + TestElf.DataBytes - 1), Is.Zero);
        Assert.That(_bench.TryWriteByte(one, TestElf.Data, 200), Is.True);
        Assert.That(_bench.ReadByte(two, TestElf.Data), Is.EqualTo(TestElf.ByteAt(0x3E00)));
        Assert.That(_bench.Machine.PhysicalMemory[MemoryBench.ImageFirst + 0x3E00],
            Is.EqualTo(TestElf.ByteAt(0x3E00)), "the archive is untouched");
    }

    [Test]
    public void Data_that_is_only_read_is_the_archives_until_it_is_written()
    {
        // The data has a page more in the file.
        byte[] large = new byte[0x5800];
        TestElf.Build().CopyTo(large, 0);
        for (int i = 0x4000; i < large.Length; i++) large[i] = TestElf.ByteAt(i);
        int header = TestElf.HeaderBytes + 3 * TestElf.ProgramHeaderBytes;
        TestElf.Put64(large, header + 32, 0x5800 - 0x3E00);
        using MemoryBench bench = new(large);
        Process one = bench.MakeProcess(), two = bench.MakeProcess();
        const ulong Whole = TestElf.Data + 0x200, Last = Whole + 0x1000;
        foreach (Process process in new[] { one, two })
            Assert.That(bench.ReadByte(process, Whole), Is.EqualTo(TestElf.ByteAt(0x4000)));
        ulong* entry = bench.Kernel.PageTables.Find(one.AddressSpace.Root, Whole);
        Assert.That(*entry & PageEntry.FrameMask, Is.EqualTo(MemoryBench.ImageFirst + 0x4000));
        Assert.That(*entry & (PageEntry.Writable | PageEntry.Owned), Is.Zero);
        // Zeros follow its last byte, so the last page is the process's own.
        Assert.That(bench.ReadByte(one, Last + 0x800), Is.Zero);
        Assert.That(bench.TryWriteByte(one, Whole + 1, 99), Is.True);
        Assert.That(*entry & PageEntry.Owned, Is.Not.Zero);
        Assert.That(bench.ReadByte(one, Whole + 2), Is.EqualTo(TestElf.ByteAt(0x4002)));
        Assert.That(bench.ReadByte(two, Whole + 1), Is.EqualTo(TestElf.ByteAt(0x4001)));
        Assert.That(bench.Machine.PhysicalMemory[MemoryBench.ImageFirst + 0x4001],
            Is.EqualTo(TestElf.ByteAt(0x4001)), "the archive is untouched");
    }

    [Test]
    public void Constants_made_writable_are_copied_first()
    {
        Process one = _bench.MakeProcess(), two = _bench.MakeProcess();
        ulong page = TestElf.ReadOnly;
        _bench.ReadByte(one, page);
        Assert.That(_bench.Kernel.Mappings.TryProtect(
            one, page, page + 4096, MemoryBench.ReadWrite), Is.EqualTo(Status.Ok));
        Assert.That(_bench.TryWriteByte(one, page + 5, 99), Is.True);
        Assert.That(_bench.Kernel.Mappings.TryProtect(one, page, page + 4096, Protection.Read),
            Is.EqualTo(Status.Ok));
        Assert.That(_bench.ReadByte(one, page + 5), Is.EqualTo(99));
        Assert.That(_bench.ReadByte(one, page + 6), Is.EqualTo(TestElf.ByteAt(0x2006)));
        Assert.That(_bench.ReadByte(two, page + 5), Is.EqualTo(TestElf.ByteAt(0x2005)));
    }

    [Test]
    public void Guard_lies_below_the_stack()
    {
        Process process = _bench.MakeProcess();
        ulong first = AddressMap.MainStackTop - ProcessLoader.StackBytes;
        Assert.That(_bench.TryWriteByte(process, first, 1), Is.True);
        Assert.That(_bench.Kernel.PageFaults.Touch(process, first - 1, Access.Write),
            Is.EqualTo(TouchResult.Guard));
        Assert.That(_bench.Kernel.PageFaults.Touch(
            process, first - ProcessLoader.GuardBytes - 1, Access.Write),
            Is.EqualTo(TouchResult.NotAllowed));
    }

    [Test]
    public void Image_in_ordinary_memory_is_copied_so_that_its_owner_cannot_change_the_text()
    {
        Process maker = _bench.MakeBareProcess();
        byte[] file = TestElf.Build();
        _bench.Kernel.MemoryObjects.TryMakeRam(maker, (ulong)file.Length, out var image);
        image.Capabilities = 1;
        ulong mapped = MemoryBench.Base;
        _bench.Kernel.Mappings.TryMap(maker, new Region
        {
            First = mapped, End = ElfImage.PageUp(mapped + (ulong)file.Length), Object = image,
            Kind = RegionKind.Memory, Protection = MemoryBench.ReadWrite,
        });
        Assert.That(_bench.Kernel.UserMemory.TryWrite(maker, mapped, file), Is.True);
        Process child = _bench.MakeRecord(64);
        Assert.That(ProcessLoader.Load(_bench.Kernel, child, image), Is.EqualTo(Status.Ok));
        Assert.That(_bench.ReadByte(child, TestElf.Text + 4), Is.EqualTo(TestElf.ByteAt(0x1004)));
        _bench.TryWriteByte(maker, mapped + 0x1004, 0xCC);
        Assert.That(_bench.ReadByte(child, TestElf.Text + 4), Is.EqualTo(TestElf.ByteAt(0x1004)));
    }

    [TestCase(1u)]
    [TestCase(0u)]
    public void Load_without_memory_leaves_nothing(uint quotaPages)
    {
        Process process = _bench.MakeRecord(quotaPages);
        Assert.That(ProcessLoader.Load(_bench.Kernel, process, _bench.Kernel.Images[0]),
            Is.EqualTo(Status.NoMemory));
        Assert.That(_bench.Kernel.Frames.FreeFrames, Is.EqualTo(_bench.FreeAtStart));
        Assert.That(process.MemoryPages, Is.Zero);
    }

    [Test]
    public void Killed_process_gives_back_every_frame_region_and_hold()
    {
        int regions = _bench.Kernel.Regions.FreeCount;
        for (int round = 0; round < 20; round++)
        {
            Process process = _bench.MakeProcess();
            _bench.TryWriteByte(process, TestElf.Data, 1);
            _bench.TryWriteByte(process, AddressMap.MainStackTop - 8, 1);
            _bench.ReadByte(process, TestElf.Text);
            _bench.End(process);
        }

        Assert.That(_bench.Kernel.Frames.FreeFrames, Is.EqualTo(_bench.FreeAtStart));
        Assert.That(_bench.Kernel.Regions.FreeCount, Is.EqualTo(regions));
        Assert.That(_bench.Kernel.Images[0].Mappings, Is.Zero);
        Assert.That(_bench.Kernel.Threads.Count, Is.Zero);
    }
}
