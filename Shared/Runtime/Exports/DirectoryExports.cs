// Directories, entry by entry. A DIR* is a collector's handle for a reader and its name buffer.

using System;
using System.Runtime.InteropServices;
using Shared.Abi;
using Shared.Contracts;
using Shared.Runtime.Errors;
using Shared.Runtime.Names;

namespace Shared.Runtime.Exports;

// Safety: the name buffer is the reader's own until CloseDir, which .NET calls once and last.
internal static unsafe class DirectoryExports
{
    private const int EndOfDirectory = -1, DirectoryType = 4, FileNodeType = 8;

    private sealed class OpenReader(DirectoryReader reader)
    {
        public readonly DirectoryReader Reader = reader;
        public readonly byte* Name = (byte*)NativeMemory.Alloc(Limits.MaxNameBytes + 1);
    }

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_OpenDir")]
    private static nint Open(byte* path)
    {
        nint opened = 0;
        int answer = Current.OnPath(path, text =>
        {
            long answer = Current.Names.OpenReader(text, out DirectoryReader? reader);
            if (reader is null) return answer;
            opened = GCHandle.ToIntPtr(GCHandle.Alloc(new OpenReader(reader)));
            return Answer.Ok;
        });
        return answer < 0 ? 0 : opened;
    }

    /// <summary>0 with an entry, -1 at the end, else an errno.</summary>
    [UnmanagedCallersOnly(EntryPoint = "SystemNative_ReadDir")]
    private static int Read(nint directory, DirectoryEntry* entry)
    {
        *entry = default;
        if (GCHandle.FromIntPtr(directory).Target is not OpenReader open)
        {
            return (int)Errno.BadDescriptor;
        }
        long answer = open.Reader.Read(out ReadOnlySpan<byte> name, out FileType type);
        if (answer <= 0) return answer == 0 ? EndOfDirectory : (int)-answer;
        int length = Math.Min(name.Length, Limits.MaxNameBytes);
        name[..length].CopyTo(new Span<byte>(open.Name, Limits.MaxNameBytes));
        open.Name[length] = 0;
        entry->Name = (nint)open.Name;
        entry->NameLength = length;
        entry->InodeType = type == FileType.Directory ? DirectoryType : FileNodeType;
        return 0;
    }

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_CloseDir")]
    private static int Close(nint directory)
    {
        GCHandle handle = GCHandle.FromIntPtr(directory);
        if (handle.Target is OpenReader open)
        {
            open.Reader.Close();
            NativeMemory.Free(open.Name);
        }
        handle.Free();
        return 0;
    }
}
