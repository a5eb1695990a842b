// A ring gives back what went in, in order, however it wraps.

using System;
using System.Collections.Generic;
using NUnit.Framework;
using Servers.Pipes;
using Shared.Sdk.Vaults;

namespace Tests.Unit.Servers.Pipes;

public sealed class RingTests
{
    private static Ring Make(int capacityBytes) =>
        new(new HeapVaultMemory(2 * 4096), 4096, capacityBytes);

    [Test]
    public void Bytes_come_out_in_order_at_every_alignment()
    {
        Ring ring = Make(7);
        Queue<byte> expected = new();
        byte next = 0;
        Random random = new(1);
        for (int i = 0; i < 2000; i++)
        {
            byte[] filled = new byte[random.Next(0, ring.FreeBytes + 1)];
            foreach (ref byte place in filled.AsSpan())
            {
                place = next;
                expected.Enqueue(next++);
            }
            ring.Fill(filled);
            ring.Filled(filled.Length);
            byte[] taken = new byte[random.Next(0, ring.LengthBytes + 1)];
            ring.Read(ring.First, taken);
            ring.Consume(taken.Length);
            foreach (byte value in taken) Assert.That(value, Is.EqualTo(expected.Dequeue()));
            Assert.That(ring.LengthBytes, Is.EqualTo(expected.Count));
        }
    }

    [Test]
    public void Ring_refuses_more_than_there_is()
    {
        Ring ring = Make(4);
        Assert.That(() => ring.Fill(new byte[5]), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => ring.Filled(5), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => ring.Consume(1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Ring_goes_on_where_another_was()
    {
        Ring ring = Make(8);
        ring.Set(6, 0);
        ring.Fill([1, 2, 3, 4]);
        ring.Filled(4);
        byte[] found = new byte[4];
        ring.Read(6, found);
        Assert.That(found, Is.EqualTo(new byte[] { 1, 2, 3, 4 }));
        Assert.That(() => ring.Set(8, 0), Throws.TypeOf<VaultDamagedException>());
        Assert.That(() => ring.Set(0, 9), Throws.TypeOf<VaultDamagedException>());
    }
}
