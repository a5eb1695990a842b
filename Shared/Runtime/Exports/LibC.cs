// The few functions of the C library and of Native/*.S that the exports need.

using System;
using System.Runtime.InteropServices;
using Shared.Runtime.Names;

namespace Shared.Runtime.Exports;

// Safety: ordinary transitions; what they are given lives until they return.
internal static unsafe class LibC
{
    /// <summary>Ends the process as Environment.Exit would at its end: nothing else runs.</summary>
    [DllImport("native", EntryPoint = "_exit", ExactSpelling = true)]
    public static extern void Exit(int code);

    [DllImport("native", EntryPoint = "cosmos_get_signal_handler", ExactSpelling = true)]
    public static extern nint SignalHandler();

    [DllImport("native", EntryPoint = "mmap", ExactSpelling = true)]
    public static extern nint Map(
        nint address, nuint lengthBytes, int protection, int flags, int descriptor, long offset);

    [DllImport("native", EntryPoint = "getrusage", ExactSpelling = true)]
    private static extern int ResourceUsage(int who, ulong* usage);

    [DllImport("native", EntryPoint = "sysinfo", ExactSpelling = true)]
    private static extern int SystemInformation(ulong* information);

    /// <summary>
    /// Processor time, and memory: the kernel tells a process its quota as the machine's memory.
    /// </summary>
    public static ProcessUsage Usage()
    {
        // Safety: both structs are smaller than this.
        ulong* words = stackalloc ulong[LargestStructWords];
        new Span<ulong>(words, LargestStructWords).Clear();
        ResourceUsage(0, words);
        ulong processorNs = words[0] * 1_000_000_000 + words[1] * 1000;
        SystemInformation(words);
        return new ProcessUsage(processorNs, (words[4] - words[5]) * Shared.Abi.Limits.PageBytes);
    }

    private const int LargestStructWords = 64;
}
