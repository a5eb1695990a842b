// ImageOpen, ProcessCreate and ProcessStart, as ring 3 makes them; failures leave no trace.

using System;
using System.Runtime.InteropServices;
using System.Text;
using CosmosKernel.Memory;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using NUnit.Framework;
using Shared.Abi;
using Tests.Unit.CosmosKernel.Memory;

namespace Tests.Unit.CosmosKernel.Processes;

[TestFixture]
public sealed unsafe class ProcessMakingTests
{
    private const ulong Scratch = MemoryBench.Base, SpecAddress = MemoryBench.Base + 4096;

    private MemoryBench _bench = null!;
    private Process _maker = null!;
    private Thread _thread = null!;
    private ulong _machine, _image;
    private ProcessSpec _spec;

    [SetUp]
    public void SetUp()
    {
        _bench = new MemoryBench();
        _maker = _bench.MakeProcess();
        _maker.Layer = Layer.Driver;
        _thread = _maker.MainThread!;
        _bench.Map(_maker, Scratch, 4);
        _bench.TryWriteByte(_maker, Scratch, 0);
        _bench.TryWriteByte(_maker, SpecAddress, 0);
        _machine = Give(ObjectType.Machine, 0, Rights.All);
        _image = Give(ObjectType.Memory, 0, Rights.Read | Rights.Execute);
        _spec = new ProcessSpec
        {
            Image = _image, MemoryQuotaPages = 64, HandleQuota = 8, ThreadQuota = 2,
            Priority = Priority.Server, LayerValue = Layer.Program.Value, Incarnation = 3,
        };
    }

    [TearDown] public void TearDown() => _bench.Dispose();

    private ulong Give(ObjectType type, int index, Rights rights)
    {
        _bench.Kernel.Capabilities.Create(_maker, type, index, rights, out Handle handle);
        return handle.Value;
    }

    private Status Create()
    {
        _bench.Kernel.UserMemory.TryWrite(_maker, SpecAddress, MemoryMarshal.AsBytes(
            new ReadOnlySpan<ProcessSpec>(in _spec)));
        return _bench.Call(_thread, SystemCall.ProcessCreate, _machine, SpecAddress);
    }

    private Status Start(ulong process, string block, ulong arguments)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(block);
        _bench.Kernel.UserMemory.TryWrite(_maker, Scratch, bytes);
        return _bench.Call(_thread, SystemCall.ProcessStart, process, Scratch,
            (ulong)bytes.Length, arguments);
    }

    [Test]
    public void Created_process_starts_at_the_entry_of_its_image_with_its_quotas()
    {
        Assert.That(Create(), Is.EqualTo(Status.Ok));
        ulong handle = _thread.Frame->A0;
        Process child = _bench.Kernel.Processes.FindById(
            new ProcessId((uint)_thread.Frame->A1))!;
        Assert.That(child.State, Is.EqualTo(ProcessState.Created));
        Assert.That(child.FirstThread, Is.Null);
        Assert.That((child.MemoryQuotaPages, child.HandleQuota, child.ThreadQuota,
            child.Priority, child.Layer, child.Incarnation), Is.EqualTo(
            (64u, (ushort)8, (ushort)2, Priority.Server, Layer.Program, 3u)));
        Assert.That(Start(handle, "name\0A=B\0", 1), Is.EqualTo(Status.Ok));
        Thread first = child.MainThread!;
        Assert.That(first.State, Is.EqualTo(ThreadState.Ready));
        Assert.That(first.Frame->Rip, Is.EqualTo(TestElf.Entry));
        Assert.That(first.Frame->Cr3, Is.EqualTo(child.AddressSpace.Root));
        Assert.That(first.Frame->Rflags, Is.EqualTo(0x202));
        Assert.That(_bench.ReadWord(child, first.Frame->Rsp), Is.EqualTo(1));
        Assert.That(Start(handle, "name\0", 1), Is.EqualTo(Status.BadArgument), "only once");
    }

    [Test]
    public void Refused_processes_leave_no_trace()
    {
        int regions = _bench.Kernel.Regions.FreeCount, processes = _bench.Kernel.Processes.Count;
        ulong free = _bench.Kernel.Frames.FreeFrames;
        ProcessSpec good = _spec;
        void Check(Status expected, string why)
        {
            Assert.That(Create(), Is.EqualTo(expected), why);
            Assert.That(_bench.Kernel.Processes.Count, Is.EqualTo(processes), why);
            Assert.That(_bench.Kernel.Regions.FreeCount, Is.EqualTo(regions), why);
            Assert.That(_bench.Kernel.Frames.FreeFrames, Is.EqualTo(free), why);
            _spec = good;
        }

        _spec.LayerValue = Layer.Driver.Value;
        Check(Status.LayerViolation, "its maker's layer");
        _spec.Image = _machine;
        Check(Status.WrongType, "no image");
        _spec.Image = 99;
        Check(Status.BadHandle, "no handle");
        _spec.Vault = 99;
        Check(Status.BadHandle, "no vault");
        _spec.MemoryQuotaPages = 1;
        Check(Status.NoMemory, "too little memory");
        _maker.HandleQuota = (ushort)_maker.HandleCount;
        Check(Status.QuotaExceeded, "no room for its handle");
    }

    [Test]
    public void Image_without_the_right_to_execute_is_refused()
    {
        _spec.Image = Give(ObjectType.Memory, 0, Rights.Read);
        Assert.That(Create(), Is.EqualTo(Status.NoRight));
    }

    [Test]
    public void Memory_that_is_no_image_is_BadImage()
    {
        _bench.Call(_thread, SystemCall.MemoryCreate, 8192);
        _spec.Image = _thread.Frame->A0;
        Assert.That(Create(), Is.EqualTo(Status.BadImage));
    }

    [Test]
    public void Vault_in_use_is_refused_and_free_after_its_owner()
    {
        _bench.Call(_thread, SystemCall.VaultCreate, 8192);
        _spec.Vault = _thread.Frame->A0;
        Assert.That(Create(), Is.EqualTo(Status.Ok));
        ulong first = _thread.Frame->A0;
        Assert.That(Create(), Is.EqualTo(Status.Locked));
        Assert.That(_bench.Call(_thread, SystemCall.ProcessKill, first,
            (ulong)DeathCause.Killed), Is.EqualTo(Status.Ok));
        Assert.That(Create(), Is.EqualTo(Status.Ok));
    }

    [TestCase(0UL)]
    [TestCase(AddressMap.DirectMap)]
    [TestCase(MemoryBench.Base + 4 * 4096 - 64)]
    public void Specification_at_a_bad_address_ends_the_caller(ulong address)
    {
        _bench.Call(_thread, SystemCall.ProcessCreate, _machine, address);
        Assert.That(_maker.Death.Cause, Is.EqualTo(DeathCause.MalformedCall));
    }

    [Test]
    public void Specification_with_undefined_bits_ends_the_caller()
    {
        _spec.Kind = (ProcessKind)2;
        Create();
        Assert.That(_maker.Death.Cause, Is.EqualTo(DeathCause.MalformedCall));
    }

    [Test]
    public void Start_block_at_a_bad_address_ends_the_caller_not_the_child()
    {
        Create();
        ulong handle = _thread.Frame->A0;
        Process child = _bench.Kernel.Processes.FindById(
            new ProcessId((uint)_thread.Frame->A1))!;
        _bench.Call(_thread, SystemCall.ProcessStart, handle, AddressMap.DirectMap, 64, 1);
        Assert.That(_maker.Death.Cause, Is.EqualTo(DeathCause.MalformedCall));
        Assert.That(child.State, Is.EqualTo(ProcessState.Created));
    }

    [Test]
    public void Start_is_refused_for_what_cannot_be_started()
    {
        Create();
        ulong handle = _thread.Frame->A0;
        Assert.That(Start(handle, "no end", 1), Is.EqualTo(Status.BadArgument));
        Assert.That(_bench.Call(_thread, SystemCall.ProcessStart, handle, Scratch,
            Limits.StartBlockBytes + 1, 1), Is.EqualTo(Status.TooLarge));
        _bench.Call(_thread, SystemCall.ProcessKill, handle, (ulong)DeathCause.Killed);
        Assert.That(Start(handle, "a\0", 1), Is.EqualTo(Status.Exited));
        Assert.That(Start(_machine, "a\0", 1), Is.EqualTo(Status.WrongType));
    }

    [Test]
    public void Images_are_opened_by_name_to_be_read_and_executed()
    {
        Status Open(string name)
        {
            _bench.Kernel.UserMemory.TryWrite(_maker, Scratch, Encoding.UTF8.GetBytes(name));
            return _bench.Call(
                _thread, SystemCall.ImageOpen, _machine, Scratch, (ulong)name.Length);
        }

        Assert.That(Open("hello"), Is.EqualTo(Status.Ok));
        ulong handle = _thread.Frame->A0;
        Assert.That(_bench.Call(_thread, SystemCall.MemoryMap, handle, 0, 4096,
            (ulong)Rights.Read), Is.EqualTo(Status.Ok));
        Assert.That(_bench.ReadWord(_maker, _thread.Frame->A0) & 0xFFFF_FFFF,
            Is.EqualTo(0x464C_457F));
        Assert.That(_bench.Call(_thread, SystemCall.MemoryMap, handle, 0, 4096,
            (ulong)(Rights.Read | Rights.Write)), Is.EqualTo(Status.NoRight));
        Assert.That(Open("hell"), Is.EqualTo(Status.NotFound));
        Assert.That(Open(""), Is.EqualTo(Status.NotFound));
        Assert.That(_bench.Call(_thread, SystemCall.ImageOpen, _machine, Scratch, 4000),
            Is.EqualTo(Status.NotFound));
        _bench.Call(_thread, SystemCall.ImageOpen, _machine, AddressMap.DirectMap, 5);
        Assert.That(_maker.Death.Cause, Is.EqualTo(DeathCause.MalformedCall));
    }

    [Test]
    public void Hundred_lives_leave_everything_as_it_was()
    {
        ulong free = 0;
        for (int round = 0; round < 100; round++)
        {
            Assert.That(Create(), Is.EqualTo(Status.Ok));
            ulong handle = _thread.Frame->A0;
            Assert.That(Start(handle, "x\0", 1), Is.EqualTo(Status.Ok));
            _bench.Call(_thread, SystemCall.ProcessKill, handle, (ulong)DeathCause.Killed);
            Assert.That(_bench.Call(_thread, SystemCall.ProcessCollect, handle, Scratch, 0, 0),
                Is.EqualTo(Status.Ok));
            Assert.That(_bench.Call(_thread, SystemCall.Close, handle), Is.EqualTo(Status.Ok));
            _bench.Kernel.Reclaimer.RunAll();
            if (round == 0) free = _bench.Kernel.Frames.FreeFrames;
        }

        Assert.That(_bench.Kernel.Frames.FreeFrames, Is.EqualTo(free));
        Assert.That(_bench.Kernel.Processes.Count, Is.EqualTo(1));
        Assert.That(_bench.Kernel.Threads.Count, Is.EqualTo(1));
    }
}
