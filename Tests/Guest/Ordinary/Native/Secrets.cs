// What must differ between two processes that were copied from one: a line each.

using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace Tests.Guest.Ordinary.Native;

internal static class Secrets
{
    public static int Print()
    {
        ulong guard = 0, id = 0;
        Thread thread = new(() => (guard, id) = (StackGuard(), ThreadId()));
        thread.Start();
        thread.Join();
        Console.WriteLine($"process: {Environment.ProcessId}");
        Console.WriteLine($"thread: {ThreadId()}");
        Console.WriteLine($"stack guard: {StackGuard():x}");
        Console.WriteLine($"new thread: {id}");
        Console.WriteLine($"its stack guard: {guard:x}");
        Console.WriteLine($"hash of a string: {"text".GetHashCode()}");
        Console.WriteLine($"hash of a number: {HashCode.Combine(1)}");
        Console.WriteLine($"random: {Random.Shared.NextInt64()}");
        return 0;
    }

    [DllImport("native", EntryPoint = "ordinary_stack_guard", ExactSpelling = true)]
    private static extern ulong StackGuard();

    [DllImport("native", EntryPoint = "ordinary_thread_id", ExactSpelling = true)]
    private static extern ulong ThreadId();
}
