// The bytes of open descriptors.

using System;
using System.Runtime.InteropServices;
using Shared.Runtime.Descriptors;
using Shared.Runtime.Errors;

namespace Shared.Runtime.Exports;

// Safety: see Current; a buffer has the length that is given with it, and is pinned by the caller.
internal static unsafe class TransferExports
{
    [UnmanagedCallersOnly(EntryPoint = "SystemNative_Read")]
    private static int Read(nint number, byte* buffer, int lengthBytes) =>
        (int)Transfer(number, buffer, lengthBytes, 0, Direction.Read);

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_ReadStdin")]
    private static int ReadInput(byte* buffer, int lengthBytes) =>
        (int)Transfer(0, buffer, lengthBytes, 0, Direction.Read);

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_Write")]
    private static int Write(nint number, byte* buffer, int lengthBytes) =>
        (int)Transfer(number, buffer, lengthBytes, 0, Direction.Write);

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_PRead")]
    private static int ReadAt(nint number, byte* buffer, int lengthBytes, long offset) =>
        (int)Transfer(number, buffer, lengthBytes, offset, Direction.ReadAt);

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_PWrite")]
    private static int WriteAt(nint number, byte* buffer, int lengthBytes, long offset) =>
        (int)Transfer(number, buffer, lengthBytes, offset, Direction.WriteAt);

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_PReadV")]
    private static long ReadAtMany(nint number, IOVector* vectors, int count, long offset) =>
        TransferMany(number, vectors, count, offset, Direction.ReadAt);

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_PWriteV")]
    private static long WriteAtMany(nint number, IOVector* vectors, int count, long offset) =>
        TransferMany(number, vectors, count, offset, Direction.WriteAt);

    private enum Direction { Read, Write, ReadAt, WriteAt }

    private static long Transfer(
        nint number, byte* buffer, int lengthBytes, long offset, Direction direction)
    {
        if (lengthBytes < 0 || offset < 0) return Current.Fail(Errno.Invalid);
        try
        {
            if (Current.Descriptors.Find(number) is not { } found)
            {
                return Current.Fail(Errno.BadDescriptor);
            }
            return Current.Finish(Transfer(
                found, new Span<byte>(buffer, lengthBytes), (ulong)offset, direction));
        }
        catch (OutOfMemoryException)
        {
            return Current.Fail(Errno.NoMemory);
        }
    }

    private static long Transfer(
        Descriptor descriptor, Span<byte> buffer, ulong offset, Direction direction) =>
        direction switch
        {
            Direction.Read => descriptor.Read(buffer),
            Direction.Write => descriptor.Write(buffer),
            Direction.ReadAt => descriptor.ReadAt(offset, buffer),
            _ => descriptor.WriteAt(offset, buffer),
        };

    /// <summary>Up to the first vector that is not done in full.</summary>
    private static long TransferMany(
        nint number, IOVector* vectors, int count, long offset, Direction direction)
    {
        long done = 0;
        for (int i = 0; i < count; i++)
        {
            int lengthBytes = (int)Math.Min(vectors[i].Count, int.MaxValue);
            long part = Transfer(
                number, (byte*)vectors[i].Base, lengthBytes, offset + done, direction);
            if (part < 0) return done > 0 ? done : part;
            done += part;
            if (part < lengthBytes) break;
        }
        return done;
    }
}
