// Memory objects live as long as a capability or a mapping, and are paid for by their maker.

using System;
using CosmosKernel.Memory;
using CosmosKernel.Processes;
using NUnit.Framework;
using Shared.Abi;

namespace Tests.Unit.CosmosKernel.Memory;

[TestFixture]
public sealed class MemoryObjectTests
{
    private MemoryBench _bench = null!;
    private Process _payer = null!;

    [SetUp]
    public void SetUp()
    {
        _bench = new MemoryBench();
        _payer = _bench.MakeBareProcess();
    }

    [TearDown] public void TearDown() => _bench.Dispose();

    private MemoryObject Make(ulong lengthBytes)
    {
        Assert.That(_bench.Kernel.MemoryObjects.TryMakeRam(_payer, lengthBytes, out var made),
            Is.EqualTo(Status.Ok));
        made.Capabilities = 1;
        return made;
    }

    private Status Map(Process process, MemoryObject shown, ulong first, ulong pages) =>
        _bench.Kernel.Mappings.TryMap(process, new Region
        {
            First = first, End = first + pages * MemoryBench.Page, Object = shown,
            Kind = RegionKind.Memory, Protection = MemoryBench.ReadWrite,
        });

    private void Drop(MemoryObject dropped)
    {
        dropped.Capabilities--;
        _bench.Kernel.MemoryObjects.Settle(dropped);
        _bench.Kernel.Reclaimer.RunAll();
    }

    [Test]
    public void Memory_object_is_seen_by_both_processes_and_charged_to_its_maker()
    {
        Process other = _bench.MakeBareProcess();
        uint before = _payer.MemoryPages;
        MemoryObject shared = Make(3 * MemoryBench.Page);
        Assert.That(_payer.MemoryPages - before, Is.EqualTo(3 + 2));
        Map(_payer, shared, MemoryBench.Base, 3);
        Map(other, shared, MemoryBench.Base + 0x10_0000, 3);
        _bench.WriteWord(_payer, MemoryBench.Base + 4096, 77);
        Assert.That(_bench.ReadWord(other, MemoryBench.Base + 0x10_0000 + 4096), Is.EqualTo(77));
    }

    [Test]
    public void Memory_object_lives_as_long_as_a_mapping_shows_it()
    {
        MemoryObject shared = Make(2 * MemoryBench.Page);
        uint charged = _payer.MemoryPages;
        Map(_payer, shared, MemoryBench.Base, 2);
        _bench.WriteWord(_payer, MemoryBench.Base, 5);
        Drop(shared);
        Assert.That(_bench.ReadWord(_payer, MemoryBench.Base), Is.EqualTo(5));
        _bench.Kernel.Mappings.TryUnmap(
            _payer, MemoryBench.Base, MemoryBench.Base + 2 * MemoryBench.Page);
        _bench.Kernel.Reclaimer.RunAll();
        Assert.That(shared.Kind, Is.EqualTo(MemoryObjectKind.Free));
        Assert.That(_payer.MemoryPages, Is.LessThan(charged + 4));
        _bench.End(_payer);
        Assert.That(_bench.Kernel.Frames.FreeFrames, Is.EqualTo(_bench.FreeAtStart));
    }

    [Test]
    public void Partial_unmaps_keep_the_object_until_the_last_piece_goes()
    {
        MemoryObject shared = Make(5 * MemoryBench.Page);
        Map(_payer, shared, MemoryBench.Base, 5);
        Drop(shared);
        for (ulong page = 0; page < 5; page += 2)
        {
            ulong first = MemoryBench.Base + page * MemoryBench.Page;
            _bench.WriteWord(_payer, first, page);
            _bench.Kernel.Mappings.TryUnmap(_payer, first, first + MemoryBench.Page);
            Assert.That(shared.Kind, Is.EqualTo(MemoryObjectKind.Ram));
        }

        Assert.That(shared.Mappings, Is.EqualTo(2));
        _bench.Kernel.Mappings.TryUnmap(
            _payer, MemoryBench.Base, MemoryBench.Base + 5 * MemoryBench.Page);
        _bench.Kernel.Reclaimer.RunAll();
        Assert.That(shared.Kind, Is.EqualTo(MemoryObjectKind.Free));
    }

    [Test]
    public void Death_of_every_holder_frees_the_object()
    {
        Process other = _bench.MakeBareProcess();
        MemoryObject shared = Make(600 * MemoryBench.Page);
        Map(other, shared, MemoryBench.Base, 600);
        for (ulong page = 0; page < 600; page += 50)
        {
            _bench.WriteWord(other, MemoryBench.Base + page * MemoryBench.Page, 1);
        }

        Drop(shared);
        _bench.End(_payer);
        Assert.That(_bench.ReadWord(other, MemoryBench.Base), Is.EqualTo(1));
        _bench.End(other);
        _bench.Kernel.Reclaimer.RunAll();
        Assert.That(_bench.Kernel.MemoryObjects.Count, Is.EqualTo(1), "the boot image");
        Assert.That(_bench.Kernel.Frames.FreeFrames, Is.EqualTo(_bench.FreeAtStart));
    }

    [TestCase(0UL, Status.BadArgument)]
    [TestCase(ulong.MaxValue, Status.TooLarge)]
    [TestCase(1UL << 29, Status.NoMemory)]
    public void Impossible_sizes_are_refused_without_a_trace(ulong lengthBytes, Status expected)
    {
        uint before = _payer.MemoryPages;
        Assert.That(_bench.Kernel.MemoryObjects.TryMakeRam(_payer, lengthBytes, out _),
            Is.EqualTo(expected));
        Assert.That(_payer.MemoryPages, Is.EqualTo(before));
        Assert.That(_bench.Kernel.MemoryObjects.Count, Is.EqualTo(1));
    }

    [Test]
    public void Table_of_objects_runs_out_with_QuotaExceeded_and_recovers()
    {
        MemoryObject? last = null;
        Status status;
        while ((status = _bench.Kernel.MemoryObjects.TryMakeRam(_payer, 1, out var made))
            == Status.Ok)
        {
            made.Capabilities = 1;
            last = made;
        }

        Assert.That(status, Is.EqualTo(Status.QuotaExceeded));
        Drop(last!);
        Assert.That(_bench.Kernel.MemoryObjects.TryMakeRam(_payer, 1, out _),
            Is.EqualTo(Status.Ok));
    }
}
