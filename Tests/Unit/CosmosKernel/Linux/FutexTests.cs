// Futexes: who waits, who is woken, and when waiting ends by itself.

using System;
using CosmosKernel.Arch;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using NUnit.Framework;
using Shared.Abi;
using Tests.Unit.CosmosKernel.Memory;

namespace Tests.Unit.CosmosKernel.Linux;

[TestFixture]
public sealed unsafe class FutexTests
{
    private const uint Futex = 202;
    private const ulong Wait = 0, Wake = 1, Requeue = 3, CompareRequeue = 4, WaitBitset = 9;
    private const ulong WakeBitset = 10, Private = 128, Realtime = 256;
    private const ulong Word = MemoryBench.Base, Other = MemoryBench.Base + 64;
    private const ulong Time = MemoryBench.Base + 128;
    private const long Again = -11, Invalid = -22, BadAddress = -14, TimedOut = -110;

    private MemoryBench _bench = null!;
    private Process _process = null!;
    private Thread[] _threads = null!;

    [SetUp]
    public void SetUp()
    {
        _bench = new MemoryBench();
        _process = _bench.MakeProcess();
        _bench.Map(_process, MemoryBench.Base, 1);
        _threads = new Thread[4];
        _threads[0] = _process.MainThread!;
        for (int i = 1; i < 4; i++)
        {
            _threads[i] = _bench.Kernel.Threads.Create(_process)!;
            _bench.Kernel.Scheduler.MakeReady(_threads[i]);
        }
    }

    [TearDown] public void TearDown() => _bench.Dispose();

    private void StartWait(Thread thread, ulong address = Word, ulong timeout = 0)
    {
        _bench.Linux(thread, Futex, address, Wait | Private, 0, timeout);
        Assert.That(thread.State, Is.EqualTo(ThreadState.InFutex));
    }

    private void SetTime(ulong ns)
    {
        _bench.WriteWord(_process, Time, ns / 1_000_000_000);
        _bench.WriteWord(_process, Time + 8, ns % 1_000_000_000);
    }

    private void Pass(ulong ns)
    {
        _bench.Kernel.NowNs += ns;
        int left = int.MaxValue;
        while (_bench.Kernel.Deadlines.TakeExpired(_bench.Kernel.NowNs, ref left) is { } thread)
            _bench.Kernel.EndWait(thread);
    }

    [Test]
    public void Wait_does_not_wait_when_the_word_has_changed()
    {
        _bench.WriteWord(_process, Word, 5);
        Assert.That(_bench.Linux(_threads[0], Futex, Word, Wait, 4), Is.EqualTo(Again));
        Assert.That(_threads[0].State, Is.EqualTo(ThreadState.Ready));
    }

    [Test]
    public void Wake_wakes_as_many_as_asked_oldest_first()
    {
        for (int i = 1; i < 4; i++) StartWait(_threads[i]);
        Assert.That(_bench.Linux(_threads[0], Futex, Word, Wake | Private, 2), Is.EqualTo(2));
        Assert.That(_threads[1].State, Is.EqualTo(ThreadState.Ready));
        Assert.That(_threads[2].State, Is.EqualTo(ThreadState.Ready));
        Assert.That(_threads[3].State, Is.EqualTo(ThreadState.InFutex));
        Assert.That(_threads[1].Frame->Rax, Is.Zero);
        Assert.That(_bench.Linux(_threads[0], Futex, Word, Wake, 100), Is.EqualTo(1));
        Assert.That(_bench.Linux(_threads[0], Futex, Word, Wake, 100), Is.Zero);
    }

    [Test]
    public void Wake_of_one_word_leaves_waiters_of_another_and_of_another_process()
    {
        StartWait(_threads[1], Other);
        Process stranger = _bench.MakeProcess();
        _bench.Map(stranger, MemoryBench.Base, 1);
        StartWait(stranger.MainThread!, Word);
        Assert.That(_bench.Linux(_threads[0], Futex, Word, Wake, 100), Is.Zero);
    }

    [Test]
    public void Bitset_wakes_only_those_who_share_a_bit()
    {
        _bench.Linux(_threads[1], Futex, Word, WaitBitset, 0, 0, 0, 1);
        _bench.Linux(_threads[2], Futex, Word, WaitBitset, 0, 0, 0, 2);
        Assert.That(_bench.Linux(_threads[0], Futex, Word, WakeBitset, 9, 0, 0, 2),
            Is.EqualTo(1));
        Assert.That(_threads[2].State, Is.EqualTo(ThreadState.Ready));
        Assert.That(_bench.Linux(_threads[2], Futex, Word, WaitBitset, 0, 0, 0, 0),
            Is.EqualTo(Invalid));
    }

    [Test]
    public void Relative_wait_times_out_when_its_time_has_passed_and_not_before()
    {
        SetTime(5_000_000_000);
        StartWait(_threads[1], Word, Time);
        Pass(4_999_999_999);
        Assert.That(_threads[1].State, Is.EqualTo(ThreadState.InFutex));
        Pass(1);
        Assert.That(_threads[1].State, Is.EqualTo(ThreadState.Ready));
        Assert.That((long)_threads[1].Frame->Rax, Is.EqualTo(TimedOut));
        Assert.That(_bench.Linux(_threads[0], Futex, Word, Wake, 100), Is.Zero);
    }

    [Test]
    public void Woken_waiter_is_not_woken_again_by_its_deadline()
    {
        SetTime(1_000);
        StartWait(_threads[1], Word, Time);
        _bench.Linux(_threads[0], Futex, Word, Wake, 1);
        Pass(2_000);
        Assert.That(_threads[1].Frame->Rax, Is.Zero);
        Assert.That(_bench.Kernel.Deadlines.Count, Is.Zero);
    }

    [Test]
    public void Absolute_wait_uses_the_clock_that_was_named()
    {
        ulong now = _bench.Kernel.NowNs;
        SetTime(now + 500);
        _bench.Linux(_threads[1], Futex, Word, WaitBitset | Private, 0, Time, 0, ulong.MaxValue);
        Assert.That(_threads[1].WaitDeadlineNs, Is.EqualTo(now + 500));
        SetTime(_bench.Machine.BootTimeNs + now + 700);
        _bench.Linux(
            _threads[2], Futex, Word, WaitBitset | Realtime, 0, Time, 0, ulong.MaxValue);
        Assert.That(_threads[2].WaitDeadlineNs, Is.EqualTo(now + 700));
        SetTime(now - 1);
        Assert.That(_bench.Linux(_threads[3], Futex, Word, WaitBitset, 0, Time, 0, 1),
            Is.EqualTo(TimedOut), "already past");
    }

    [Test]
    public void Requeue_moves_waiters_to_the_second_word()
    {
        for (int i = 1; i < 4; i++) StartWait(_threads[i]);
        Assert.That(_bench.Linux(_threads[0], Futex, Word, CompareRequeue, 1, 1, Other, 7),
            Is.EqualTo(Again), "the word is not 7");
        Assert.That(_bench.Linux(_threads[0], Futex, Word, CompareRequeue, 1, 1, Other, 0),
            Is.EqualTo(2));
        Assert.That(_bench.Linux(_threads[0], Futex, Other, Wake, 100), Is.EqualTo(1));
        Assert.That(_threads[2].State, Is.EqualTo(ThreadState.Ready));
        Assert.That(_bench.Linux(_threads[0], Futex, Word, Requeue, 0, 9, Other), Is.EqualTo(1));
    }

    [TestCase(Word + 1, Invalid)]
    [TestCase(MemoryBench.Base + 4096, BadAddress)]
    [TestCase(0UL, BadAddress)]
    [TestCase(AddressMap.DirectMap, BadAddress)]
    public void Bad_word_is_an_error_and_no_wait(ulong address, long expected)
    {
        Assert.That(_bench.Linux(_threads[0], Futex, address, Wait, 0), Is.EqualTo(expected));
        Assert.That(_threads[0].State, Is.EqualTo(ThreadState.Ready));
    }

    [Test]
    public void Bad_time_is_an_error_and_no_wait()
    {
        Assert.That(_bench.Linux(_threads[0], Futex, Word, Wait, 0, 8), Is.EqualTo(BadAddress));
        _bench.WriteWord(_process, Time, 0);
        _bench.WriteWord(_process, Time + 8, 1_000_000_000);
        Assert.That(_bench.Linux(_threads[0], Futex, Word, Wait, 0, Time), Is.EqualTo(Invalid));
        Assert.That(_bench.Linux(_threads[0], Futex, Word, 77, 0), Is.EqualTo(-38));
    }

    [Test]
    public void Killed_waiters_are_on_no_list_any_more()
    {
        SetTime(1_000);
        StartWait(_threads[1], Word, Time);
        StartWait(_threads[2]);
        _bench.End(_process);
        Assert.That(_process.Linux.FirstWaiter, Is.Null);
        Assert.That(_bench.Kernel.Deadlines.Count, Is.Zero);
        Assert.That(_bench.Kernel.Frames.FreeFrames, Is.EqualTo(_bench.FreeAtStart));
    }

    [Test]
    public void Ended_thread_clears_its_word_and_wakes_the_joiner()
    {
        _bench.WriteWord(_process, Word, 77);
        _threads[1].Linux.ClearChildTidAddress = Word;
        _bench.Linux(_threads[2], Futex, Word, Wait, 77);
        _bench.Linux(_threads[1], 60, 0);
        Assert.That(_bench.ReadWord(_process, Word) & 0xFFFF_FFFF, Is.Zero);
        Assert.That(_threads[2].State, Is.EqualTo(ThreadState.Ready));
        Assert.That(_process.ThreadCount, Is.EqualTo(3));
    }
}
