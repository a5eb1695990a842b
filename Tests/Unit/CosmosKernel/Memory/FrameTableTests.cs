// Frames are taken, zeroed, released and never lost, and foreign ones are refused.

using System;
using System.Collections.Generic;
using CosmosKernel.Boot;
using CosmosKernel.Memory;
using NUnit.Framework;

namespace Tests.Unit.CosmosKernel.Memory;

[TestFixture]
public sealed unsafe class FrameTableTests
{
    private ByteMachine _machine = null!;

    [SetUp] public void SetUp() => _machine = new ByteMachine(1 << 20);
    [TearDown] public void TearDown() => _machine.Dispose();

    private FrameTable Make(params RamRange[] ranges) => new(_machine.PhysicalMemory, ranges);

    [Test]
    public void Frames_are_zeroed_distinct_and_inside_the_ranges()
    {
        FrameTable frames = Make(new(0x3000, 0x4000), new(0x10000, 0x20000));
        HashSet<ulong> seen = [];
        for (ulong i = 0, count = frames.TotalFrames; i < count; i++)
        {
            ulong frame = frames.TryTakeZeroed();
            Assert.That(seen.Add(frame), Is.True);
            Assert.That(frame is >= 0x3000 and < 0x7000 or >= 0x10000 and < 0x30000, Is.True);
            Assert.That(new Span<byte>(_machine.PhysicalMemory + frame, 4096)
                .IndexOfAnyExcept((byte)0), Is.EqualTo(-1));
            new Span<byte>(_machine.PhysicalMemory + frame, 4096).Fill(0xEE);
        }

        Assert.That(frames.FreeFrames, Is.Zero);
        Assert.That(frames.TryTakeZeroed(), Is.Zero);
        foreach (ulong frame in seen) frames.Release(frame);
        Assert.That(frames.FreeFrames, Is.EqualTo(frames.TotalFrames));
    }

    [Test]
    public void Frame_table_keeps_only_the_frames_of_its_own_table_for_itself()
    {
        FrameTable frames = Make(new RamRange(0x1000, 0x40000));
        Assert.That(frames.TotalFrames, Is.EqualTo(0x40000 / 4096 - 1));
    }

    [Test]
    public void Frame_zero_is_never_given_out()
    {
        FrameTable frames = Make(new(0, 0x3000), new(0x10000, 0x8000));
        for (ulong frame; (frame = frames.TryTake()) != 0; ) Assert.That(frame, Is.Not.Zero);
        Assert.That(frames.IsManaged(0), Is.False);
    }

    [Test]
    public void Release_refuses_a_frame_that_is_free_or_foreign()
    {
        FrameTable frames = Make(new RamRange(0x1000, 0x10000));
        ulong frame = frames.TryTake();
        frames.Release(frame);
        Assert.Throws<InvalidOperationException>(() => frames.Release(frame));
        Assert.Throws<InvalidOperationException>(() => frames.Release(0x80000));
    }

    [Test]
    public void Copy_moves_every_length_and_nothing_more()
    {
        byte* source = _machine.PhysicalMemory, target = source + 0x1000;
        for (int i = 0; i < 700; i++) source[i] = (byte)(i + 1);
        for (int length = 0; length < 600; length++)
        {
            new Span<byte>(target, 700).Clear();
            FrameTable.Copy(source + 3, target + 5, (ulong)length);
            Assert.That(new Span<byte>(target + 5, length)
                .SequenceEqual(new Span<byte>(source + 3, length)), Is.True);
            Assert.That(target[4] | target[5 + length], Is.Zero);
        }
    }
}
