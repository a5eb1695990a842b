// The order in which a dead server was given its calls, whatever order they are found in.

using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Processes;
using NUnit.Framework;

namespace Tests.Unit.CosmosKernel.Processes;

public sealed class ReceiptOrderTests
{
    private const int Threads = 1024;

    [Test]
    public void Oldest_is_first(
        [Range(10, 64, 6)] int bits, [Values(0, 1, 2, 300, Threads)] int count)
    {
        Random random = new(bits * 10_000 + count);
        ReceiptOrder order = new(Threads);
        // Twice, since it is used again and again.
        for (int turn = 0; turn < 2; turn++)
        {
            HashSet<ulong> numbers = [];
            while (numbers.Count < count && numbers.Count < 1 << Math.Min(bits - 10, 20))
                numbers.Add((ulong)random.NextInt64() & (ulong.MaxValue >> 64 - bits) >> 10);
            ulong[] handles = [.. numbers.Select((number, thread) => number << 10 | (uint)thread)];
            order.Clear();
            foreach (ulong handle in handles) order.Add(handle);
            SortAll(order);
            Assert.That(
                order.Handles.ToArray(), Is.EqualTo(handles.OrderBy(static one => one >> 10)));
        }
    }

    static void SortAll(ReceiptOrder order)
    {
        while (order.SortOnce())
        {
        }
    }

    [Test]
    public void What_comes_in_order_stays_and_one_at_the_end_goes_to_its_place()
    {
        ReceiptOrder order = new(Threads);
        order.Clear();
        for (ulong number = 10; number < 500; number++) order.Add(number << 10);
        SortAll(order);
        Assert.That(order.Handles.ToArray(), Is.Ordered);
        order.Add(3 << 10);
        SortAll(order);
        Assert.That(order.Handles.ToArray(), Is.Ordered);
        Assert.That(order.Handles[0], Is.EqualTo(3 << 10));
    }
}
