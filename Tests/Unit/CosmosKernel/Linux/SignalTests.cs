// Signal frames as Linux lays them out, and a return from them that believes nothing.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CosmosKernel.Arch;
using CosmosKernel.Arch.X64.Linux;
using CosmosKernel.Memory;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using NUnit.Framework;
using Shared.Abi;
using Tests.Unit.CosmosKernel.Memory;

namespace Tests.Unit.CosmosKernel.Linux;

[TestFixture]
public sealed unsafe class SignalTests
{
    private const ulong Handler = TestElf.Text + 0x100, Restorer = TestElf.Text + 0x200;
    private const ulong StackTop = AddressMap.MainStackTop - 0x4000;
    private const uint Sigaction = 13, Sigmask = 14, Sigreturn = 15, Altstack = 131, Tgkill = 234;

    private MemoryBench _bench = null!;
    private Process _process = null!;
    private Thread _thread = null!;

    [SetUp]
    public void SetUp()
    {
        _bench = new MemoryBench();
        _process = _bench.MakeProcess();
        _thread = _process.MainThread!;
        _bench.Map(_process, MemoryBench.Base, 4);
        _thread.Frame->Rsp = StackTop;
    }

    [TearDown] public void TearDown() => _bench.Dispose();

    private void SetHandler(int signal, ulong flags = Signal.FlagRestorer, ulong mask = 0)
    {
        ulong[] action = [Handler, flags, Restorer, mask];
        for (int i = 0; i < 4; i++)
            _bench.WriteWord(_process, MemoryBench.Base + (ulong)i * 8, action[i]);
        Assert.That(_bench.Linux(_thread, Sigaction, (ulong)signal, MemoryBench.Base, 0, 8),
            Is.Zero);
    }

    private void Fault(ulong vector, ulong address = 0, ulong error = 0)
    {
        _thread.Frame->Vector = vector;
        _thread.Frame->FaultAddress = address;
        // Bit 2 of a page fault: the access was ring 3's own.
        _thread.Frame->ErrorCode = vector == 14 ? error | 4 : error;
        LinuxFaults.Handle(_bench.Kernel, _thread);
    }

    /// <summary>Parts of an XSAVE image: Intel SDM volume 1, 13.4.</summary>
    private const int HeaderAt = 512, WideAt = 576, WideBytes = 256;

    private SignalFrame ReadFrame()
    {
        SignalFrame frame = default;
        Assert.That(_bench.Kernel.UserMemory.TryRead(_process, _thread.Frame->Rsp,
            MemoryMarshal.AsBytes(new Span<SignalFrame>(ref frame))), Is.True);
        return frame;
    }

    private void WriteFrame(SignalFrame frame) => Assert.That(
        _bench.Kernel.UserMemory.TryWrite(_process, _thread.Frame->Rsp,
            MemoryMarshal.AsBytes(new Span<SignalFrame>(ref frame))), Is.True);

    /// <summary>As the handler's `ret` and the restorer do.</summary>
    private void Return()
    {
        _thread.Frame->Rsp += 8;
        _bench.Linux(_thread, Sigreturn);
    }

    private void FillRegisters()
    {
        ulong* registers = (ulong*)_thread.Frame;
        for (ulong i = 0; i < 15; i++) registers[i] = 0x1111_0000 + i;
        _thread.Frame->Rsp = StackTop;
        _thread.Frame->Rip = TestElf.Text + 0x42;
        _thread.Frame->Rflags = 0x202 | 0x41;
        _thread.Frame->HasVectorState = 1;
        for (int i = 0; i < 464; i++) _thread.Frame->VectorState[i] = (byte)(i * 3);
        _thread.Frame->VectorState[HeaderAt] = 7;
        for (int i = WideAt; i < UserFrame.VectorStateBytes; i++)
            _thread.Frame->VectorState[i] = (byte)(i * 5);
        *(uint*)(_thread.Frame->VectorState + 24) = 0x1FA0;
    }

    [Test]
    public void Layout_is_that_of_Linux()
    {
        Assert.That(Unsafe.SizeOf<SignalFrame>(), Is.EqualTo(440));
        (string Field, int Offset)[] expected =
        [
            ("Flags", 8), ("StackFirst", 24), ("R8", 48), ("Rsp", 168), ("Rip", 176), ("Cs", 192),
            ("Ss", 198), ("TrapNumber", 208), ("FaultAddress", 224), ("VectorStateAddress", 232),
            ("Mask", 304), ("SignalNumber", 312), ("Code", 320), ("InfoAddress", 328),
        ];
        foreach ((string field, int offset) in expected)
            Assert.That((int)Marshal.OffsetOf<SignalFrame>(field), Is.EqualTo(offset), field);
    }

    [Test]
    public void Page_that_the_processor_read_for_ring_3_is_not_tried_again()
    {
        _thread.Frame->Vector = 14;
        _thread.Frame->FaultAddress = MemoryBench.Base;
        _thread.Frame->ErrorCode = 1;
        LinuxFaults.Handle(_bench.Kernel, _thread);
        Assert.That(_process.IsAlive, Is.False);
        Assert.That(_process.Death.Cause, Is.EqualTo(DeathCause.GeneralProtection));
    }

    [Test]
    public void Null_dereference_calls_the_handler_with_a_frame_of_Linux()
    {
        SetHandler(Signal.Segmentation);
        FillRegisters();
        Fault(14, 0x10, 4);
        UserFrame* frame = _thread.Frame;
        Assert.That(frame->Rip, Is.EqualTo(Handler));
        Assert.That(frame->Rdi, Is.EqualTo(11));
        Assert.That(frame->Rsp % 16, Is.EqualTo(8), "as after a call");
        Assert.That(frame->Rsp, Is.LessThan(StackTop - 128), "the red zone is left alone");
        Assert.That(frame->Rsi, Is.EqualTo(frame->Rsp + 312));
        Assert.That(frame->Rdx, Is.EqualTo(frame->Rsp + 8));
        Assert.That(frame->NeedsFullReturn, Is.EqualTo(1));
        SignalFrame saved = ReadFrame();
        Assert.That(saved.ReturnAddress, Is.EqualTo(Restorer));
        Assert.That(saved.Rip, Is.EqualTo(TestElf.Text + 0x42));
        Assert.That(saved.SignalNumber, Is.EqualTo(11));
        Assert.That(saved.Code, Is.EqualTo(Signal.CodeMapError));
        Assert.That(saved.InfoAddress, Is.EqualTo(0x10));
        Assert.That(saved.FaultAddress, Is.EqualTo(0x10));
        Assert.That(saved.VectorStateAddress % 64, Is.Zero);
        Assert.That(_process.FirstFault, Is.EqualTo(DeathCause.NullReference));
    }

    [Test]
    public void Return_restores_every_register_and_the_vector_state()
    {
        SetHandler(Signal.Segmentation);
        FillRegisters();
        UserFrame before = *_thread.Frame;
        Fault(14, 0, 4);
        new Span<byte>(_thread.Frame, 120).Fill(0xAA);
        _thread.Frame->Mxcsr = 0;
        _thread.Frame->HasVectorState = 0;
        Return();
        UserFrame* after = _thread.Frame;
        ulong* one = (ulong*)&before, two = (ulong*)after;
        for (int i = 0; i < 18; i++) Assert.That(two[i], Is.EqualTo(one[i]), $"word {i}");
        Assert.That(new Span<byte>(after->VectorState, 464)
            .SequenceEqual(new Span<byte>(before.VectorState, 464)), Is.True);
        Assert.That(new Span<byte>(after->VectorState + WideAt, WideBytes)
            .SequenceEqual(new Span<byte>(before.VectorState + WideAt, WideBytes)), Is.True);
        Assert.That(after->Mxcsr, Is.EqualTo(0x1FA0));
        Assert.That(after->HasVectorState, Is.EqualTo(1));
    }

    [Test]
    public void Return_takes_no_forged_flag_selector_or_control_word()
    {
        SetHandler(Signal.Segmentation);
        Fault(14, 0, 4);
        SignalFrame forged = ReadFrame();
        forged.Rflags = ulong.MaxValue;
        forged.Cs = 8;
        forged.Ss = 16;
        forged.Mask = ulong.MaxValue;
        ulong vectors = forged.VectorStateAddress;
        byte[] image = new byte[UserFrame.VectorStateBytes + 4];
        Array.Fill(image, (byte)0xFF);
        BitConverter.TryWriteBytes(image.AsSpan(464), 0x4650_5853);
        BitConverter.TryWriteBytes(image.AsSpan(468), image.Length);
        BitConverter.TryWriteBytes(image.AsSpan(UserFrame.VectorStateBytes), 0x4650_5845);
        _bench.Kernel.UserMemory.TryWrite(_process, vectors, image);
        WriteFrame(forged);
        ulong fsBase = _thread.Frame->FsBase, root = _thread.Frame->Cr3;
        Return();
        Assert.That(_thread.Frame->Rflags, Is.EqualTo(0x20_0CD5 | 0x202));
        Assert.That(_thread.Frame->Mxcsr, Is.EqualTo(0xFFFF));
        Assert.That(*(uint*)(_thread.Frame->VectorState + 24), Is.EqualTo(0xFFFF));
        RequireGoodHeader();
        Assert.That(_thread.Frame->FsBase, Is.EqualTo(fsBase));
        Assert.That(_thread.Frame->Cr3, Is.EqualTo(root));
        Assert.That(_thread.Linux.BlockedSignals & Signal.Unblockable, Is.Zero);
    }

    /// <summary>A bit that the processor does not know is a fault of ring 0 at the next return.
    /// </summary>
    private void RequireGoodHeader()
    {
        byte* header = _thread.Frame->VectorState + HeaderAt;
        Assert.That(*(ulong*)header, Is.AtMost(7));
        Assert.That(new Span<byte>(header + 8, WideAt - HeaderAt - 8).IndexOfAnyExcept((byte)0),
            Is.Negative);
    }

    [Test]
    public void Return_without_marks_takes_no_AVX()
    {
        SetHandler(Signal.Segmentation);
        FillRegisters();
        Fault(14, 0, 4);
        ulong vectors = ReadFrame().VectorStateAddress;
        _bench.Kernel.UserMemory.TryWrite(_process, vectors + 464, new byte[4]);
        Return();
        Assert.That(*(ulong*)(_thread.Frame->VectorState + HeaderAt), Is.EqualTo(3));
        RequireGoodHeader();
        Assert.That(new Span<byte>(_thread.Frame->VectorState + WideAt, WideBytes)
            .IndexOfAnyExcept((byte)0), Is.Negative);
    }

    [TestCase(0x8000_0000_0000_0000UL)]
    [TestCase(0x0000_8000_0000_0000UL)]
    [TestCase(AddressMap.UserLowEnd)]
    [TestCase(AddressMap.DirectMap)]
    public void Return_to_an_address_outside_user_space_is_death(ulong rip)
    {
        SetHandler(Signal.Segmentation);
        Fault(14, 0, 4);
        SignalFrame forged = ReadFrame();
        forged.Rip = rip;
        WriteFrame(forged);
        Return();
        Assert.That(_process.IsAlive, Is.False);
    }

    [Test]
    public void Return_without_a_frame_is_death()
    {
        _thread.Frame->Rsp = 8;
        _bench.Linux(_thread, Sigreturn);
        Assert.That(_process.IsAlive, Is.False);
    }

    [TestCase(0UL, 0UL, DeathCause.DivideError)]
    [TestCase(6UL, 0UL, DeathCause.InvalidInstruction)]
    [TestCase(13UL, 0UL, DeathCause.GeneralProtection)]
    [TestCase(14UL, 0x20UL, DeathCause.NullReference)]
    [TestCase(14UL, 0x5000_0000_0000UL, DeathCause.PageFault)]
    [TestCase(3UL, 0UL, DeathCause.InvalidInstruction)]
    public void Fault_without_handler_is_death_with_its_cause(
        ulong vector, ulong address, DeathCause cause)
    {
        Fault(vector, address, 4);
        Assert.That(_process.IsAlive, Is.False);
        Assert.That(_process.Death.Cause, Is.EqualTo(cause));
    }

    [Test]
    public void Fault_while_its_signal_is_blocked_is_death()
    {
        SetHandler(Signal.Segmentation);
        Fault(14, 0x20, 4);
        Assert.That(_process.IsAlive, Is.True);
        Fault(14, 0x28, 4);
        Assert.That(_process.Death.Cause, Is.EqualTo(DeathCause.NullReference));
        Assert.That(_process.Death.FaultAddress, Is.EqualTo(0x28));
    }

    [Test]
    public void Overflow_of_the_main_stack_is_death_and_no_signal()
    {
        SetHandler(Signal.Segmentation, Signal.FlagRestorer | Signal.FlagOnStack);
        ulong guard = AddressMap.MainStackTop - ProcessLoader.StackBytes - 8;
        _thread.Frame->Rsp = guard;
        Fault(14, guard, 6);
        Assert.That(_process.Death.Cause, Is.EqualTo(DeathCause.StackOverflow));
    }

    [Test]
    public void Overflow_of_a_thread_stack_is_death_but_a_wild_pointer_is_a_signal()
    {
        SetHandler(Signal.Segmentation);
        ulong stack = MemoryBench.Base + 0x10_0000;
        _bench.Map(_process, stack, 1, Protection.None);
        _bench.Map(_process, stack + 4096, 8);
        Fault(14, stack + 8, 6);
        Assert.That(_process.IsAlive, Is.True, "the stack pointer is elsewhere");
        _thread.Linux.BlockedSignals = 0;
        _thread.Frame->Rsp = stack + 4096 + 16;
        Fault(14, stack + 4080, 6);
        Assert.That(_process.Death.Cause, Is.EqualTo(DeathCause.StackOverflow));
    }

    [Test]
    public void Lack_of_memory_is_death_with_cause_Memory()
    {
        SetHandler(Signal.Segmentation);
        _process.MemoryQuotaPages = _process.MemoryPages;
        Fault(14, MemoryBench.Base + 3 * 4096, 6);
        Assert.That(_process.Death.Cause, Is.EqualTo(DeathCause.Memory));
    }

    [Test]
    public void Call_that_finds_no_frame_for_good_memory_is_death_with_cause_Memory()
    {
        _process.MemoryQuotaPages = _process.MemoryPages;
        _bench.Linux(_thread, 228, 1, MemoryBench.Base + 3 * 4096);
        Assert.That(_process.Death.Cause, Is.EqualTo(DeathCause.Memory));
    }

    [Test]
    public void Abort_is_death_with_cause_Abort_or_the_fault_before_it()
    {
        _bench.Linux(_thread, Tgkill, _process.Id.Value, _thread.Id, 6);
        Assert.That(_process.Death.Cause, Is.EqualTo(DeathCause.Abort));
        Process other = _bench.MakeProcess();
        other.FirstFault = DeathCause.NullReference;
        Thread thread = other.MainThread!;
        _bench.Linux(thread, Tgkill, other.Id.Value, thread.Id, 6);
        Assert.That(other.Death.Cause, Is.EqualTo(DeathCause.NullReference));
    }

    [Test]
    public void Thread_signal_waits_until_the_target_runs_and_is_unblocked()
    {
        const int Suspend = 34;
        SetHandler(Suspend);
        Thread target = _bench.Kernel.Threads.Create(_process)!;
        target.Frame->Rsp = StackTop - 0x2000;
        target.Frame->Rip = TestElf.Text;
        target.Frame->Mxcsr = Signals.DefaultMxcsr;
        target.Linux.BlockedSignals = Signal.BitOf(Suspend);
        _bench.Kernel.Scheduler.MakeReady(target);
        Assert.That(_bench.Linux(_thread, Tgkill, _process.Id.Value, target.Id, Suspend), Is.Zero);
        Assert.That(target.Linux.HasDeliverable, Is.False);
        _bench.WriteWord(_process, MemoryBench.Base, 0);
        _bench.Linux(target, Sigmask, 2, MemoryBench.Base, 0, 8);
        Assert.That(target.Linux.HasDeliverable, Is.True);
        target.Frame->Rsp = StackTop - 0x2000;
        Signals.DeliverPending(_bench.Kernel, target);
        Assert.That(target.Frame->Rip, Is.EqualTo(Handler));
        Assert.That(target.Frame->Rdi, Is.EqualTo(Suspend));
        Assert.That(target.Linux.HasDeliverable, Is.False);
        Assert.That(target.Linux.BlockedSignals & Signal.BitOf(Suspend), Is.Not.Zero);
    }

    [Test]
    public void Signal_goes_to_no_other_process()
    {
        Process other = _bench.MakeProcess();
        Assert.That(_bench.Linux(
            _thread, Tgkill, other.Id.Value, other.MainThread!.Id, 6), Is.EqualTo(-3));
        Assert.That(_bench.Linux(
            _thread, Tgkill, _process.Id.Value, other.MainThread!.Id, 6), Is.EqualTo(-3));
        Assert.That(other.IsAlive, Is.True);
    }

    [Test]
    public void Signal_stack_is_used_when_the_handler_asks_for_it()
    {
        SetHandler(Signal.Segmentation, Signal.FlagRestorer | Signal.FlagOnStack);
        ulong stack = MemoryBench.Base + 4096;
        _bench.WriteWord(_process, MemoryBench.Base, stack);
        _bench.WriteWord(_process, MemoryBench.Base + 8, 0);
        _bench.WriteWord(_process, MemoryBench.Base + 16, 0x2000);
        Assert.That(_bench.Linux(_thread, Altstack, MemoryBench.Base), Is.Zero);
        Fault(14, 0, 4);
        Assert.That(_thread.Frame->Rsp, Is.InRange(stack, stack + 0x2000));
    }

    [Test]
    public void Handler_outside_user_space_is_death()
    {
        _process.Linux.SignalHandler[11] = AddressMap.DirectMap;
        Fault(14, 0, 4);
        Assert.That(_process.IsAlive, Is.False);
    }

    [TestCase(0UL)]
    [TestCase(65UL)]
    [TestCase(ulong.MaxValue)]
    public void Signal_numbers_out_of_range_are_refused(ulong signal)
    {
        Assert.That(_bench.Linux(_thread, Sigaction, signal, 0, 0, 8), Is.EqualTo(-22));
        Assert.That(_bench.Linux(_thread, Tgkill, _process.Id.Value, _thread.Id, signal),
            Is.EqualTo(-22));
    }
}
