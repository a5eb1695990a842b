// A mounted file system under test, and a client that holds its root directory.
//
// Rules: everything goes through the real client, loop and dispatcher, here and in the guest;
// the inheritor says where the server is, and kills it.

using System;
using System.Collections.Generic;
using System.Text;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Tests.Conformance.Writable;

public abstract class MountedFileSystem(IKernel client, Handle root)
{
    public IKernel Client { get; } = client;
    public FileSystemClient Root { get; } = new(client, root);

    /// <summary>The next incarnation serves the same endpoint.</summary>
    public abstract void KillAndRestart();

    public OpenObject Open(string path, OpenMode mode)
    {
        Result<OpenedFile> opened = Root.Open(path, mode);
        Assert.That(opened.Status, Is.EqualTo(Status.Ok), $"open {path}");
        return new OpenObject(Client, opened.Value.File.Handle);
    }

    public OpenObject OpenDirectory(string path)
    {
        Result<Capability> opened = Root.OpenDirectory(path);
        Assert.That(opened.Status, Is.EqualTo(Status.Ok), $"open directory {path}");
        return new OpenObject(Client, opened.Value.Handle);
    }

    public void Make(string path, string text = "")
    {
        using OpenObject file = Open(path, OpenMode.Write | OpenMode.Create | OpenMode.Exclusive);
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Assert.That(file.Calls.Write(0, bytes).Status, Is.EqualTo(Status.Ok));
    }

    public void MakeDirectory(string path) =>
        Assert.That(Root.MakeDirectory(path), Is.EqualTo(Status.Ok), path);

    public string ReadText(string path)
    {
        using OpenObject file = Open(path, OpenMode.Read);
        return Encoding.UTF8.GetString(file.ReadAll());
    }

    public FileStat Stat(string path)
    {
        Result<FileStat> stat = Root.Stat(path);
        Assert.That(stat.Status, Is.EqualTo(Status.Ok), $"stat {path}");
        return stat.Value;
    }

    public ulong UsedBytes => Root.DescribeVolume().Value.UsedBytes;

    /// <summary>Names of a directory in the order of List, with a buffer of any size.</summary>
    public List<string> Names(string path, int bufferBytes = 4096)
    {
        List<string> names = [];
        ulong cookie = 0;
        do
        {
            names.AddRange(ListOnce(Root, path, ref cookie, bufferBytes));
        }
        while (cookie != 0);
        return names;
    }

    public static List<string> ListOnce(
        FileSystemClient directory, string path, ref ulong cookie, int bufferBytes)
    {
        byte[] buffer = new byte[bufferBytes];
        Result<ListedEntries> listed = directory.List(path, cookie, buffer);
        Assert.That(listed.Status, Is.EqualTo(Status.Ok), $"list {path}");
        cookie = listed.Value.NextCookie;
        EntryReader reader = new(buffer.AsSpan(0, (int)listed.Value.LengthBytes));
        List<string> names = [];
        while (reader.TryRead(out _, out string name)) names.Add(name);
        Assert.That(names, Has.Count.EqualTo(listed.Value.Count));
        return names;
    }
}

/// <summary>A capability for a file or directory; Dispose closes it.</summary>
public sealed class OpenObject(IKernel client, Handle handle) : IDisposable
{
    public Handle Handle { get; } = handle;
    public FileSystemClient Calls { get; } = new(client, handle);

    public void Dispose() => client.Close(Handle);

    public byte[] ReadAll()
    {
        ulong length = Calls.StatFile().Value.LengthBytes;
        byte[] bytes = new byte[checked((int)length + 1)];
        Result<uint> read = Calls.Read(0, bytes);
        Assert.That(read.Status, Is.EqualTo(Status.Ok));
        Assert.That(read.Value, Is.EqualTo(length));
        return bytes[..^1];
    }

    public string ReadText() => Encoding.UTF8.GetString(ReadAll());

    public void Write(ulong offset, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Result<uint> written = Calls.Write(offset, bytes);
        Assert.That(written.Status, Is.EqualTo(Status.Ok));
        Assert.That(written.Value, Is.EqualTo(bytes.Length));
    }
}
