// Open descriptors: everything of them but the bytes.

using System;
using System.Runtime.InteropServices;
using Shared.Contracts;
using Shared.Runtime.Descriptors;
using Shared.Runtime.Errors;

namespace Shared.Runtime.Exports;

// Safety: see Current; each pointer is read or written at the size of its type alone.
internal static unsafe class FileExports
{
    private const int AccessBits = 3, ReadOnly = 0, WriteOnly = 1;
    private const int Create = 0x20, Exclusive = 0x40, Truncate = 0x80;
    /// <summary>
    /// What .NET asks for to learn whether locks work: tmpfs has none of the quirks.
    /// </summary>
    private const uint FileSystemMagic = 0x01021994;
    private const int CopyBytes = 64 * 1024;

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_Open")]
    private static nint Open(byte* path, int flags, int mode) => (nint)Current.Run(
        (Path: (nint)path, flags), static call =>
        {
            long answer = Current.Names.Open(
                Current.Text((byte*)call.Path), ModeOf(call.flags), out Descriptor? made);
            return made is null ? answer : Current.Descriptors.Add(made);
        });

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_Close")]
    private static int Close(nint number) =>
        (int)Current.Run(number, static number => Current.Descriptors.Close(number));

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_Dup")]
    private static nint Duplicate(nint number) =>
        (nint)Current.Run(number, static number => Current.Descriptors.Duplicate(number));

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_FStat")]
    private static int Describe(nint number, FileStatus* status)
    {
        FileDescription description = default;
        int answer = (int)Current.OnDescriptor(number, file => file.Describe(out description));
        if (answer == 0) *status = FileStatus.Of(description);
        return answer;
    }

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_FTruncate")]
    private static int SetLength(nint number, long lengthBytes) => lengthBytes < 0
        ? Current.Fail(Errno.Invalid)
        : (int)Current.OnDescriptor(number, file => file.SetLength((ulong)lengthBytes));

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_FAllocate")]
    private static int Reserve(nint number, long offset, long lengthBytes) =>
        (int)Current.OnDescriptor(number, file => file.Reserve((ulong)(offset + lengthBytes)));

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_FSync")]
    private static int Flush(nint number) =>
        (int)Current.OnDescriptor(number, static file => file.Flush());

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_FLock")]
    private static int Lock(nint number, int operation) =>
        (int)Current.OnDescriptor(number, file => file.Lock((uint)operation));

    /// <summary>Locks are for whole files here.</summary>
    [UnmanagedCallersOnly(EntryPoint = "SystemNative_LockFileRegion")]
    private static int LockRegion(nint number, long offset, long lengthBytes, short kind) =>
        Current.Fail(Errno.NotSupported);

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_LSeek")]
    private static long Seek(nint number, long offset, int whence) => whence is < 0 or > 2
        ? Current.Fail(Errno.Invalid)
        : Current.OnDescriptor(number, file => file.Seek(offset, (SeekFrom)whence));

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_FUTimens")]
    private static int SetTimes(nint number, TimeSpec* times)
    {
        TimeSpec modified = times[1];
        return modified.IsOmitted
            ? 0 : (int)Current.OnDescriptor(number, file => file.SetTime(modified.Nanoseconds));
    }

    /// <summary>There are no permission bits: what files have already is granted.</summary>
    [UnmanagedCallersOnly(EntryPoint = "SystemNative_FChMod")]
    private static int ChangeMode(nint number, int mode) =>
        (int)Current.OnDescriptor(number, file =>
            ModeAnswer(file.Describe(out FileDescription there), there, mode));

    /// <summary>Ok when the owner's bits are those that the file has.</summary>
    public static long ModeAnswer(long answer, FileDescription there, int mode)
    {
        const int OwnerBits = 0x1C0;
        if (answer < 0) return answer;
        bool isSame = (FileStatus.Of(there).Mode & OwnerBits) == (mode & OwnerBits);
        return isSame ? Answer.Ok : Answer.Of(Errno.NotSupported);
    }

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_GetFileSystemType")]
    private static uint FileSystemType(nint number) => FileSystemMagic;

    /// <summary>Advice is not taken.</summary>
    [UnmanagedCallersOnly(EntryPoint = "SystemNative_PosixFAdvise")]
    private static int Advise(nint number, long offset, long lengthBytes, int advice) => 0;

    /// <summary>No program inherits descriptors, so none has to be closed for one.</summary>
    [UnmanagedCallersOnly(EntryPoint = "SystemNative_FcntlSetFD")]
    private static int SetDescriptorFlags(nint number, int flags) => 0;

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_CopyFile")]
    private static int Copy(nint source, nint target, long lengthBytes) =>
        (int)Current.Run((source, target), static call =>
        {
            Descriptor? from = Current.Descriptors.Find(call.source);
            Descriptor? to = Current.Descriptors.Find(call.target);
            return from is null || to is null
                ? Answer.Of(Errno.BadDescriptor) : CopyAll(from, to);
        });

    /// <summary>The bytes, and the time of the last change.</summary>
    private static long CopyAll(Descriptor source, Descriptor target)
    {
        byte[] buffer = new byte[CopyBytes];
        ulong offset = 0;
        while (true)
        {
            long read = source.ReadAt(offset, buffer);
            if (read <= 0)
            {
                if (read == 0) CopyTime(source, target);
                return read;
            }
            for (int done = 0; done < read;)
            {
                long written = target.WriteAt(offset, buffer.AsSpan(done, (int)read - done));
                if (written <= 0) return written < 0 ? written : Answer.Of(Errno.NoSpace);
                done += (int)written;
                offset += (ulong)written;
            }
        }
    }

    /// <summary>A copy whose time cannot be set is a copy still, as on Linux.</summary>
    private static void CopyTime(Descriptor source, Descriptor target)
    {
        if (source.Describe(out FileDescription from) < 0 || from.ModifiedNs == 0) return;
        target.SetTime(from.ModifiedNs);
    }

    private static OpenMode ModeOf(int flags)
    {
        OpenMode mode = (flags & AccessBits) switch
        {
            ReadOnly => OpenMode.Read,
            WriteOnly => OpenMode.Write,
            _ => OpenMode.Read | OpenMode.Write,
        };
        if ((flags & Create) != 0)
        {
            mode |= OpenMode.Create;
            if ((flags & Exclusive) != 0) mode |= OpenMode.Exclusive;
        }
        bool isCut = (flags & Truncate) != 0 && (mode & OpenMode.Write) != 0;
        return isCut ? mode | OpenMode.Truncate : mode;
    }
}
