// A ring gives back what went in, in order, however it wraps.

using System;
using System.Collections.Generic;
using NUnit.Framework;
using Servers.Pipes;

namespace Tests.Unit.Servers.Pipes;

public sealed class RingTests
{
    [Test]
    public void Bytes_come_out_in_order_at_every_alignment()
    {
        Ring ring = new(7);
        Queue<byte> expected = new();
        byte next = 0;
        Random random = new(1);
        for (int i = 0; i < 2000; i++)
        {
            int fill = random.Next(0, ring.FreeSpan.Length + 1);
            foreach (ref byte place in ring.FreeSpan[..fill])
            {
                place = next;
                expected.Enqueue(next++);
            }
            ring.Filled(fill);
            int take = random.Next(0, ring.LengthBytes + 1);
            List<byte> taken = [];
            while (taken.Count < take)
            {
                ReadOnlySpan<byte> piece = ring.Peek(taken.Count);
                taken.AddRange(piece[..Math.Min(piece.Length, take - taken.Count)]);
            }
            ring.Consume(take);
            foreach (byte value in taken) Assert.That(value, Is.EqualTo(expected.Dequeue()));
            Assert.That(ring.LengthBytes, Is.EqualTo(expected.Count));
        }
    }

    [Test]
    public void Ring_refuses_more_than_there_is()
    {
        Ring ring = new(4);
        Assert.That(() => ring.Filled(5), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => ring.Consume(1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
