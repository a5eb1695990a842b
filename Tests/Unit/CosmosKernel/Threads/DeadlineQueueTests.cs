// The heap of deadlines against a sorted list.

using CosmosKernel.Threads;
using CsCheck;
using NUnit.Framework;
using System.Collections.Generic;
using System.Linq;

namespace Tests.Unit.CosmosKernel.Threads;

public sealed class DeadlineQueueTests
{
    static readonly Gen<(int, int)[]> Histories =
        Gen.Select(Gen.Int[0, 15], Gen.Int[0, 40]).Array[1, 80];

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
            if (time == 0) queue.Remove(threads[thread]);
            else queue.Set(threads[thread], (ulong)time);
            if (time == 0) model.Remove(thread);
            else model[thread] = (ulong)time;
            ulong first = model.Count == 0 ? ulong.MaxValue : model.Values.Min();
            if (queue.FirstNs != first || queue.Count != model.Count) return false;
        }

        foreach (ulong expected in model.Values.Order())
        {
            ulong time = queue.FirstNs;
            if (time != expected || queue.TakeExpired(time - 1) is not null) return false;
            Thread? thread = queue.TakeExpired(time);
            if (thread is null || model[thread.Index] != time) return false;
        }

        return queue.Count == 0;
    }
}
