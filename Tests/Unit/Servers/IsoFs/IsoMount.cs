// IsoFs on a loopback machine, and a client that holds its root.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using NUnit.Framework;
using Servers.IsoFs;
using Servers.IsoFs.Volumes;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Disks;
using Tests.Loopback;

namespace Tests.Unit.Servers.IsoFs;

internal sealed class IsoMount
{
    private static readonly Badge RootBadge = new(1);

    private readonly LoopbackMachine _machine = new();
    private readonly LoopbackKernel _client;

    public IsoMount(IDisk disk)
    {
        LoopbackServer server = _machine.Serve(
            "iso", task => new IsoFsServer(IsoVolume.Open(disk), disk, task.Log));
        _client = _machine.CreateTask("client");
        Root = new FileSystemClient(_client, server.Connect(_client, RootBadge));
    }

    public FileSystemClient Root { get; }
    /// <summary>What the server has said in the log.</summary>
    public string Log => string.Join('\n', _machine.LogLines);

    public FileSystemClient? TryOpen(string path)
    {
        Result<OpenedFile> opened = Root.Open(path, OpenMode.Read);
        return opened.IsOk ? new FileSystemClient(_client, opened.Value.File.Handle) : null;
    }

    public string Read(string path)
    {
        FileSystemClient file = TryOpen(path)!;
        Assert.That(file, Is.Not.Null, path);
        byte[] bytes = new byte[file.StatFile().Value.LengthBytes];
        Assert.That(file.Read(0, bytes).Value, Is.EqualTo(bytes.Length), path);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Names of a directory with their types; null where it cannot be listed.</summary>
    public Dictionary<string, FileType>? TryList(string path)
    {
        Dictionary<string, FileType> found = [];
        byte[] buffer = new byte[16 * 1024];
        ulong cookie = 0;
        do
        {
            Result<ListedEntries> listed = Root.List(path, cookie, buffer);
            if (!listed.IsOk) return null;
            EntryReader reader = new(buffer.AsSpan(0, (int)listed.Value.LengthBytes));
            while (reader.TryRead(out EntryHeader header, out string name))
                found[name] = header.Type;
            Assert.That(listed.Value.NextCookie, Is.Zero.Or.GreaterThan(cookie));
            cookie = listed.Value.NextCookie;
        }
        while (cookie != 0);
        return found;
    }

    public string Names(string path = "") =>
        string.Join(' ', TryList(path)!.Keys.Order(StringComparer.Ordinal));
}
