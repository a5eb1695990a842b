// Puts files in place of a command's streams, and closes them afterwards.

using System;
using System.Collections.Generic;
using Servers.Shell.Files;
using Servers.Shell.Language;
using Servers.Shell.Streams;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Running;

public sealed class Redirector(ShellState shell, StandardStreams streams) : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    public StandardStreams Streams { get; private set; } = streams;

    public Status Open(RedirectKind kind, string target)
    {
        string path = PathName.Canonical(shell.Directory, target);
        OpenMode mode = kind switch
        {
            RedirectKind.Input => OpenMode.Read,
            RedirectKind.Append or RedirectKind.ErrorAppend => OpenMode.Write | OpenMode.Create,
            _ => OpenMode.Write | OpenMode.Create | OpenMode.Truncate,
        };
        Result<OpenFile> opened = shell.Files.Open(path, mode);
        if (!opened.IsOk) return opened.Status;
        if (kind == RedirectKind.Input)
        {
            Streams = Streams with { Input = Own(new FileInput(opened.Value, path)) };
            return Status.Ok;
        }
        bool isAppend = kind is RedirectKind.Append or RedirectKind.ErrorAppend;
        FileOutput output = Own(new FileOutput(
            opened.Value, isAppend ? FilePosition.End : FilePosition.Start, path));
        Streams = kind is RedirectKind.Error or RedirectKind.ErrorAppend
            ? Streams with { Error = output }
            : Streams with { Output = output };
        return Status.Ok;
    }

    public void Dispose()
    {
        foreach (IDisposable owned in _owned) owned.Dispose();
    }

    private T Own<T>(T stream) where T : IDisposable
    {
        _owned.Add(stream);
        return stream;
    }
}
