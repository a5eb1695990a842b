// What such a program tries: changes through everything that it can get hold of, paths that lead
// out, capabilities with more rights, and handles that it was not given.

using System;
using System.Collections.Generic;
using System.Text;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Tests.Guest.Narrow;

internal sealed class Attempts(TaskContext task, string directory)
{
    private const int HandlesTried = 4096;
    private const ulong PauseNs = 20_000_000;
    private static readonly string[] WaysOut =
        ["..", "../..", "sub/../..", "/", "/proc", "./../x", "sub/..", "sub//..", "..\0"];

    private readonly IKernel _kernel = task.Kernel;
    private readonly List<string> _gained = [];
    private int _refused;

    public int Run(string narrowing, string? end)
    {
        bool isReadOnly = narrowing == "ro";
        // For the pauses.
        if (_kernel.NotificationBind(task.Claim("control")) != Status.Ok) return 4;
        do
        {
            using Opened files = new(_kernel, OpenDirectory());
            if (files.Handle.IsNone) return Say("no directory", 3);
            TryPathsOut(files);
            TryHandles();
            if (isReadOnly) TryChanges(files);
            if (end is not null && files.Calls.Stat(end).IsOk) break;
            if (end is not null && _kernel.ReceiveNotification(_kernel.ClockNow() + PauseNs).IsOk)
                return 4;
        }
        while (end is not null && _gained.Count == 0);
        return _gained.Count == 0
            ? Say($"refused {_refused}", 0) : Say(string.Join(", ", _gained), 1);
    }

    /// <summary>By whichever of both it has.</summary>
    private Handle OpenDirectory()
    {
        Handle given = task.Find("dir0");
        if (!given.IsNone)
        {
            Is(task.Find("vfs").IsNone ? Status.NoRight : Status.Ok, "vfs beside a directory");
            return _kernel.Copy(given, Rights.Use).Value;
        }
        VfsClient vfs = new(_kernel, task.Claim("vfs"));
        Result<Resolved> resolved = vfs.Resolve(directory);
        if (!resolved.IsOk) return Handle.None;
        using Opened root = new(_kernel, resolved.Value.Root.Handle);
        string rest = directory[(int)resolved.Value.RestOffset..].Trim('/');
        return root.Calls.OpenDirectory(rest).Value.Handle;
    }

    private void TryPathsOut(Opened files)
    {
        foreach (string path in WaysOut)
        {
            Is(files.Calls.Stat(path).Status, $"stat {path}");
            Is(files.Calls.OpenDirectory(path).Status, $"directory {path}");
            Is(files.Calls.Open(path + "/out", OpenMode.Write | OpenMode.Create).Status, path);
            Is(files.Calls.Rename("file", path + "/out"), $"rename to {path}");
            Is(files.Calls.List(path, 0, new byte[64]).Status, $"list {path}");
        }
    }

    private void TryChanges(Opened files)
    {
        TryNames(files.Calls);
        using Opened sub = new(_kernel, files.Calls.OpenDirectory("sub").Value.Handle);
        Is(sub.Calls.MakeDirectory("new"), "make in sub");
        Is(sub.Calls.RemoveDirectory(""), "remove sub itself");
        using Opened file = new(
            _kernel, files.Calls.Open("file", OpenMode.Read).Value.File.Handle);
        if (file.Calls.Read(0, new byte[4]).Value == 0) _gained.Add("cannot read");
        TryBytes(file.Calls);
        TryRights(files.Handle);
        TryRights(file.Handle);
    }

    private void TryNames(FileSystemClient files)
    {
        Is(files.MakeDirectory("new"), "make directory");
        Is(files.RemoveFile("file"), "remove");
        Is(files.RemoveDirectory("sub"), "remove directory");
        Is(files.Rename("file", "other"), "rename");
        Is(files.SetTime("file", 1), "set time");
        for (OpenMode mode = OpenMode.Write; mode <= (OpenMode)63; mode++)
        {
            Is(files.Open("file", mode).Status, $"open {mode}");
            Is(files.Open("new", mode).Status, $"make {mode}");
        }
    }

    private void TryBytes(FileSystemClient file)
    {
        Is(file.Write(0, "x"u8).Status, "write");
        Is(file.Append("x"u8).Status, "append");
        Is(file.SetLength(0), "set length");
        Is(file.Lock(LockMode.Exclusive), "lock");
    }

    /// <summary>More rights than it has, by every call that makes a capability.</summary>
    private void TryRights(Handle handle)
    {
        Is(_kernel.Mint(handle, Rights.Use, new Badge(1)).Status, "mint");
        Is(_kernel.Revoke(handle), "revoke");
        Result<Handle> copy = _kernel.Copy(handle, Rights.All);
        if (!copy.IsOk) return;
        Rights rights = _kernel.DescribeHandle(copy.Value).Value.Rights;
        Is((rights & Rights.Write) == 0 ? Status.NoRight : Status.Ok, $"copy with {rights}");
        FileSystemClient copied = new(_kernel, copy.Value);
        Is(copied.MakeDirectory("new"), "make by a copy");
        Is(copied.Write(0, "x"u8).Status, "write by a copy");
        _kernel.Close(copy.Value);
    }

    /// <summary>What others have, and what it may have been given without being told.</summary>
    private void TryHandles()
    {
        Is(task.Find("supervisor").IsNone ? Status.NoRight : Status.Ok, "supervisor");
        Is(task.Find("machine").IsNone ? Status.NoRight : Status.Ok, "machine");
        for (uint index = 1; index <= HandlesTried; index++)
        {
            for (uint generation = 1; generation <= 3; generation++)
            {
                Handle guess = new(index, generation);
                Result<HandleDescription> found = _kernel.DescribeHandle(guess);
                if (!found.IsOk || found.Value.Type is ObjectType.Tombstone) continue;
                if (found.Value.Type is ObjectType.Machine or ObjectType.Process)
                    _gained.Add($"{found.Value.Type} {guess}");
            }
        }
    }

    private void Is(Status status, string what)
    {
        if (status == Status.Ok) _gained.Add(what);
        else _refused++;
    }

    private int Say(string text, int code)
    {
        StandardOutput.Open(task).Write(Encoding.UTF8.GetBytes(text + "\n"));
        return code;
    }

    private readonly struct Opened(IKernel kernel, Handle handle) : IDisposable
    {
        public Handle Handle { get; } = handle;
        public FileSystemClient Calls { get; } = new(kernel, handle);
        public void Dispose() => kernel.Close(Handle);
    }
}
