// Pages come at first touch, with the rights of their region, up to the quota.

using CosmosKernel.Memory;
using CosmosKernel.Processes;
using NUnit.Framework;
using Shared.Abi;

namespace Tests.Unit.CosmosKernel.Memory;

[TestFixture]
public sealed unsafe class PageFaultTests
{
    private MemoryBench _bench = null!;

    [SetUp] public void SetUp() => _bench = new MemoryBench();
    [TearDown] public void TearDown() => _bench.Dispose();

    private TouchResult Touch(Process process, ulong address, Access access) =>
        _bench.Kernel.PageFaults.Touch(process, address, access);

    private ulong Entry(Process process, ulong address)
    {
        ulong* entry = _bench.Kernel.PageTables.Find(process.AddressSpace.Root, address);
        return entry is null ? 0 : *entry;
    }

    [Test]
    public void Anonymous_page_comes_zeroed_private_and_not_executable_at_first_touch()
    {
        Process process = _bench.MakeBareProcess();
        _bench.Map(process, MemoryBench.Base, 4);
        Assert.That(Entry(process, MemoryBench.Base), Is.Zero);
        Assert.That(Touch(process, MemoryBench.Base, Access.Write), Is.EqualTo(TouchResult.Ok));
        ulong entry = Entry(process, MemoryBench.Base);
        Assert.That(entry & 0xFFF, Is.EqualTo(
            PageEntry.Present | PageEntry.Writable | PageEntry.User | PageEntry.Owned));
        Assert.That(entry & PageEntry.NoExecute, Is.Not.Zero);
        Assert.That(_bench.ReadWord(process, MemoryBench.Base), Is.Zero);
    }

    [Test]
    public void Page_zero_and_addresses_of_the_kernel_are_never_mapped()
    {
        Process process = _bench.MakeBareProcess();
        ulong[] bad =
        [
            0, 0x1000, 0x3F_F000, AddressMap.UserLowEnd, AddressMap.UserHighFirst - 0x1000,
            AddressMap.UserHighEnd, 0x8000_0000_0000_0000, AddressMap.DirectMap,
            0xFFFF_FFFF_FFFF_F000,
        ];
        foreach (ulong address in bad)
        {
            Assert.That(_bench.Map(process, address, 1), Is.EqualTo(Status.BadArgument));
            Assert.That(Touch(process, address, Access.Read), Is.EqualTo(TouchResult.NotAllowed));
        }

        Assert.That(_bench.Map(process, AddressMap.UserLowEnd - MemoryBench.Page, 2),
            Is.EqualTo(Status.BadArgument), "straddles the kernel image");
    }

    [Test]
    public void Access_beyond_the_protection_is_not_allowed()
    {
        Process process = _bench.MakeBareProcess();
        ulong page = MemoryBench.Base;
        _bench.Map(process, page, 1, Protection.Read);
        Assert.That(Touch(process, page, Access.Read), Is.EqualTo(TouchResult.Ok));
        Assert.That(Touch(process, page, Access.Write), Is.EqualTo(TouchResult.NotAllowed));
        Assert.That(Touch(process, page, Access.Execute), Is.EqualTo(TouchResult.NotAllowed));
        Assert.That(Entry(process, page) & PageEntry.Writable, Is.Zero);
    }

    [Test]
    public void Quota_stops_a_process_and_nobody_else()
    {
        Process small = _bench.MakeBareProcess(quotaPages: 8), other = _bench.MakeBareProcess();
        _bench.Map(small, MemoryBench.Base, 64);
        _bench.Map(other, MemoryBench.Base, 64);
        ulong touched = 0;
        while (Touch(small, MemoryBench.Base + touched * MemoryBench.Page, Access.Write)
            == TouchResult.Ok)
        {
            touched++;
        }

        // Root, the table below its entry 0, and two more for the first page are charged too.
        Assert.That(touched, Is.EqualTo(4));
        Assert.That(small.MemoryPages, Is.EqualTo(8));
        Assert.That(Touch(small, MemoryBench.Base + 63 * MemoryBench.Page, Access.Read),
            Is.EqualTo(TouchResult.NoMemory));
        Assert.That(Touch(other, MemoryBench.Base, Access.Write), Is.EqualTo(TouchResult.Ok));
    }

    [Test]
    public void Machine_without_frames_answers_NoMemory_and_gets_all_back()
    {
        Process process = _bench.MakeBareProcess(quotaPages: uint.MaxValue);
        _bench.Map(process, MemoryBench.Base, 4096);
        ulong page = MemoryBench.Base;
        while (Touch(process, page, Access.Write) == TouchResult.Ok) page += MemoryBench.Page;
        Assert.That(_bench.Kernel.Frames.FreeFrames, Is.Zero);
        _bench.End(process);
        Assert.That(_bench.Kernel.Frames.FreeFrames, Is.EqualTo(_bench.FreeAtStart));
    }

    [Test]
    public void Inaccessible_page_keeps_its_contents()
    {
        Process process = _bench.MakeBareProcess();
        ulong page = MemoryBench.Base;
        _bench.Map(process, page, 1);
        _bench.WriteWord(process, page, 42);
        _bench.Kernel.Mappings.TryProtect(process, page, page + 4096, Protection.None);
        Assert.That(Entry(process, page) & PageEntry.Present, Is.Zero);
        Assert.That(Touch(process, page, Access.Read), Is.EqualTo(TouchResult.NotAllowed));
        _bench.Kernel.Mappings.TryProtect(process, page, page + 4096, Protection.Read);
        Assert.That(_bench.ReadWord(process, page), Is.EqualTo(42));
    }

    [Test]
    public void Reserved_span_costs_nothing_until_it_is_touched()
    {
        Process process = _bench.MakeBareProcess();
        uint before = process.MemoryPages;
        ulong free = _bench.Kernel.Frames.FreeFrames;
        Assert.That(_bench.Map(process, MemoryBench.Base, 1UL << 24, Protection.None),
            Is.EqualTo(Status.Ok));
        Assert.That(process.MemoryPages, Is.EqualTo(before));
        Assert.That(_bench.Kernel.Frames.FreeFrames, Is.EqualTo(free));
    }

    [Test]
    public void Changed_translation_of_a_present_page_is_invalidated()
    {
        Process process = _bench.MakeBareProcess();
        ulong page = MemoryBench.Base;
        _bench.Map(process, page, 1);
        Touch(process, page, Access.Write);
        int before = _bench.Machine.Invalidations;
        _bench.Kernel.Mappings.TryProtect(process, page, page + 4096, Protection.Read);
        Assert.That(_bench.Machine.Invalidations, Is.EqualTo(before + 1));
        _bench.Kernel.Mappings.TryUnmap(process, page, page + 4096);
        Assert.That(_bench.Machine.Invalidations, Is.EqualTo(before + 2));
    }

    [Test]
    public void Write_and_execute_together_are_refused()
    {
        Process process = _bench.MakeBareProcess();
        ulong page = MemoryBench.Base;
        _bench.Map(process, page, 1);
        Assert.That(_bench.Kernel.Mappings.TryProtect(process, page, page + 4096,
            Protection.Write | Protection.Execute), Is.EqualTo(Status.BadArgument));
    }

    [Test]
    public void Reclaim_leaves_the_root_before_its_first_table_is_freed()
    {
        Process process = _bench.MakeBareProcess();
        _bench.Map(process, MemoryBench.Base, 2);
        Touch(process, MemoryBench.Base, Access.Write);
        ulong root = process.AddressSpace.Root;
        int steps = 1;
        Assert.That(_bench.Kernel.Mappings.ReclaimSlice(process, ref steps), Is.False);
        Assert.That(_bench.Machine.ForgottenRoot, Is.EqualTo(root));
        for (int slices = 1; ; slices++)
        {
            steps = 10;
            if (!_bench.Kernel.Mappings.ReclaimSlice(process, ref steps)) continue;
            Assert.That(slices, Is.GreaterThan(2), "it takes slices");
            break;
        }

        Assert.That(process.MemoryPages, Is.Zero);
        Assert.That(_bench.Kernel.Frames.FreeFrames, Is.EqualTo(_bench.FreeAtStart));
    }

    [Test]
    public void Region_quota_stops_a_process_and_leaves_its_mappings_whole()
    {
        Process process = _bench.MakeBareProcess(4096);
        ulong page = MemoryBench.Base;
        uint count = 0;
        while (_bench.Map(process, page, 1) == Status.Ok)
        {
            count++;
            page += 2 * MemoryBench.Page;
        }

        Assert.That(count, Is.EqualTo(Limits.RegionsPerProcess));
        Assert.That(_bench.Kernel.Mappings.TryUnmap(process, MemoryBench.Base,
            MemoryBench.Base + MemoryBench.Page), Is.EqualTo(Status.QuotaExceeded));
        Assert.That(_bench.TryWriteByte(process, MemoryBench.Base, 1), Is.True);
        _bench.End(process);
        Assert.That(_bench.Kernel.Frames.FreeFrames, Is.EqualTo(_bench.FreeAtStart));
    }
}
