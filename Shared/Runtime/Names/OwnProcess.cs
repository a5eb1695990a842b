// The files of Linux's /proc/self that System.Diagnostics.Process reads of its own process.
//
// Rules: made when they are opened; what nobody here knows is 0. Only of this process: others have
// the files of ProcFs, in its own format.

using System;
using System.Globalization;
using System.Text;

namespace Shared.Runtime.Names;

/// <summary>What the process has used until now.</summary>
public readonly record struct ProcessUsage(ulong ProcessorNs, ulong MemoryBytes);

/// <param name="startedNs">When it began, since boot.</param>
/// <param name="usage">Asks for the use until now.</param>
public sealed class OwnProcess(string name, ulong startedNs, Func<ProcessUsage> usage)
{
    private const ulong TickNs = 10_000_000, PageBytes = 4096, KibiBytes = 1024;
    private const int StatFields = 52, UserTimeField = 14, ThreadsField = 20, StartField = 22;
    private const int SizeField = 23, ResidentField = 24;

    /// <summary>Null for any other path.</summary>
    public byte[]? Read(string path) => path switch
    {
        "/proc/self/stat" => Encoding.UTF8.GetBytes(Stat()),
        "/proc/self/status" => Encoding.UTF8.GetBytes(Status()),
        "/proc/self/cmdline" => Encoding.UTF8.GetBytes(name + "\0"),
        _ => null,
    };

    /// <summary>One line of numbers, see proc(5); times are ticks of 10 ms.</summary>
    private string Stat()
    {
        ProcessUsage now = usage();
        ulong[] fields = new ulong[StatFields + 1];
        fields[UserTimeField] = now.ProcessorNs / TickNs;
        fields[ThreadsField] = 1;
        fields[StartField] = startedNs / TickNs;
        fields[SizeField] = now.MemoryBytes;
        fields[ResidentField] = now.MemoryBytes / PageBytes;
        StringBuilder line = new();
        line.Append(CultureInfo.InvariantCulture, $"{Environment.ProcessId} ({Short()}) R");
        for (int field = 4; field <= StatFields; field++) line.Append(' ').Append(fields[field]);
        return line.Append('\n').ToString();
    }

    private string Status()
    {
        ulong kibibytes = usage().MemoryBytes / KibiBytes;
        StringBuilder text = new($"Name:\t{Short()}\nState:\tR (running)\n");
        foreach (string line in new[] { "VmPeak", "VmSize", "VmHWM", "VmRSS", "VmData" })
        {
            text.Append(CultureInfo.InvariantCulture, $"{line}:\t{kibibytes} kB\n");
        }
        return text.ToString();
    }

    private string Short() => name[(name.LastIndexOf('/') + 1)..];
}
