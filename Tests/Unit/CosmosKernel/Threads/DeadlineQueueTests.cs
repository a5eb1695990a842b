// The heap of deadlines against a sorted list.

using CosmosKernel.Threads;
using CsCheck;
using NUnit.Framework;
using System.Collections.Generic;
using System.Linq;

namespace Tests.Unit.CosmosKernel.Threads;

public sealed class DeadlineQueueTests
{
    /// <summary>Instead of a time: the thread has died.</summary>
    const int Gone = 41;

    static readonly Gen<(int, int)[]> Histories =
        Gen.Select(Gen.Int[0, 15], Gen.Int[0, Gone]).Array[1, 80];

    [Test]
    public void Queue_gives_the_earliest_first_after_any_history() =>
        Histories.Sample(Agrees, iter: 2000, threads: 1);

    static bool Agrees((int Thread, int Time)[] history)
    {
        ThreadTable threads = new(16);
        for (int index = 0; index < 16; index++) threads[index].DeadlineSlot = -1;
        DeadlineQueue queue = new(threads, 16);
        Dictionary<int, ulong> model = [];
        foreach ((int thread, int time) in history)
        {
            if (time == 0) DeadlineQueue.End(threads[thread]);
            else if (time == Gone) queue.Remove(threads[thread]);
            else queue.Set(threads[thread], (ulong)time);
            if (time is 0 or Gone) model.Remove(thread);
            else model[thread] = (ulong)time;
            ulong first = model.Count == 0 ? ulong.MaxValue : model.Values.Min();
            if (queue.FirstNs > first || queue.Count < model.Count) return false;
        }

        foreach (ulong expected in model.Values.Order())
        {
            int left = int.MaxValue;
            if (queue.TakeExpired(expected - 1, ref left) is not null) return false;
            if (queue.FirstNs != expected) return false;
            Thread? thread = queue.TakeExpired(expected, ref left);
            if (thread is null || model[thread.Index] != expected) return false;
            if (thread.WaitDeadlineNs != 0) return false;
        }

        int rest = int.MaxValue;
        return queue.TakeExpired(Gone, ref rest) is null && queue.Count == 0;
    }

    [Test]
    public void Threads_that_wait_no_more_are_passed_in_bounded_steps()
    {
        ThreadTable threads = new(16);
        DeadlineQueue queue = new(threads, 16);
        for (int index = 0; index < 16; index++)
        {
            threads[index].DeadlineSlot = -1;
            queue.Set(threads[index], (ulong)index + 1);
            if (index != 15) DeadlineQueue.End(threads[index]);
        }

        int left = 10;
        Assert.That(queue.TakeExpired(100, ref left), Is.Null);
        Assert.That((left, queue.Count), Is.EqualTo((0, 6)));
        left = 10;
        Assert.That(queue.TakeExpired(100, ref left)?.Index, Is.EqualTo(15));
        Assert.That((left, queue.Count), Is.EqualTo((4, 0)));
    }
}
