// Sizes and offsets that both rings have compiled in, and the bits of packed words.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NUnit.Framework;
using Shared.Abi;
using Shared.Sdk;

namespace Tests.Unit.Shared.Abi;

public sealed class FrozenLayoutTests
{
    [Test]
    public void Structs_keep_their_sizes()
    {
        Assert.That(Unsafe.SizeOf<Registers>(), Is.EqualTo(96));
        Assert.That(Unsafe.SizeOf<MessageExtras>(), Is.EqualTo(128));
        Assert.That(Unsafe.SizeOf<Lease>(), Is.EqualTo(16));
        Assert.That(Unsafe.SizeOf<ProcessSpec>(), Is.EqualTo(128));
        Assert.That(Unsafe.SizeOf<DeathRecord>(), Is.EqualTo(256));
        Assert.That(Unsafe.SizeOf<ProcessRow>(), Is.EqualTo(128));
        Assert.That(Unsafe.SizeOf<CapabilityRow>(), Is.EqualTo(48));
        Assert.That(Unsafe.SizeOf<WaitRow>(), Is.EqualTo(72));
        Assert.That(Unsafe.SizeOf<KernelCounters>(), Is.EqualTo(192));
        Assert.That(Unsafe.SizeOf<ImageRow>(), Is.EqualTo(64));
        Assert.That(Unsafe.SizeOf<EndpointRow>(), Is.EqualTo(72));
        Assert.That(Unsafe.SizeOf<VaultRow>(), Is.EqualTo(72));
        Assert.That(Unsafe.SizeOf<AuditRow>(), Is.EqualTo(16));
        Assert.That(Unsafe.SizeOf<TraceRow>(), Is.EqualTo(32));
        Assert.That(Unsafe.SizeOf<AuditReport>(), Is.EqualTo(208));
        Assert.That(Unsafe.SizeOf<Handle>(), Is.EqualTo(8));
    }

    // The order of SystemCall.S: rax rdi rsi rdx r10 r8 r9 rbx r12 r13 r14 r15.
    [TestCase("Number", 0)]
    [TestCase("A0", 8)]
    [TestCase("A1", 16)]
    [TestCase("A2", 24)]
    [TestCase("A3", 32)]
    [TestCase("A4", 40)]
    [TestCase("A5", 48)]
    [TestCase("A6", 56)]
    [TestCase("A7", 64)]
    [TestCase("A8", 72)]
    [TestCase("A9", 80)]
    [TestCase("A10", 88)]
    public void Registers_lie_where_the_stub_looks(string field, int offset) =>
        Assert.That(OffsetOf<Registers>(field), Is.EqualTo(offset));

    [TestCase("Handles", 0)]
    [TestCase("LeaseWords", 32)]
    [TestCase("Reserved", 96)]
    public void MessageExtras_keep_their_offsets(string field, int offset) =>
        Assert.That(OffsetOf<MessageExtras>(field), Is.EqualTo(offset));

    [TestCase("Image", 0)]
    [TestCase("Vault", 8)]
    [TestCase("DeathNotification", 16)]
    [TestCase("DeathBits", 24)]
    [TestCase("MemoryQuotaPages", 32)]
    [TestCase("HandleQuota", 36)]
    [TestCase("ThreadQuota", 38)]
    [TestCase("Priority", 40)]
    [TestCase("LayerValue", 41)]
    [TestCase("Incarnation", 44)]
    [TestCase("Name", 48)]
    public void ProcessSpec_keeps_its_offsets(string field, int offset) =>
        Assert.That(OffsetOf<ProcessSpec>(field), Is.EqualTo(offset));

    [TestCase("Process", 0)]
    [TestCase("Thread", 4)]
    [TestCase("Cause", 8)]
    [TestCase("Injected", 9)]
    [TestCase("LastWordsBytes", 10)]
    [TestCase("ExitCode", 12)]
    [TestCase("Incarnation", 16)]
    [TestCase("RequestsRedelivered", 20)]
    [TestCase("FaultAddress", 24)]
    [TestCase("TimeNs", 32)]
    [TestCase("RequestId", 40)]
    [TestCase("StackPointer", 48)]
    [TestCase("FrameCount", 56)]
    [TestCase("RequestsPoisoned", 60)]
    [TestCase("Frames", 64)]
    [TestCase("FirstReplyNs", 224)]
    public void DeathRecord_keeps_its_offsets(string field, int offset) =>
        Assert.That(OffsetOf<DeathRecord>(field), Is.EqualTo(offset));

    [TestCase("Id", 0)]
    [TestCase("Incarnation", 4)]
    [TestCase("State", 8)]
    [TestCase("Cause", 9)]
    [TestCase("MemoryPages", 12)]
    [TestCase("Handles", 20)]
    [TestCase("Threads", 24)]
    [TestCase("CpuNs", 32)]
    [TestCase("StartedNs", 40)]
    [TestCase("Name", 48)]
    [TestCase("EndpointReceives", 96)]
    [TestCase("ReadyThreads", 100)]
    [TestCase("FirstReplyNs", 104)]
    public void ProcessRow_keeps_its_offsets(string field, int offset) =>
        Assert.That(OffsetOf<ProcessRow>(field), Is.EqualTo(offset));

    [TestCase("DeliveredNs", 56)]
    [TestCase("NestedCalls", 64)]
    public void WaitRow_keeps_its_offsets(string field, int offset) =>
        Assert.That(OffsetOf<WaitRow>(field), Is.EqualTo(offset));

    [Test]
    public void MessageInfo_keeps_its_bits()
    {
        MessageInfo info = new(
            0x1234, capabilities: 3, leases: 4,
            MessageFlags.All & ~(MessageFlags.InlineLease | MessageFlags.Mint));
        Assert.That(info.Value, Is.EqualTo(0x1F43_1234));
        Assert.That(info.WithAttempt(7).Value, Is.EqualTo(0x7_1F43_1234));
        Assert.That(info.WithAttempt(7).Attempt, Is.EqualTo(7));
        Assert.That(info.IsWellFormed, Is.True);
        Assert.That(info.WithAttempt(7).IsWellFormed, Is.False);
        Assert.That(new MessageInfo(1, capabilities: 5).IsWellFormed, Is.False);
        Assert.That(new MessageInfo(1, leases: 5).IsWellFormed, Is.False);
        Assert.That(new MessageInfo(1, flags: (MessageFlags)128).IsWellFormed, Is.False);
        Assert.That(new MessageInfo(0, flags: MessageFlags.Mint).IsWellFormed, Is.True);
        Assert.That(new MessageInfo(0, 1, 0, MessageFlags.Mint).IsWellFormed, Is.False);
        Assert.That(new MessageInfo(0, 0, 1, MessageFlags.Mint).IsWellFormed, Is.False);
        Assert.That(new MessageInfo(1, 0, 1, MessageFlags.InlineLease).IsWellFormed, Is.True);
        Assert.That(new MessageInfo(1, 0, 1, MessageFlags.InlineLease).Value,
            Is.EqualTo(0x2010_0001));
    }

    [TestCase(FaultMoment.AtOnce, 0, 0x4UL)]
    [TestCase(FaultMoment.BeforeCommit, 1, 0x1_0004UL)]
    [TestCase(FaultMoment.AfterCommit, 0x7FFF, 0xFFFF_0004UL)]
    public void Injection_keeps_its_bits(FaultMoment moment, int request, ulong bits)
    {
        Injection injection = new(ControlBits.CrashThrow, moment, request);
        Assert.That(injection.IsWellFormed, Is.True);
        Assert.That((ulong)injection.Bits, Is.EqualTo(bits));
        Assert.That(Injection.Of(bits), Is.EqualTo(injection));
        Assert.That((ulong)Injection.Mask & bits, Is.EqualTo(bits));
        Assert.That(Injection.Of(bits | (ulong)ControlBits.Hang), Is.EqualTo(injection));
    }

    [TestCase(ControlBits.None, FaultMoment.AtOnce, 0)]
    [TestCase(ControlBits.Changed, FaultMoment.AtOnce, 0)]
    [TestCase(ControlBits.Hang | ControlBits.CrashNull, FaultMoment.AtOnce, 0)]
    [TestCase(ControlBits.Hang, FaultMoment.AtOnce, 1)]
    [TestCase(ControlBits.Hang, FaultMoment.AfterCommit, 0)]
    [TestCase(ControlBits.Hang, FaultMoment.BeforeCommit, 0x8000)]
    [TestCase(ControlBits.Hang, FaultMoment.BeforeCommit, -1)]
    public void Injection_that_makes_no_sense_is_not_well_formed(
        ControlBits fault, FaultMoment moment, int request) =>
        Assert.That(new Injection(fault, moment, request).IsWellFormed, Is.False);

    [Test]
    public void CallResult_keeps_its_bits()
    {
        CallResult result = new(Status.PeerDied, (byte)Outcome.MaybeExecuted);
        Assert.That(result.Value, Is.EqualTo(0x2_0000_0016));
        Assert.That(result.Status, Is.EqualTo(Status.PeerDied));
        Assert.That(result.Outcome, Is.EqualTo(Outcome.MaybeExecuted));
    }

    [Test]
    public void Handle_keeps_its_bits()
    {
        Handle handle = new(index: 5, generation: 9);
        Assert.That(handle.Value, Is.EqualTo(0x9_0000_0005));
        Assert.That((handle.Index, handle.Generation), Is.EqualTo((5u, 9u)));
        Assert.That(Handle.None.IsNone, Is.True);
    }

    // Ring 3 may name the two ranges, and nothing that begins or ends outside of them.
    [TestCase(0x0ul, 1ul, ExpectedResult = false)]
    [TestCase(0x3F_FFFFul, 1ul, ExpectedResult = false)]
    [TestCase(0x40_0000ul, 1ul, ExpectedResult = true)]
    [TestCase(0x3FFF_FFFFul, 1ul, ExpectedResult = true)]
    [TestCase(0x3FFF_FFFFul, 2ul, ExpectedResult = false)]
    [TestCase(0x4000_0000ul, 1ul, ExpectedResult = false)]
    [TestCase(0x1_0000_0000ul, 1ul, ExpectedResult = true)]
    [TestCase(0x3FFF_FFFF_FFFFul, 1ul, ExpectedResult = true)]
    [TestCase(0x3FFF_FFFF_FFFFul, 2ul, ExpectedResult = false)]
    [TestCase(0xFFFF_8000_0000_0000ul, 1ul, ExpectedResult = false)]
    [TestCase(0x1_0000_0000ul, ulong.MaxValue, ExpectedResult = false)]
    [TestCase(0x40_0000ul, 0x1_0000_0000ul, ExpectedResult = false)]
    public bool AddressMap_says_what_ring_3_may_name(ulong address, ulong lengthBytes) =>
        AddressMap.IsUser(address, lengthBytes);

    private static int OffsetOf<T>(string field) where T : unmanaged =>
        (int)Marshal.OffsetOf<T>(field);
}
