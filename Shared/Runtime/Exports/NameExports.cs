// What is done by path.

using System;
using System.Runtime.InteropServices;
using Shared.Contracts;
using Shared.Runtime.Descriptors;
using Shared.Runtime.Errors;
using Shared.Runtime.Names;

namespace Shared.Runtime.Exports;

// Safety: see Current; each pointer is read or written at the size of its type alone.
internal static unsafe class NameExports
{
    [UnmanagedCallersOnly(EntryPoint = "SystemNative_Stat")]
    private static int Stat(byte* path, FileStatus* status) => Describe(path, status);

    /// <summary>There are no symbolic links, so it is the same.</summary>
    [UnmanagedCallersOnly(EntryPoint = "SystemNative_LStat")]
    private static int StatLink(byte* path, FileStatus* status) => Describe(path, status);

    private static int Describe(byte* path, FileStatus* status)
    {
        FileDescription description = default;
        int answer = Current.OnPath(path, text => Current.Names.Describe(text, out description));
        if (answer == 0) *status = FileStatus.Of(description);
        return answer;
    }

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_Access")]
    private static int Check(byte* path, int wish) =>
        Current.OnPath(path, text => Current.Names.Check(text, (AccessWish)wish));

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_Unlink")]
    private static int RemoveFile(byte* path) =>
        Current.OnPath(path, static text => Current.Names.RemoveFile(text));

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_MkDir")]
    private static int MakeDirectory(byte* path, int mode) =>
        Current.OnPath(path, static text => Current.Names.MakeDirectory(text));

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_RmDir")]
    private static int RemoveDirectory(byte* path) =>
        Current.OnPath(path, static text => Current.Names.RemoveDirectory(text));

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_Rename")]
    private static int Rename(byte* source, byte* target) => Current.OnPaths(
        source, target, static (from, to) => Current.Names.Rename(from, to));

    /// <summary>
    /// No file system here has hard links; .NET copies instead where that will do.
    /// </summary>
    [UnmanagedCallersOnly(EntryPoint = "SystemNative_Link")]
    private static int Link(byte* source, byte* target) => Current.OnPaths(
        source, target, static (from, to) =>
        {
            long answer = Current.Names.Describe(from, out _);
            if (answer < 0) return answer;
            bool isTaken = Current.Names.Describe(to, out _) == Answer.Ok;
            return Answer.Of(isTaken ? Errno.Exists : Errno.NotSupported);
        });

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_SymLink")]
    private static int SymbolicLink(byte* target, byte* path) => Current.Fail(Errno.NotSupported);

    /// <summary>Invalid is what Linux says of a path that is no link.</summary>
    [UnmanagedCallersOnly(EntryPoint = "SystemNative_ReadLink")]
    private static int ReadLink(byte* path, byte* buffer, int bufferBytes) =>
        Current.OnPath(path, static text =>
        {
            long answer = Current.Names.Describe(text, out _);
            return answer < 0 ? answer : Answer.Of(Errno.Invalid);
        });

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_ChMod")]
    private static int ChangeMode(byte* path, int mode) => Current.OnPath(path, text =>
        FileExports.ModeAnswer(
            Current.Names.Describe(text, out FileDescription there), there, mode));

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_UTimensat")]
    private static int SetTimes(byte* path, TimeSpec* times)
    {
        TimeSpec modified = times[1];
        return Current.OnPath(path, text => modified.IsOmitted
            ? Current.Names.Describe(text, out _)
            : Current.Names.SetTime(text, modified.Nanoseconds));
    }

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_ChDir")]
    private static int ChangeDirectory(byte* path) =>
        Current.OnPath(path, static text => Current.Names.ChangeDirectory(text));

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_GetCwd")]
    private static byte* CurrentDirectory(byte* buffer, int bufferBytes)
    {
        string directory = Current.Names.CurrentDirectory;
        if (buffer is null) return Current.Allocated(directory);
        return Current.Finish(Current.CopyText(directory, buffer, bufferBytes)) < 0
            ? null : buffer;
    }

    /// <summary>The caller frees what it gets.</summary>
    [UnmanagedCallersOnly(EntryPoint = "SystemNative_RealPath")]
    private static byte* RealPath(byte* path)
    {
        string canonical = "";
        int answer = Current.OnPath(path, text =>
        {
            long exists = Current.Names.Describe(text, out _);
            return exists < 0 ? exists : Current.Names.Canonical(text, out canonical);
        });
        return answer < 0 ? null : Current.Allocated(canonical);
    }

    /// <summary>
    /// The last six characters become some that no other name has; the template is changed.
    /// </summary>
    [UnmanagedCallersOnly(EntryPoint = "SystemNative_MkdTemp")]
    private static byte* MakeTemporaryDirectory(byte* template) =>
        Current.Run((nint)template, static template => TemporaryName.Try(
            (byte*)template, suffixBytes: 0, static text => Current.Names.MakeDirectory(text))) < 0
            ? null : template;

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_MksTemps")]
    private static nint MakeTemporaryFile(byte* template, int suffixBytes) =>
        (nint)Current.Run((Template: (nint)template, suffixBytes), static call =>
            TemporaryName.Try((byte*)call.Template, call.suffixBytes, static text =>
            {
                const OpenMode Mode = OpenMode.Read | OpenMode.Write | OpenMode.Create
                    | OpenMode.Exclusive;
                long answer = Current.Names.Open(text, Mode, out Descriptor? made);
                return made is null ? answer : Current.Descriptors.Add(made);
            }));

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_MkFifo")]
    private static int MakePipe(byte* path, uint mode) => Current.Fail(Errno.NotSupported);

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_MkNod")]
    private static int MakeNode(byte* path, uint mode, uint major, uint minor) =>
        Current.Fail(Errno.NotSupported);
}
