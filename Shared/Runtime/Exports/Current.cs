// The one program of this process, and how an export ends: errno is set, and no exception leaves.
//
// Rules: exports are called by the base class library as if they were C. They never use System.IO
// or Console themselves, and are never imported with SuppressGCTransition (a test holds both): a
// thread that waits here must not hold up the collector.

using System;
using System.Runtime.InteropServices;
using System.Text;
using Shared.Runtime.Descriptors;
using Shared.Runtime.Errors;
using Shared.Runtime.Names;
using Shared.Sdk;
using Shared.Sdk.Native;

namespace Shared.Runtime.Exports;

// Safety: pointers come from the base class library's own marshalling, and live for the call.
internal static unsafe class Current
{
    public static readonly ProgramState State = new(
        TaskMain.ReadContext(new NativeKernel()), SignalExports.Interrupted, LibC.Usage);

    public static NameSpace Names => State.Names;
    public static DescriptorTable Descriptors => State.Descriptors;

    /// <summary>The answer as C gives it: -1 and errno for an error.</summary>
    public static long Finish(long answer)
    {
        if (answer >= 0) return answer;
        Marshal.SetLastSystemError((int)-answer);
        return -1;
    }

    public static int FinishInt(long answer) => (int)Finish(answer);

    public static int Fail(Errno error) => FinishInt(Answer.Of(error));

    /// <summary>Does the work; too little memory is the only exception that it may have.</summary>
    public static long Run<TState>(TState state, Func<TState, long> work)
    {
        try
        {
            return Finish(work(state));
        }
        catch (OutOfMemoryException)
        {
            return Finish(Answer.Of(Errno.NoMemory));
        }
    }

    public static int OnPath(byte* path, Func<string, long> work) =>
        (int)Run((Text: (nint)path, work), static call => call.work(Text((byte*)call.Text)));

    public static int OnPaths(byte* first, byte* second, Func<string, string, long> work) =>
        (int)Run((First: (nint)first, Second: (nint)second, work), static call =>
            call.work(Text((byte*)call.First), Text((byte*)call.Second)));

    public static long OnDescriptor(nint number, Func<Descriptor, long> work) =>
        Run((number, work), static call => Descriptors.Find(call.number) is { } found
            ? call.work(found) : Answer.Of(Errno.BadDescriptor));

    public static string Text(byte* text) => text is null
        ? "" : Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));

    /// <summary>Copies with a NUL at the end. Range when it does not fit.</summary>
    public static long CopyText(string text, byte* buffer, int bufferBytes)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length >= bufferBytes) return Answer.Of(Errno.Range);
        bytes.CopyTo(new Span<byte>(buffer, bufferBytes));
        buffer[bytes.Length] = 0;
        return bytes.Length;
    }

    /// <summary>Text that the caller frees with SystemNative_Free.</summary>
    public static byte* Allocated(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        byte* copy = (byte*)NativeMemory.Alloc((nuint)bytes.Length + 1);
        bytes.CopyTo(new Span<byte>(copy, bytes.Length));
        copy[bytes.Length] = 0;
        return copy;
    }
}
