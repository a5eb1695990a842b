// The kernel allocates at boot only: what processes do in memory and in Linux calls takes nothing
// from its heap.

using System;
using System.Runtime.InteropServices;
using CosmosKernel.Arch.X64.Linux;
using CosmosKernel.Memory;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using NUnit.Framework;
using Shared.Abi;

namespace Tests.Unit.CosmosKernel.Memory;

[TestFixture]
public sealed unsafe class AllocationTests
{
    private const ulong Scratch = MemoryBench.Base, ReadWrite = 3, PrivateAnonymous = 0x22;
    private const ulong ThreadFlags = 0x3D_0F00;

    private static readonly ulong[] s_clone =
        [ThreadFlags, 0, Scratch + 512, Scratch + 520, 0, Scratch + 4096, 4096, Scratch];

    private MemoryBench _bench = null!;
    private Process _process = null!;
    private Thread _thread = null!;

    [SetUp]
    public void SetUp()
    {
        _bench = new MemoryBench();
        _process = _bench.MakeProcess();
        _thread = _process.MainThread!;
        _bench.Map(_process, Scratch, 4);
    }

    [TearDown] public void TearDown() => _bench.Dispose();

    private static void AssertAllocatesNothing(Action action)
    {
        for (int round = 0; round < 3; round++) action();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 50; round++) action();
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    // Not params: a span of constants is allocated where the test is not optimized.
    private long Call(
        uint number, ulong a0 = 0, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0, ulong a4 = 0) =>
        CallBy(_thread, number, a0, a1, a2, a3, a4);

    private long CallBy(
        Thread thread, uint number, ulong a0 = 0, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0,
        ulong a4 = 0) =>
        _bench.Linux(thread, number, a0, a1, a2, a3, a4);

    private void Write(ulong address, ulong value) => _bench.Kernel.UserMemory.TryWrite(
        _process, address, MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in value)));

    [Test]
    public void Memory_calls_and_page_faults_allocate_nothing() => AssertAllocatesNothing(() =>
    {
        ulong at = (ulong)Call(9, 0, 0x5000, ReadWrite, PrivateAnonymous, ulong.MaxValue);
        Write(at + 0x1000, 1);
        Call(10, at + 0x1000, 0x1000, 1);
        Call(28, at, 0x5000, 4);
        Call(11, at, 0x5000);
        ulong end = (ulong)Call(12, 0);
        Call(12, end + 0x3000);
        Call(12, end);
    });

    [Test]
    public void Small_calls_allocate_nothing() => AssertAllocatesNothing(() =>
    {
        Call(228, 1, Scratch);
        Call(318, Scratch, 64, 0);
        Call(302, 0, 3, 0, Scratch);
        Call(204, 0, 8, Scratch);
        Call(99, Scratch);
        Call(98, 0, Scratch);
        Call(1, 1, TestElf.Text, 60);
        Call(158, 0x1003, Scratch);
        Call(257, 0, TestElf.Text);
        Call(999);
    });

    [Test]
    public void Futexes_and_threads_allocate_nothing() => AssertAllocatesNothing(() =>
    {
        for (int i = 0; i < s_clone.Length; i++) Write(Scratch + (ulong)i * 8, s_clone[i]);
        Call(435, Scratch, 88);
        Thread made = _process.FirstThread!;
        Write(Scratch, 1);
        Write(Scratch + 8, 0);
        CallBy(made, 202, Scratch + 2048, 0, 0, Scratch);
        Call(202, Scratch + 2048, 1, 1);
        CallBy(made, 60);
    });

    [Test]
    public void Signals_allocate_nothing() => AssertAllocatesNothing(() =>
    {
        _process.Linux.SignalHandler[Signal.Segmentation] = TestElf.Text;
        _thread.Frame->Rsp = AddressMap.MainStackTop - 0x4000;
        _thread.Frame->Rip = TestElf.Text;
        _thread.Frame->Vector = 14;
        _thread.Frame->FaultAddress = 16;
        LinuxFaults.Handle(_bench.Kernel, _thread);
        _thread.Frame->Rsp += 8;
        Call(15);
        if (!_process.IsAlive) throw new InvalidOperationException("it died");
    });

    [Test]
    public void Lives_of_processes_allocate_nothing()
    {
        _process.Layer = Layer.Driver;
        _bench.Kernel.Capabilities.Create(
            _process, ObjectType.Machine, 0, Rights.All, out Handle machine);
        _bench.Kernel.Capabilities.Create(
            _process, ObjectType.Memory, 0, Rights.All, out Handle image);
        AssertAllocatesNothing(() =>
        {
            ProcessSpec spec = new()
            {
                Image = image.Value, MemoryQuotaPages = 64, HandleQuota = 8, ThreadQuota = 2,
                LayerValue = Layer.Program.Value,
            };
            _bench.Kernel.UserMemory.TryWrite(_process, Scratch, MemoryMarshal.AsBytes(
                new ReadOnlySpan<ProcessSpec>(in spec)));
            _bench.Call(_thread, SystemCall.ProcessCreate, machine.Value, Scratch);
            ulong child = _thread.Frame->A0;
            Write(Scratch, 'x');
            _bench.Call(_thread, SystemCall.ProcessStart, child, Scratch, 2, 1);
            _bench.Call(_thread, SystemCall.ProcessKill, child, (ulong)DeathCause.Killed);
            _bench.Call(_thread, SystemCall.ProcessCollect, child, Scratch);
            Status closed = _bench.Call(_thread, SystemCall.Close, child);
            _bench.Kernel.Reclaimer.RunAll();
            if (closed != Status.Ok) throw new InvalidOperationException($"{closed}");
        });
    }
}
