// A template and its copies: what is shared, what is not, and who keeps the frames for how long.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using CosmosKernel.Arch.X64.Linux;
using CosmosKernel.Diagnostics.Auditing;
using CosmosKernel.Memory;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using NUnit.Framework;
using Shared.Abi;
using Tests.Unit.CosmosKernel.Memory;

namespace Tests.Unit.CosmosKernel.Processes;

[TestFixture]
public sealed unsafe class SnapshotTests
{
    private const ulong Scratch = MemoryBench.Base, SpecAddress = MemoryBench.Base + 4096;
    private const ulong Heap = MemoryBench.Base + 0x100_0000;
    private const uint FutexCall = 202, MprotectCall = 10, MadviseCall = 28, MunmapCall = 11;
    private const uint MmapCall = 9, GettidCall = 186;
    private const ulong DontNeed = 4, PrivateAnonymous = 0x22, Fixed = 0x10;

    private MemoryBench _bench = null!;
    private Process _maker = null!, _template = null!;
    private Thread _thread = null!;
    private ulong _machine, _templateHandle;
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
        _spec = new ProcessSpec
        {
            Image = Give(ObjectType.Memory, 0, Rights.Read | Rights.Execute),
            Kind = ProcessKind.Template, MemoryQuotaPages = 64, ThreadQuota = 2,
            Priority = Priority.Program, LayerValue = Layer.Program.Value,
        };
        (_templateHandle, _template) = Start();
        _bench.Map(_template, Heap, 4);
        for (ulong page = 0; page < 3; page++)
            _bench.TryWriteByte(_template, Heap + page * 4096, (byte)(page + 1));
        _bench.TryWriteByte(_template, TestElf.Data, 77);
        _spec.Kind = ProcessKind.Ordinary;
        _spec.Image = _templateHandle;
        _spec.HandleQuota = 8;
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

    private (ulong Handle, Process Process) Start()
    {
        Assert.That(Create(), Is.EqualTo(Status.Ok));
        ulong handle = _thread.Frame->A0;
        Process made = _bench.Kernel.Processes.FindById(
            new ProcessId((uint)_thread.Frame->A1))!;
        _bench.Kernel.UserMemory.TryWrite(_maker, Scratch, "name\0A=B\0"u8);
        Assert.That(_bench.Call(_thread, SystemCall.ProcessStart, handle, Scratch, 9, 1),
            Is.EqualTo(Status.Ok));
        return (handle, made);
    }

    /// <summary>The template's second thread waits on a futex, as a finalizer does.</summary>
    private Thread AddWaiter()
    {
        Thread waiter = _bench.Kernel.Threads.Create(_template)!;
        waiter.Frame->Cr3 = _template.AddressSpace.Root;
        waiter.Frame->Rip = 0x1234;
        waiter.Linux.ClearChildTidAddress = Heap + 64;
        _bench.Linux(waiter, FutexCall, Heap + 128, 0, 0);
        Assert.That(waiter.State, Is.EqualTo(ThreadState.InFutex));
        return waiter;
    }

    private void Take()
    {
        _bench.Call(_template.MainThread!, SystemCall.Snapshot);
        Assert.That(_template.State, Is.EqualTo(ProcessState.Template));
    }

    [Test]
    public void Copy_goes_on_where_the_template_has_ended_with_a_start_block_of_its_own()
    {
        _template.MainThread!.Frame->Rip = 0x40_1234;
        ulong stackPointer = _template.MainThread.Frame->Rsp;
        Take();
        (_, Process copy) = Start();
        Thread main = copy.MainThread!;
        Assert.That((main.State, main.IsStopped), Is.EqualTo((ThreadState.Ready, false)));
        Assert.That(main.Frame->Rip, Is.EqualTo(0x40_1234));
        Assert.That(main.Frame->Rsp, Is.EqualTo(stackPointer));
        Assert.That(main.Frame->Cr3, Is.EqualTo(copy.AddressSpace.Root));
        Assert.That(main.Frame->A0, Is.LessThan(stackPointer - 128));
        Assert.That(_bench.ReadWord(copy, main.Frame->A0), Is.EqualTo(1), "argument count");
        ulong name = _bench.ReadWord(copy, main.Frame->A0 + 8);
        Assert.That(_bench.ReadByte(copy, name), Is.EqualTo((byte)'n'));
        Assert.That(_template.MainThread.IsStopped, "it never runs again");
    }

    [Test]
    public void Copies_show_the_templates_pages_until_one_writes()
    {
        Take();
        ulong free = _bench.Kernel.Frames.FreeFrames;
        (_, Process one) = Start();
        (_, Process other) = Start();
        Assert.That(free - _bench.Kernel.Frames.FreeFrames, Is.LessThan(32), "tables and stacks");
        Assert.That(_bench.TryWriteByte(one, Heap, 99), Is.True);
        Assert.That(_bench.ReadByte(one, Heap), Is.EqualTo(99));
        Assert.That(_bench.ReadByte(other, Heap), Is.EqualTo(1));
        Assert.That(_bench.ReadByte(_template, Heap), Is.EqualTo(1));
        Assert.That(_bench.ReadByte(other, TestElf.Data), Is.EqualTo(77));
        _bench.TryWriteByte(other, TestElf.Data, 78);
        Assert.That(_bench.ReadByte(one, TestElf.Data), Is.EqualTo(77));
        Assert.That(_bench.ReadByte(other, Heap + 3 * 4096), Is.Zero, "never touched there");
    }

    [Test]
    public void What_the_first_copy_has_written_the_next_have_of_their_own_from_the_start()
    {
        Take();
        (_, Process first) = Start();
        _bench.TryWriteByte(first, Heap + 4096, 50);
        (_, Process second) = Start();
        ulong* own = _bench.Kernel.PageTables.Find(second.AddressSpace.Root, Heap + 4096);
        ulong* shown = _bench.Kernel.PageTables.Find(second.AddressSpace.Root, Heap);
        const ulong OwnBits = PageEntry.Owned | PageEntry.Writable;
        Assert.That(*own & OwnBits, Is.EqualTo(OwnBits));
        Assert.That(*shown & OwnBits, Is.Zero);
        Assert.That(_bench.ReadByte(second, Heap + 4096), Is.EqualTo(2), "as the template's");
    }

    [Test]
    public void Text_that_one_copy_has_come_to_the_next_have_from_the_start()
    {
        Take();
        (_, Process first) = Start();
        Assert.That(*_bench.Kernel.PageTables.Find(first.AddressSpace.Root, TestElf.Text),
            Is.Zero, "the template has not come there");
        _bench.ReadByte(first, TestElf.Text);
        (_, Process second) = Start();
        ulong entry = *_bench.Kernel.PageTables.Find(second.AddressSpace.Root, TestElf.Text);
        Assert.That(entry & PageEntry.FrameMask, Is.EqualTo(MemoryBench.ImageFirst + 0x1000));
        Assert.That(entry & (PageEntry.Writable | PageEntry.Owned), Is.Zero);
    }

    [Test]
    public void Text_that_a_copy_has_made_writable_does_not_get_into_its_template()
    {
        Take();
        (_, Process first) = Start();
        Assert.That(_bench.Kernel.Mappings.TryProtect(
            first, TestElf.ReadOnly, TestElf.ReadOnly + 4096, MemoryBench.ReadWrite),
            Is.EqualTo(Status.Ok));
        _bench.ReadByte(first, TestElf.ReadOnly);
        (_, Process second) = Start();
        _bench.ReadByte(second, TestElf.ReadOnly);
        Assert.That(_bench.TryWriteByte(second, TestElf.ReadOnly, 1), Is.False);
    }

    [Test]
    public void Protection_that_is_taken_and_given_back_does_not_make_a_shown_page_writable()
    {
        Take();
        (_, Process copy) = Start();
        Thread main = copy.MainThread!;
        Assert.That(_bench.Linux(main, MprotectCall, Heap, 4096, 0), Is.Zero);
        Assert.That(_bench.TryWriteByte(copy, Heap, 5), Is.False);
        Assert.That(_bench.Linux(main, MprotectCall, Heap, 4096, 3), Is.Zero);
        Assert.That(_bench.TryWriteByte(copy, Heap, 5), Is.True);
        Assert.That(_bench.ReadByte(_template, Heap), Is.EqualTo(1));
        Assert.That(_bench.ReadByte(copy, Heap), Is.EqualTo(5));
    }

    [Test]
    public void Discarded_and_unmapped_pages_of_a_copy_are_zero_and_the_templates_stay()
    {
        Take();
        (_, Process copy) = Start();
        Thread main = copy.MainThread!;
        Assert.That(_bench.Linux(main, MadviseCall, Heap, 4096, DontNeed), Is.Zero);
        Assert.That(_bench.ReadByte(copy, Heap), Is.Zero);
        Assert.That(_bench.Linux(main, MunmapCall, Heap + 4096, 4096), Is.Zero);
        Assert.That(_bench.Linux(main, MmapCall, Heap + 4096, 4096, 3,
            PrivateAnonymous | Fixed), Is.EqualTo((long)Heap + 4096));
        Assert.That(_bench.ReadByte(copy, Heap + 4096), Is.Zero);
        Assert.That(_bench.ReadByte(_template, Heap), Is.EqualTo(1));
        Assert.That(_bench.ReadByte(_template, Heap + 4096), Is.EqualTo(2));
    }

    [Test]
    public void Other_threads_are_copied_in_their_waits_with_ids_of_their_own()
    {
        Thread waiter = AddWaiter();
        Take();
        (_, Process one) = Start();
        (_, Process other) = Start();
        uint ThreadId(Process process) => (uint)_bench.ReadWord(process, Heap + 64);
        Thread copied = one.FirstThread == one.MainThread
            ? one.FirstThread!.NextInProcess! : one.FirstThread!;
        Assert.That(copied.State, Is.EqualTo(ThreadState.InFutex));
        Assert.That(copied.Frame->Rip, Is.EqualTo(0x1234));
        Assert.That(ThreadId(one), Is.EqualTo(copied.Id));
        Assert.That(ThreadId(other), Is.Not.EqualTo(ThreadId(one)).And.Not.Zero);
        Assert.That(_bench.Linux(one.MainThread!, GettidCall),
            Is.Not.EqualTo(_bench.Linux(other.MainThread!, GettidCall)));

        Assert.That(_bench.Linux(one.MainThread!, FutexCall, Heap + 128, 1, 1), Is.EqualTo(1));
        Assert.That(copied.State, Is.EqualTo(ThreadState.Ready));
        Assert.That(waiter.State, Is.EqualTo(ThreadState.InFutex), "the template's sleeps on");
        Assert.That(_bench.Linux(one.MainThread!, FutexCall, Heap + 128, 1, 1), Is.Zero);
    }

    [Test]
    public void Copies_get_random_words_that_differ()
    {
        Take();
        (_, Process one) = Start();
        (_, Process other) = Start();
        Assert.That(one.MainThread!.Frame->A1, Is.Not.EqualTo(other.MainThread!.Frame->A1));
    }

    [Test]
    public void Template_that_dies_keeps_its_frames_for_its_copies_and_then_leaves_nothing()
    {
        ulong free = _bench.Kernel.Frames.FreeFrames + _template.MemoryPages;
        int regions = _bench.Kernel.Regions.FreeCount + _template.AddressSpace.RegionCount;
        AddWaiter();
        Take();
        (ulong handle, Process copy) = Start();
        _bench.Call(_thread, SystemCall.ProcessKill, _templateHandle, (ulong)DeathCause.Killed);
        Collect(_templateHandle);
        _bench.Kernel.Reclaimer.RunAll();
        Assert.That(_bench.ReadByte(copy, Heap), Is.EqualTo(1));
        Assert.That(_bench.TryWriteByte(copy, Heap, 2), Is.True);
        Assert.That(Auditor.RunAll(_bench.Kernel).Leaked, Is.Zero);
        Assert.That(Create(), Is.EqualTo(Status.Exited), "of a dead template");

        _bench.Call(_thread, SystemCall.ProcessKill, handle, (ulong)DeathCause.Killed);
        Collect(handle);
        _bench.Call(_thread, SystemCall.Close, handle);
        _bench.Call(_thread, SystemCall.Close, _templateHandle);
        _bench.Kernel.Reclaimer.RunAll();
        Assert.That(_bench.Kernel.Frames.FreeFrames, Is.EqualTo(free));
        Assert.That(_bench.Kernel.Regions.FreeCount, Is.EqualTo(regions));
        Assert.That(_bench.Kernel.Processes.Count, Is.EqualTo(1));
        Assert.That(_bench.Kernel.Threads.Count, Is.EqualTo(1));
        Assert.That(Auditor.RunAll(_bench.Kernel).Leaked, Is.Zero);
    }

    /// <summary>The template is on the reclaimer's list already when its last copy goes.</summary>
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    public void Template_and_copies_that_die_together_leave_nothing(int templateDies)
    {
        ulong free = _bench.Kernel.Frames.FreeFrames + _template.MemoryPages;
        AddWaiter();
        Take();
        List<ulong> dying = [Start().Handle, Start().Handle];
        dying.Insert(templateDies, _templateHandle);
        foreach (ulong handle in dying)
            _bench.Call(_thread, SystemCall.ProcessKill, handle, (ulong)DeathCause.Killed);
        foreach (ulong handle in dying) Collect(handle);
        _bench.Kernel.Reclaimer.RunAll();
        Assert.That(Auditor.RunAll(_bench.Kernel).Leaked, Is.Zero);
        Assert.That(_bench.Kernel.Frames.FreeFrames, Is.EqualTo(free));
        Assert.That(_bench.Kernel.Processes.Count, Is.EqualTo(1));
    }

    private void Collect(ulong handle) => Assert.That(
        _bench.Call(_thread, SystemCall.ProcessCollect, handle, Scratch, 0, 0),
        Is.EqualTo(Status.Ok));

    [Test]
    public void Copy_that_cannot_be_made_leaves_no_trace()
    {
        AddWaiter();
        Take();
        int regions = _bench.Kernel.Regions.FreeCount, processes = _bench.Kernel.Processes.Count;
        int threads = _bench.Kernel.Threads.Count;
        ulong free = _bench.Kernel.Frames.FreeFrames;
        ProcessSpec good = _spec;
        void Check(Status expected, string why)
        {
            Assert.That(Create(), Is.EqualTo(expected), why);
            Assert.That(_bench.Kernel.Processes.Count, Is.EqualTo(processes), why);
            Assert.That(_bench.Kernel.Threads.Count, Is.EqualTo(threads), why);
            Assert.That(_bench.Kernel.Regions.FreeCount, Is.EqualTo(regions), why);
            Assert.That(_bench.Kernel.Frames.FreeFrames, Is.EqualTo(free), why);
            Assert.That(_template.Copies, Is.Zero, why);
            _spec = good;
        }

        _spec.ThreadQuota = 1;
        Check(Status.QuotaExceeded, "two threads");
        _spec.MemoryQuotaPages = 65;
        Check(Status.BadArgument, "a heap for another quota");
        _spec.Kind = ProcessKind.Template;
        Check(Status.BadArgument, "a template of a template");
        _maker.HandleQuota = (ushort)_maker.HandleCount;
        Check(Status.QuotaExceeded, "no room for its handle");
        _maker.HandleQuota = 16;
        _template.MemoryQuotaPages = _spec.MemoryQuotaPages = 3;
        good = _spec;
        Check(Status.NoMemory, "too little memory for its tables");
    }

    [Test]
    public void Template_with_work_left_handles_or_shared_memory_is_refused()
    {
        Thread main = _template.MainThread!;
        Thread other = _bench.Kernel.Threads.Create(_template)!;
        _bench.Kernel.Scheduler.MakeReady(other);
        Assert.That(_bench.Call(main, SystemCall.Snapshot), Is.EqualTo(Status.WouldBlock));
        Assert.That(Create(), Is.EqualTo(Status.WouldBlock), "it runs still");
        _bench.Linux(other, FutexCall, Heap + 128, 0, 0);
        _template.HandleQuota = 8;
        _bench.Kernel.Capabilities.Create(
            _template, ObjectType.Log, 0, Rights.Write, out Handle log);
        Assert.That(_bench.Call(main, SystemCall.Snapshot), Is.EqualTo(Status.BadArgument));
        _bench.Call(main, SystemCall.Close, log.Value);
        _bench.Call(main, SystemCall.Snapshot);
        Assert.That(_template.State, Is.EqualTo(ProcessState.Template));
    }

    [Test]
    public void Ordinary_process_is_told_so_and_goes_on()
    {
        Assert.That(_bench.Call(_thread, SystemCall.Snapshot), Is.EqualTo(Status.NotSupported));
        Assert.That(_maker.State, Is.EqualTo(ProcessState.Running));
    }
}
