// What the runtime says at a program's end, and who the program is.

using System;
using System.Runtime.InteropServices;
using Shared.Abi;
using Shared.Runtime.Descriptors;
using Shared.Runtime.Errors;
using Shared.Sdk;

namespace Shared.Runtime.Exports;

// Safety: see Current; texts have the length that is given with them.
internal static unsafe class ProcessExports
{
    private const int StandardOutput = 1, StandardError = 2, NotFound = -1;
    private const string SystemName = "CosmosKernel", SystemVersion = "0.0.0";

    /// <summary>Made before it is needed: memory may be gone by then.</summary>
    private static readonly byte[] s_lastWords = new byte[Limits.LastWordsBytes];
    private static int s_lastWordsBytes;

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_Log")]
    private static void Log(byte* text, int lengthBytes) =>
        Write(StandardOutput, new ReadOnlySpan<byte>(text, lengthBytes));

    /// <summary>The text of an unhandled exception comes here, in pieces.</summary>
    [UnmanagedCallersOnly(EntryPoint = "SystemNative_LogError")]
    private static void LogError(byte* text, int lengthBytes)
    {
        ReadOnlySpan<byte> piece = new(text, lengthBytes);
        int room = Math.Min(piece.Length, s_lastWords.Length - s_lastWordsBytes);
        piece[..room].CopyTo(s_lastWords.AsSpan(s_lastWordsBytes));
        s_lastWordsBytes += room;
        Write(StandardError, piece);
    }

    /// <summary>The runtime gives up: the death record gets what it has said before.</summary>
    [UnmanagedCallersOnly(EntryPoint = "SystemNative_Abort")]
    private static void Abort()
    {
        DeathCause cause =
            s_lastWordsBytes == 0 ? DeathCause.Abort : DeathCause.UnhandledException;
        Current.State.Kernel.LastWords(s_lastWords.AsSpan(0, s_lastWordsBytes), cause);
        LibC.Exit(TaskMain.CrashCode);
    }

    private static void Write(int number, ReadOnlySpan<byte> text)
    {
        try
        {
            Descriptor? stream = Current.Descriptors.Find(number);
            while (!text.IsEmpty && stream is not null)
            {
                long written = stream.Write(text);
                if (written <= 0) return;
                text = text[(int)written..];
            }
        }
        catch (Exception)
        {
            // The process is about to end, and there is nobody left to tell.
        }
    }

    /// <summary>The caller frees what it gets.</summary>
    [UnmanagedCallersOnly(EntryPoint = "SystemNative_GetProcessPath")]
    private static byte* ProcessPath()
    {
        string[] words = Environment.GetCommandLineArgs();
        string name = words.Length == 0 ? "" : words[0];
        return Current.Allocated(name.StartsWith('/') ? name : "/" + name);
    }

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_GetHostName")]
    private static int HostName(byte* buffer, int bufferBytes) => Current.FinishInt(
        Math.Min(0, Current.CopyText("cosmos", buffer, bufferBytes)));

    /// <summary>The caller frees what it gets.</summary>
    [UnmanagedCallersOnly(EntryPoint = "SystemNative_GetUnixRelease")]
    private static byte* Release() => Current.Allocated(SystemVersion);

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_GetUnixVersion")]
    private static int Version(byte* buffer, int* capacity)
    {
        long length = Current.CopyText($"{SystemName} {SystemVersion}", buffer, *capacity);
        return length < 0 ? Current.FinishInt(length) : 0;
    }

    /// <summary>There are no users; C's own would look for them in libraries.</summary>
    [UnmanagedCallersOnly(EntryPoint = "SystemNative_GetPwUidR")]
    private static int FindUser(uint user, void* entry, byte* buffer, int bufferBytes) => NotFound;

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_GetPwNamR")]
    private static int FindUserByName(byte* name, void* entry, byte* buffer, int bufferBytes) =>
        NotFound;

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_GetGroupName")]
    private static byte* GroupName(uint group)
    {
        Current.Fail(Errno.NoEntry);
        return null;
    }

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_GetGroupList")]
    private static int GroupList(byte* name, uint group, uint* groups, int* count)
    {
        *count = 0;
        return 0;
    }

    /// <summary>A program may end itself, and sees nobody else.</summary>
    [UnmanagedCallersOnly(EntryPoint = "SystemNative_Kill")]
    private static int Kill(int process, int signal)
    {
        const int Ask = 0, SignalCodeFirst = 128;
        if (process != Environment.ProcessId) return Current.Fail(Errno.NoSuchProcess);
        if (signal != Ask) LibC.Exit(SignalCodeFirst + signal);
        return 0;
    }

    /// <summary>Programs are started by the shell alone.</summary>
    [UnmanagedCallersOnly(EntryPoint = "SystemNative_ForkAndExecProcess")]
    private static int StartProcess(
        byte* file, byte** arguments, byte** environment, byte* directory, int redirectsInput,
        int redirectsOutput, int redirectsError, int setsUser, uint user, uint group, uint* groups,
        int groupCount, int* child, int* input, int* output, int* error)
    {
        *child = *input = *output = *error = -1;
        return Current.Fail(Errno.NotSupported);
    }
}
