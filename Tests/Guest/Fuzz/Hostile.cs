// A hostile process: several threads that make random calls, most of them nearly right.
//
// Rules: everything follows from the seed, as far as the order of the threads does. What would end
// the machine is left out, and so is the supervisor: who may ask it has its authority.

using System;
using System.Runtime.InteropServices;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Tests.Guest.Fuzz;

internal sealed unsafe class Hostile
{
    /// <summary>Calls between two bytes of progress; chunks of each thread.</summary>
    public const int ChunkCalls = 100, Chunks = 16, Threads = 4;
    public const byte ChunkDone = (byte)'.';

    private readonly TaskContext _task;
    private readonly int _seed;
    private readonly Handle _progress;
    private readonly Arguments _arguments;

    public Hostile(TaskContext task, int seed)
    {
        _task = task;
        _seed = seed;
        _progress = task.Find("stdout");
        _arguments = new Arguments(task);
    }

    public int Run()
    {
        Thread[] threads = new Thread[Threads - 1];
        for (int number = 0; number < threads.Length; number++)
        {
            int own = number + 1;
            threads[number] = new Thread(() => Work(own), 128 * 1024) { IsBackground = true };
            threads[number].Start();
        }
        Work(0);
        foreach (Thread thread in threads) thread.Join();
        return 0;
    }

    private void Work(int thread)
    {
        Random random = new(_seed * Threads + thread);
        for (int chunk = 0; chunk < Chunks; chunk++)
        {
            for (int call = 0; call < ChunkCalls;)
                if (TryMakeCall(random)) call++;
            // Its own call, not one of those that are counted.
            new ByteStreamClient(_task.Kernel, _progress).Write([ChunkDone]);
        }
    }

    /// <summary>False: what came out is left to others, and not made.</summary>
    private bool TryMakeCall(Random random)
    {
        Shape shape = Shapes.All[random.Next(Shapes.All.Length)];
        Registers registers = default;
        registers.Number = shape.Number;
        Span<ulong> values = MemoryMarshal.CreateSpan(ref registers.A0, Shape.MaxArguments);
        for (int at = 0; at < Shape.MaxArguments; at++)
            values[at] = _arguments.Make(random, shape.KindOf(at));
        int luck = random.Next(4_000);
        if (luck < 20) values[random.Next(4)] = _arguments.Nasty(random);
        if (luck == 0 && !TryWild(random, ref registers, values)) return false;
        // The progress is its own, and what it says must be true.
        if (values[0] == _progress.Value) return false;
        _task.Kernel.Invoke(ref registers);
        _arguments.Remember(random, shape, registers);
        return true;
    }

    /// <summary>Any number, any arguments; most processes do not survive it.</summary>
    private bool TryWild(Random random, ref Registers registers, Span<ulong> values)
    {
        ulong number = random.Next(3) switch
        {
            0 => (ulong)random.Next(0, 450),
            1 => (ulong)random.Next(0x1000, 0x1070),
            _ => (ulong)random.NextInt64(),
        };
        if (number is (ulong)SystemCall.PowerOff or (ulong)SystemCall.Reboot) return false;
        registers.Number = number;
        for (int at = 0; at < values.Length; at++)
            values[at] = random.Next(2) == 0 ? _arguments.Nasty(random) : (ulong)random.NextInt64();
        return true;
    }
}
