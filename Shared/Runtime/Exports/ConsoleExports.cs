// The terminal, as System.Console asks for it. The console server edits and echoes lines, so .NET
// has nothing to switch, and reads its input as if it came from a pipe.

using System.Runtime.InteropServices;
using Shared.Contracts;
using Shared.Runtime.Errors;

namespace Shared.Runtime.Exports;

// Safety: see Current; each pointer is written at the size of its type alone.
internal static unsafe class ConsoleExports
{
    private const int Done = 1;

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_IsATty")]
    private static int IsTerminal(nint number) => Current.Descriptors.Find(number) is
        { IsTerminal: true } ? 1 : Current.Fail(Errno.NotTerminal) + 1;

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_GetWindowSize")]
    private static int WindowSize(nint terminal, WinSize* size)
    {
        ConsoleSize there = Current.State.ConsoleSize;
        *size = new WinSize { Row = there.Rows, Col = there.Columns };
        return there.Columns == 0 ? Current.Fail(Errno.NotTerminal) : 0;
    }

    /// <summary>
    /// Nobody can tell without reading: a key would be taken from the line editor.
    /// </summary>
    [UnmanagedCallersOnly(EntryPoint = "SystemNative_StdinReady")]
    private static int IsInputReady() => 0;

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_InitializeTerminalAndSignalHandling")]
    private static int Initialize() => Done;

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_UninitializeTerminal")]
    private static void Uninitialize()
    {
    }

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_InitializeConsoleBeforeRead")]
    private static void BeforeRead(byte leastChars, byte timeoutTenths)
    {
    }

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_UninitializeConsoleAfterRead")]
    private static void AfterRead()
    {
    }

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_SetKeypadXmit")]
    private static void SetKeypad(nint terminal, byte* text)
    {
    }

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_SetTerminalInvalidationHandler")]
    private static void SetInvalidationHandler(nint handler)
    {
    }

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_ConfigureTerminalForChildProcess")]
    private static void ConfigureForChild(int childUsesTerminal)
    {
    }

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_SetSignalForBreak")]
    private static int SetSignalForBreak(int isSignal) => Done;

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_GetControlCharacters")]
    private static void ControlCharacters(
        int* names, byte* values, int count, byte* disabledValue)
    {
        for (int i = 0; i < count; i++) values[i] = 0;
        *disabledValue = 0;
    }

    /// <summary>Every call here waits until it is done: all that is asked for is ready.</summary>
    [UnmanagedCallersOnly(EntryPoint = "SystemNative_Poll")]
    private static int Poll(PollEvent* events, uint count, int timeoutMs, uint* triggered)
    {
        for (uint i = 0; i < count; i++) events[i].TriggeredEvents = events[i].Events;
        *triggered = count;
        return 0;
    }
}
