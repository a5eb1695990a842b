// What must differ between two processes that were copied from one, a line each. Ids of threads do
// while both live (SnapshotTests): they are used again.

using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace Tests.Guest.Ordinary.Native;

internal static class Secrets
{
    public static int Print()
    {
        ulong guard = 0;
        Thread thread = new(() => guard = StackGuard());
        thread.Start();
        thread.Join();
        Console.WriteLine($"process: {Environment.ProcessId}");
        Console.WriteLine($"stack guard: {StackGuard():x}");
        Console.WriteLine($"stack guard of a thread: {guard:x}");
        Console.WriteLine($"hash of a string: {"text".GetHashCode()}");
        Console.WriteLine($"hash of a number: {HashCode.Combine(1)}");
        Console.WriteLine($"random: {Random.Shared.NextInt64()}");
        return 0;
    }

    [DllImport("native", EntryPoint = "ordinary_stack_guard", ExactSpelling = true)]
    private static extern ulong StackGuard();
}
