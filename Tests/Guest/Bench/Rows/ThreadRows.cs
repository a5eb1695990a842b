// From one thread to another of this task: by notifications there and back, and by giving way.
//
// The other thread counts how often it had the processor, so that a switch that the scheduler did
// not make is not taken for a cheap one. A switch is half of the way there and back.

using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Tests.Guest.Bench.Rows;

internal sealed class ThreadRows(TaskContext task, Timed timed, BenchOptions options)
{
    private const ulong TurnBit = 1, EndBit = 2;
    private const int MaxTries = 1000;

    private readonly IKernel _kernel = task.Kernel;
    private long _turns;
    private volatile bool _isOver;

    public void Run()
    {
        MeasureNotification();
        MeasureSwitch();
    }

    private void MeasureNotification()
    {
        Handle here = Made(), there = Made();
        Require(_kernel.NotificationBind(here), "bind");
        Thread other = new(() => Answer(there, here));
        other.Start();
        timed.Run("notification", options.Count, () =>
        {
            Require(_kernel.NotificationSignal(there, TurnBit), "signal");
            Require(_kernel.ReceiveNotification().Status, "wait");
        });
        Require(_kernel.NotificationSignal(there, EndBit), "signal");
        other.Join();
        _kernel.Close(here);
        _kernel.Close(there);
    }

    /// <summary>Runs in the other thread, until it is told to end.</summary>
    private void Answer(Handle mine, Handle back)
    {
        if (_kernel.NotificationBind(mine) != Status.Ok) return;
        while (true)
        {
            Result<ulong> bits = _kernel.ReceiveNotification();
            if (bits.Status != Status.Ok || (bits.Value & EndBit) != 0) return;
            _kernel.NotificationSignal(back, TurnBit);
        }
    }

    private void MeasureSwitch()
    {
        Thread other = new(() =>
        {
            while (!_isOver)
            {
                Volatile.Write(ref _turns, _turns + 1);
                Thread.Yield();
            }
        });
        other.Start();
        timed.RunPart("thread switch", options.Count, SwitchThereAndBack, times: 2);
        _isOver = true;
        other.Join();
    }

    private ulong SwitchThereAndBack()
    {
        for (int i = 0; i < MaxTries; i++)
        {
            long seen = Volatile.Read(ref _turns);
            ulong before = task.NowNs;
            Thread.Yield();
            ulong tookNs = task.NowNs - before;
            if (Volatile.Read(ref _turns) == seen + 1) return tookNs;
        }
        throw new BenchException("the other thread does not get its turn");
    }

    private Handle Made()
    {
        Result<Handle> made = _kernel.NotificationCreate();
        Require(made.Status, "notification");
        return made.Value;
    }

    private static void Require(Status status, string what) => BenchMount.Require(status, what);
}
