// Files cannot be mapped into memory here, nor shared with another process: such calls are refused.
// Memory without a file is the C library's.

using System.Runtime.InteropServices;
using Shared.Runtime.Errors;

namespace Shared.Runtime.Exports;

// Safety: see Current.
internal static unsafe class MemoryExports
{
    private const int Failed = -1;
    // The base class library's own numbers, and those of Linux.
    private const int Anonymous = 0x10, LinuxPrivate = 2, LinuxAnonymous = 0x20;

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_MMap")]
    private static nint Map(
        nint address, ulong lengthBytes, int protection, int flags, nint number, long offset)
    {
        if ((flags & Anonymous) == 0)
        {
            Current.Fail(Errno.NotSupported);
            return 0;
        }
        // Read, write and execute have Linux's numbers; shared with nobody is private.
        nint mapped = LibC.Map(
            address, (nuint)lengthBytes, protection, LinuxPrivate | LinuxAnonymous, Failed, 0);
        return mapped == Failed ? 0 : mapped;
    }

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_IsMemfdSupported")]
    private static int IsMemoryFileSupported() => 0;

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_MemfdCreate")]
    private static nint MakeMemoryFile(byte* name, int isReadOnly) =>
        Current.Fail(Errno.NotSupported);

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_ShmOpen")]
    private static nint OpenShared(byte* name, int flags, int mode) =>
        Current.Fail(Errno.NotSupported);

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_ShmUnlink")]
    private static int RemoveShared(byte* name) => Current.Fail(Errno.NotSupported);

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_Pipe")]
    private static int MakePipe(int* numbers, int flags) => Current.Fail(Errno.NotSupported);

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_INotifyInit")]
    private static nint WatchFiles() => Current.Fail(Errno.NotSupported);
}
