// MemoryCreate, MemoryMap, MemoryUnmap and the vault's calls, as ring 3 makes them.

using System;
using CosmosKernel.Memory;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using NUnit.Framework;
using Shared.Abi;

namespace Tests.Unit.CosmosKernel.Memory;

[TestFixture]
public sealed unsafe class MemoryCallTests
{
    private const ulong ReadRight = (ulong)Rights.Read;
    private const ulong ReadWriteRights = (ulong)(Rights.Read | Rights.Write);

    private MemoryBench _bench = null!;
    private Process _process = null!;
    private Thread _thread = null!;

    [SetUp]
    public void SetUp()
    {
        _bench = new MemoryBench();
        _process = _bench.MakeProcess();
        _thread = _process.MainThread!;
    }

    [TearDown] public void TearDown() => _bench.Dispose();

    private Status Call(SystemCall number, params ReadOnlySpan<ulong> arguments) =>
        _bench.Call(_thread, number, arguments);

    private ulong Create(ulong lengthBytes)
    {
        Assert.That(Call(SystemCall.MemoryCreate, lengthBytes), Is.EqualTo(Status.Ok));
        return _thread.Frame->A0;
    }

    private ulong Give(ObjectType type, int index, Rights rights)
    {
        _bench.Kernel.Capabilities.Create(_process, type, index, rights, out Handle handle);
        return handle.Value;
    }

    [Test]
    public void Created_memory_is_mapped_at_its_offset_and_unmapped_again()
    {
        ulong handle = Create(3 * 4096);
        Assert.That(Call(SystemCall.MemoryMap, handle, 0, 3 * 4096, ReadWriteRights),
            Is.EqualTo(Status.Ok));
        ulong all = _thread.Frame->A0;
        Assert.That(Call(SystemCall.MemoryMap, handle, 4096, 4096, ReadRight),
            Is.EqualTo(Status.Ok));
        ulong middle = _thread.Frame->A0;
        _bench.WriteWord(_process, all + 4096, 42);
        Assert.That(_bench.ReadWord(_process, middle), Is.EqualTo(42));
        Assert.That(_bench.TryWriteByte(_process, middle, 1), Is.False, "mapped to read");
        Assert.That(Call(SystemCall.MemoryUnmap, middle, 4096), Is.EqualTo(Status.Ok));
        Assert.That(_bench.TryWriteByte(_process, middle, 1), Is.False);
        Assert.That(Call(SystemCall.Close, handle), Is.EqualTo(Status.Ok));
        Assert.That(_bench.ReadWord(_process, all + 4096), Is.EqualTo(42), "still mapped");
    }

    [TestCase(0UL, 0UL, ReadRight)]
    [TestCase(1UL, 4096UL, ReadRight)]
    [TestCase(0UL, 4 * 4096UL, ReadRight)]
    [TestCase(2 * 4096UL, 2 * 4096UL, ReadRight)]
    [TestCase(ulong.MaxValue - 4095, 4096UL, ReadRight)]
    [TestCase(0UL, ulong.MaxValue, ReadRight)]
    [TestCase(0UL, 4096UL, 0UL)]
    [TestCase(0UL, 4096UL, (ulong)(Rights.Read | Rights.Execute))]
    [TestCase(0UL, 4096UL, ulong.MaxValue)]
    public void Impossible_mappings_are_refused(ulong offset, ulong lengthBytes, ulong rights)
    {
        ulong handle = Create(3 * 4096);
        Assert.That(Call(SystemCall.MemoryMap, handle, offset, lengthBytes, rights),
            Is.EqualTo(Status.BadArgument));
    }

    [Test]
    public void Mapping_needs_the_rights_that_it_asks_for_and_the_right_object()
    {
        Create(4096);
        ulong reader = Give(ObjectType.Memory, 1, Rights.Read);
        Assert.That(Call(SystemCall.MemoryMap, reader, 0, 4096, ReadWriteRights),
            Is.EqualTo(Status.NoRight));
        Assert.That(Call(SystemCall.MemoryMap, Give(ObjectType.Machine, 0, Rights.All), 0, 4096,
            ReadRight), Is.EqualTo(Status.WrongType));
        Assert.That(Call(SystemCall.MemoryMap, 12345, 0, 4096, ReadRight),
            Is.EqualTo(Status.BadHandle));
    }

    [Test]
    public void Unmap_takes_only_what_was_mapped_so()
    {
        foreach (ulong bad in new[]
            { TestElf.Text, AddressMap.MainStackTop - 4096, 0UL, AddressMap.DirectMap })
        {
            Assert.That(Call(SystemCall.MemoryUnmap, bad, 4096), Is.EqualTo(Status.BadArgument));
        }

        Assert.That(Call(SystemCall.MemoryUnmap, TestElf.Text, ulong.MaxValue),
            Is.EqualTo(Status.BadArgument));
    }

    [Test]
    public void Device_memory_is_mapped_uncached_and_never_freed()
    {
        const ulong Registers = 0x7_F000;
        _bench.Kernel.MemoryObjects.TryMakeFixed(
            MemoryObjectKind.Device, Registers, 4096, out MemoryObject device);
        ulong handle = Give(ObjectType.DeviceMemory, device.Index, Rights.All);
        Assert.That(Call(SystemCall.MemoryMap, handle, 0, 4096, ReadWriteRights),
            Is.EqualTo(Status.Ok));
        ulong address = _thread.Frame->A0;
        _bench.WriteWord(_process, address, 7);
        ulong entry = *_bench.Kernel.PageTables.Find(_process.AddressSpace.Root, address);
        Assert.That(entry & PageEntry.FrameMask, Is.EqualTo(Registers));
        Assert.That(entry & PageEntry.NoCache, Is.EqualTo(PageEntry.NoCache));
        Assert.That(entry & PageEntry.NoExecute, Is.Not.Zero);
        _bench.End(_process);
        Assert.That(_bench.Kernel.MemoryObjects.Count, Is.EqualTo(1));
        Assert.That(_bench.Kernel.Frames.FreeFrames, Is.EqualTo(_bench.FreeAtStart));
    }

    [Test]
    public void Vault_calls_need_a_vault_and_whole_pages_of_it()
    {
        Assert.That(Call(SystemCall.VaultDiscard, 0, 4096), Is.EqualTo(Status.NotFound));
        Assert.That(Call(SystemCall.VaultCreate, 0), Is.EqualTo(Status.BadArgument));
        Assert.That(Call(SystemCall.VaultCreate, ulong.MaxValue), Is.EqualTo(Status.TooLarge));
        Assert.That(Call(SystemCall.VaultCreate, 3 * 4096), Is.EqualTo(Status.Ok));
        _bench.Kernel.Vaults.TryGiveTo(_bench.Kernel.Vaults[0], _process);
        _bench.Kernel.Processes.AttachVault(_process, 0);
        Assert.That(Call(SystemCall.VaultDiscard, 0, 3 * 4096), Is.EqualTo(Status.Ok));
        foreach ((ulong offset, ulong length) in new[]
            { (1UL, 4096UL), (0UL, 100UL), (4096UL, 3 * 4096UL), (ulong.MaxValue - 4095, 8192UL) })
        {
            Assert.That(Call(SystemCall.VaultDiscard, offset, length),
                Is.EqualTo(Status.BadArgument));
        }
    }

    [Test]
    public void Closed_handles_give_everything_back()
    {
        for (int round = 0; round < 100; round++)
        {
            ulong memory = Create(64 * 4096);
            Assert.That(Call(SystemCall.VaultCreate, 1 << 20), Is.EqualTo(Status.Ok));
            ulong vault = _thread.Frame->A0;
            Assert.That(Call(SystemCall.Close, memory), Is.EqualTo(Status.Ok));
            Assert.That(Call(SystemCall.Close, vault), Is.EqualTo(Status.Ok));
            _bench.Kernel.Reclaimer.RunAll();
        }

        Assert.That(_bench.Kernel.MemoryObjects.Count, Is.EqualTo(1));
        Assert.That(_bench.Kernel.Vaults.Count, Is.Zero);
        _bench.End(_process);
        Assert.That(_bench.Kernel.Frames.FreeFrames, Is.EqualTo(_bench.FreeAtStart));
    }
}
