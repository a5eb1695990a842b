// Host threads for simulated tasks, kept for the next task when one has ended.

using System;
using System.Collections.Concurrent;
using System.Threading;

namespace Tests.Simulation;

static class HostThreadPool
{
    const int StackBytes = 1 << 20;

    static readonly ConcurrentBag<Worker> Idle = [];

    public static void Run(Action work)
    {
        if (!Idle.TryTake(out Worker? worker)) worker = new Worker();
        worker.Start(work);
    }

    sealed class Worker
    {
        readonly SemaphoreSlim hasWork = new(0);
        Action? work;

        public Worker() =>
            new Thread(Live, StackBytes) { IsBackground = true, Name = "simulated task" }.Start();

        public void Start(Action next)
        {
            work = next;
            hasWork.Release();
        }

        void Live()
        {
            while (true)
            {
                hasWork.Wait();
                work!();
                work = null;
                Idle.Add(this);
            }
        }
    }
}
