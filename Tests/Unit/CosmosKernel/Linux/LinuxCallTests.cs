// Calls of glibc and the runtime, good and forged. None may throw, and none may answer nonsense.

using System;
using CosmosKernel.Arch.X64.Linux;
using CosmosKernel.Memory;
using CosmosKernel.Processes;
using CosmosKernel.Threads;
using CsCheck;
using NUnit.Framework;
using Shared.Abi;
using Tests.Unit.CosmosKernel.Memory;

namespace Tests.Unit.CosmosKernel.Linux;

[TestFixture]
public sealed unsafe class LinuxCallTests
{
    private const uint Brk = 12, Mmap = 9, Mprotect = 10, Munmap = 11, Madvise = 28, Clone3 = 435;
    private const ulong None = 0, Read = 1, ReadWrite = 3, PrivateAnonymous = 0x22, Fixed = 0x10;
    private const ulong ThreadFlags = 0x3D_0F00;
    private const ulong Scratch = MemoryBench.Base;

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

    private long Call(uint number, params ReadOnlySpan<ulong> arguments) =>
        _bench.Linux(_thread, number, arguments);

    [Test]
    public void Brk_grows_and_shrinks_behind_the_image()
    {
        ulong first = (ulong)Call(Brk, 0);
        Assert.That(first, Is.EqualTo(0x40_8000));
        Assert.That(Call(Brk, first + 0x1234), Is.EqualTo((long)first + 0x1234));
        Assert.That(_bench.TryWriteByte(_process, first + 0x1233, 7), Is.True);
        Assert.That(_bench.TryWriteByte(_process, first + 0x2000, 7), Is.False);
        Assert.That(Call(Brk, first + 0x10), Is.EqualTo((long)first + 0x10));
        Assert.That(_bench.TryWriteByte(_process, first + 0x1000, 7), Is.False);
        Assert.That(Call(Brk, first - 1), Is.EqualTo((long)first + 0x10), "not below");
        Assert.That(Call(Brk, AddressMap.UserLowEnd + 1), Is.EqualTo((long)first + 0x10));
        Assert.That(Call(Brk, ulong.MaxValue), Is.EqualTo((long)first + 0x10), "wraps");
    }

    [Test]
    public void Mmap_chooses_free_spans_and_munmap_takes_parts_away()
    {
        ulong one = (ulong)Call(Mmap, 0, 0x5000, ReadWrite, PrivateAnonymous, ulong.MaxValue);
        ulong two = (ulong)Call(Mmap, 0, 0x3001, ReadWrite, PrivateAnonymous, ulong.MaxValue);
        Assert.That(two + 0x4000, Is.EqualTo(one), "next to each other, merged");
        Assert.That(_bench.TryWriteByte(_process, two + 0x3FFF, 1), Is.True);
        Assert.That(Call(Munmap, one + 0x1000, 0x1000), Is.Zero);
        Assert.That(_bench.TryWriteByte(_process, one + 0x1000, 1), Is.False);
        Assert.That(_bench.TryWriteByte(_process, one + 0x2000, 1), Is.True);
    }

    [Test]
    public void Mmap_at_a_fixed_place_replaces_what_was_there()
    {
        ulong at = (ulong)Call(Mmap, 0, 0x3000, ReadWrite, PrivateAnonymous, ulong.MaxValue);
        _bench.TryWriteByte(_process, at + 0x1000, 9);
        Assert.That(Call(Mmap, at + 0x1000, 0x1000, Read, PrivateAnonymous | Fixed,
            ulong.MaxValue), Is.EqualTo((long)at + 0x1000));
        Assert.That(_bench.ReadByte(_process, at + 0x1000), Is.Zero);
        Assert.That(_bench.TryWriteByte(_process, at + 0x1000, 9), Is.False);
    }

    [Test]
    public void Reserved_heap_is_committed_piece_by_piece_and_given_back()
    {
        ulong at = (ulong)Call(Mmap, 0, 1 << 30, None, PrivateAnonymous, ulong.MaxValue);
        uint before = _process.MemoryPages;
        Assert.That(_bench.TryWriteByte(_process, at, 1), Is.False);
        Assert.That(Call(Mprotect, at + 0x10000, 0x4000, ReadWrite), Is.Zero);
        for (ulong page = 0; page < 4; page++)
            Assert.That(_bench.TryWriteByte(_process, at + 0x10000 + page * 4096, 5), Is.True);
        Assert.That(_process.MemoryPages - before, Is.GreaterThanOrEqualTo(4));
        uint committed = _process.MemoryPages;
        Assert.That(Call(Madvise, at + 0x10000, 0x4000, 4), Is.Zero);
        Assert.That(committed - _process.MemoryPages, Is.EqualTo(4));
        Assert.That(_bench.ReadByte(_process, at + 0x10000), Is.Zero);
    }

    [Test]
    public void Memory_calls_touch_neither_vault_nor_guard_nor_kernel()
    {
        ulong guard = AddressMap.MainStackTop - ProcessLoader.StackBytes - 4096;
        Assert.That(Call(Munmap, guard, 4096), Is.EqualTo(-22));
        Assert.That(Call(Mprotect, guard, 4096, ReadWrite), Is.EqualTo(-22));
        Assert.That(Call(Mmap, guard, 4096, ReadWrite, PrivateAnonymous | Fixed, ulong.MaxValue),
            Is.EqualTo(-22));
        foreach (ulong bad in new[] { 0UL, AddressMap.UserLowEnd, AddressMap.DirectMap })
        {
            Assert.That(Call(Munmap, bad, 4096), Is.EqualTo(-22));
            Assert.That(Call(Mmap, bad, 4096, ReadWrite, PrivateAnonymous | Fixed,
                ulong.MaxValue), Is.EqualTo(-22));
        }
    }

    [Test]
    public void Nothing_is_mapped_writable_and_executable()
    {
        Assert.That(Call(Mmap, 0, 4096, 7, PrivateAnonymous, ulong.MaxValue), Is.EqualTo(-22));
        Assert.That(Call(Mprotect, Scratch, 4096, 7), Is.EqualTo(-22));
        Assert.That(Call(Mprotect, TestElf.Text, 4096, ReadWrite), Is.Zero, "one, then the other");
    }

    [Test]
    public void Clone3_makes_a_thread_that_differs_only_in_stack_result_and_tls()
    {
        ulong[] words = [ThreadFlags, 0, Scratch + 512, Scratch + 520, 0, Scratch + 4096, 8192,
            Scratch + 1024];
        for (int i = 0; i < 8; i++) _bench.WriteWord(_process, Scratch + (ulong)i * 8, words[i]);
        _thread.Frame->R12 = 0x1234;
        long id = Call(Clone3, Scratch, 88);
        Assert.That(id, Is.GreaterThan(0));
        Thread made = _process.FirstThread!;
        Assert.That(made.Id, Is.EqualTo(id));
        Assert.That(made.State, Is.EqualTo(ThreadState.Ready));
        Assert.That(made.Frame->Rax, Is.Zero);
        Assert.That(made.Frame->R12, Is.EqualTo(0x1234));
        Assert.That(made.Frame->Rsp, Is.EqualTo(Scratch + 4096 + 8192));
        Assert.That(made.Frame->FsBase, Is.EqualTo(Scratch + 1024));
        Assert.That(made.Frame->Cr3, Is.EqualTo(_thread.Frame->Cr3));
        Assert.That(made.Linux.ClearChildTidAddress, Is.EqualTo(Scratch + 512));
        Assert.That(_bench.ReadWord(_process, Scratch + 520), Is.EqualTo((ulong)id));
    }

    [TestCase(0, 0x0100_0000UL, TestName = "Clone3_refuses_to_make_a_process")]
    [TestCase(0, ThreadFlags | 0x4000_0000, TestName = "Clone3_refuses_name_spaces")]
    [TestCase(5, AddressMap.DirectMap, TestName = "Clone3_refuses_a_stack_in_the_kernel")]
    [TestCase(7, AddressMap.DirectMap, TestName = "Clone3_refuses_tls_in_the_kernel")]
    [TestCase(7, 0x8000_0000_0000UL, TestName = "Clone3_refuses_tls_that_is_not_canonical")]
    public void Clone3_refuses(int word, ulong value)
    {
        ulong[] words = [ThreadFlags, 0, Scratch, Scratch, 0, Scratch + 4096, 4096, Scratch];
        words[word] = value;
        for (int i = 0; i < 8; i++) _bench.WriteWord(_process, Scratch + (ulong)i * 8, words[i]);
        Assert.That(Call(Clone3, Scratch, 88), Is.EqualTo(-22));
        Assert.That(_process.ThreadCount, Is.EqualTo(1));
    }

    [Test]
    public void Thread_quota_is_EAGAIN()
    {
        _process.ThreadQuota = 1;
        ulong[] words = [ThreadFlags, 0, Scratch, Scratch, 0, Scratch + 4096, 4096, Scratch];
        for (int i = 0; i < 8; i++) _bench.WriteWord(_process, Scratch + (ulong)i * 8, words[i]);
        Assert.That(Call(Clone3, Scratch, 88), Is.EqualTo(-11));
    }

    [Test]
    public void Fs_base_cannot_leave_user_space()
    {
        Assert.That(Call(158, 0x1002, Scratch), Is.Zero);
        Assert.That(_thread.Frame->FsBase, Is.EqualTo(Scratch));
        foreach (ulong bad in new[] { AddressMap.DirectMap, 0x8000_0000_0000UL, ulong.MaxValue })
            Assert.That(Call(158, 0x1002, bad), Is.EqualTo(-1));
        Assert.That(_thread.Frame->FsBase, Is.EqualTo(Scratch));
    }

    [Test]
    public void Maps_name_the_main_stack_once()
    {
        _bench.Kernel.UserMemory.TryWrite(_process, Scratch, "/proc/self/maps\0"u8);
        ulong descriptor = (ulong)Call(257, unchecked((ulong)-100), Scratch);
        byte[] text = new byte[256];
        long length = Call(0, descriptor, Scratch + 100, 10), rest;
        rest = Call(0, descriptor, Scratch + 110, 200);
        Assert.That(Call(0, descriptor, Scratch + 100, 200), Is.Zero);
        _bench.Kernel.UserMemory.TryRead(_process, Scratch + 100, text);
        string line = System.Text.Encoding.ASCII.GetString(text, 0, (int)(length + rest));
        Assert.That(line, Is.EqualTo("3fffeff00000-3ffff0000000 rw-p 00000000 00:00 0 [stack]\n"));
        Assert.That(Call(3, descriptor), Is.Zero);
        Assert.That(Call(3, 77), Is.EqualTo(-9));
    }

    [Test]
    public void Other_files_are_not_there()
    {
        _bench.Kernel.UserMemory.TryWrite(_process, Scratch, "/etc/passwd\0"u8);
        Assert.That(Call(257, 0, Scratch), Is.EqualTo(-2));
        Assert.That(Call(257, 0, 0), Is.EqualTo(-14));
        Assert.That(Call(999), Is.EqualTo(-38));
    }

    [Test]
    public void Sleep_ends_at_its_time()
    {
        _bench.WriteWord(_process, Scratch, 2);
        _bench.WriteWord(_process, Scratch + 8, 500);
        Call(35, Scratch);
        Assert.That(_thread.State, Is.EqualTo(ThreadState.InSleep));
        Assert.That(_thread.WaitDeadlineNs, Is.EqualTo(_bench.Kernel.NowNs + 2_000_000_500));
        _bench.WriteWord(_process, Scratch, ulong.MaxValue);
        Assert.That(_bench.Linux(_thread, 35, Scratch), Is.EqualTo(-22));
    }

    [Test]
    public void Output_of_any_length_is_taken_in_bounded_steps()
    {
        Assert.That(Call(1, 1, Scratch, 100_000), Is.EqualTo(1024));
        Assert.That(Call(1, 2, Scratch + 4 * 4096 - 10, 11), Is.EqualTo(-14));
        Assert.That(Call(1, 3, Scratch, 1), Is.EqualTo(-9));
    }

    /// <summary>Any number and arguments: an answer, a wait, a death, no exception.</summary>
    [Test]
    public void Random_calls_never_break_the_kernel()
    {
        ulong[] interesting =
        [
            0, 1, 8, 4096, Scratch, Scratch + 4095, TestElf.Text, AddressMap.MainStackTop,
            AddressMap.DirectMap, ulong.MaxValue, 0x8000_0000_0000, AddressMap.UserLowEnd,
            0x40_8000, PrivateAnonymous, ThreadFlags, 1UL << 63,
        ];
        uint[] numbers =
            [.. Array.ConvertAll(Enum.GetValues<LinuxCall>(), call => (uint)call), 999];
        Random random = new(7);
        for (int round = 0; round < 20_000; round++)
        {
            if (!_process.IsAlive || _thread.State != ThreadState.Ready)
            {
                _bench.End(_process);
                Assert.That(_bench.Kernel.Frames.FreeFrames, Is.EqualTo(_bench.FreeAtStart));
                _process = _bench.MakeProcess(256);
                _thread = _process.MainThread!;
                _bench.Map(_process, Scratch, 4);
            }

            ulong[] arguments = new ulong[6];
            for (int i = 0; i < 6; i++) arguments[i] = interesting[random.Next(interesting.Length)];
            _bench.Linux(_thread, numbers[random.Next(numbers.Length)], arguments);
        }
    }
}
