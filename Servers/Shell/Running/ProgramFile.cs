// A program that is a file: read into memory that the supervisor can start a process from.
//
// Rules: a word with a slash is a file, any other a program of the boot archive; the memory is the
// caller's to close, and goes with the last process that runs it.

using System;
using Servers.Shell.Commands;
using Servers.Shell.Files;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Running;

public static class ProgramFile
{
    /// <summary>As much as the program's own quota would hold anyway.</summary>
    private const ulong MaxBytes = 24 * 1024 * 1024;

    public static bool IsPath(string word) => word.Contains('/');

    /// <summary>Memory with the file's bytes. TooLarge; BadImage for an empty file.</summary>
    public static Result<Handle> Load(CommandContext context, string path)
    {
        Result<OpenFile> opened = context.Files.Open(context.PathOf(path), OpenMode.Read);
        if (!opened.IsOk) return opened.Status;
        using OpenFile file = opened.Value;
        ulong lengthBytes = file.OpenedLengthBytes;
        if (lengthBytes == 0) return Status.BadImage;
        if (lengthBytes > MaxBytes) return Status.TooLarge;
        return context.Services.MakeProgram((int)lengthBytes, bytes => Fill(file, bytes));
    }

    private static Status Fill(OpenFile file, Span<byte> bytes)
    {
        for (int at = 0; at < bytes.Length;)
        {
            Span<byte> step = bytes.Slice(at, Math.Min(OpenFile.StepBytes, bytes.Length - at));
            Result<uint> read = file.Read((ulong)at, step);
            if (!read.IsOk) return read.Status;
            // It has become shorter meanwhile.
            if (read.Value == 0) return Status.BadImage;
            at += (int)read.Value;
        }
        return Status.Ok;
    }
}
