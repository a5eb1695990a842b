// What a client of the simulation works with: files by path below one directory, and the files that
// it has open.
//
// Rules: belongs to one incarnation of the client; every answer is put into words, so that two runs
// can be compared.

using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Tests.Simulation.Work;

public sealed class Hands(TaskContext context, string directory) : IDisposable
{
    const int MaxFileBytes = 64 * 1024;

    readonly List<RemoteFile> open = [];

    public TaskContext Context => context;
    public IKernel Kernel => context.Kernel;
    public FileApi Files { get; } = FileApi.Open(context);
    public SupervisorClient Supervisor { get; } = new(context.Kernel, context.Claim("supervisor"));

    /// <summary>Vfs, which in the simulation passes file operations on (RelayingVfs).</summary>
    public FileSystemClient Relay { get; } = new(context.Kernel, context.Claim("vfs"));

    public IReadOnlyList<RemoteFile> Open => open;

    /// <summary>Gives the roots of mounts back; they come again when they are needed.</summary>
    public void Dispose() => Files.Dispose();

    /// <summary>As a file server sees it that is mounted at the root.</summary>
    public string Below(string path) => At(path)[1..];

    public string At(string path) => path.Length == 0 ? directory : $"{directory}/{path}";

    /// <summary>Opens and keeps it; the words are the status.</summary>
    public string OpenFile(string path, OpenMode mode)
    {
        Result<RemoteFile> opened = Files.Open(At(path), mode);
        if (opened.IsOk) open.Add(opened.Value);
        return $"{opened.Status}";
    }

    public void Make(string path, string text)
    {
        Require(Files.WriteAll(At(path), Encoding.UTF8.GetBytes(text)), $"make {path}");
    }

    public string Write(int file, ulong offset, string text)
    {
        open[file].Offset = offset;
        Result<uint> written = open[file].Write(Encoding.UTF8.GetBytes(text));
        return $"{written.Status} {written.Value}";
    }

    public string Append(int file, string text)
    {
        Result<ulong> end = open[file].Append(Encoding.UTF8.GetBytes(text));
        return $"{end.Status} {end.Value}";
    }

    public string Read(int file, ulong offset, int lengthBytes)
    {
        byte[] bytes = new byte[lengthBytes];
        open[file].Offset = offset;
        Result<uint> read = open[file].Read(bytes);
        return $"{read.Status} {Text(bytes.AsSpan(0, (int)read.Value))}";
    }

    public void CloseAll()
    {
        foreach (RemoteFile file in open) file.Dispose();
        open.Clear();
    }

    /// <summary>
    /// The tree below the directory: directories end in '/', files say what is in them.
    /// </summary>
    public string Snapshot()
    {
        StringBuilder text = new();
        AddTree(text, "");
        return text.ToString().TrimEnd();
    }

    /// <summary>Takes away whatever is below the directory.</summary>
    public void RemoveAll()
    {
        CloseAll();
        RemoveBelow("");
    }

    /// <summary>Nothing is to be done for so long.</summary>
    public void Sleep(ulong elapsedNs)
    {
        ulong deadlineNs = Kernel.ClockNow() + elapsedNs;
        while (Kernel.ClockNow() < deadlineNs) Kernel.ReceiveNotification(deadlineNs);
    }

    public static void Require(Status status, string what)
    {
        if (status != Status.Ok) throw new InvalidOperationException($"{what}: {status}");
    }

    void AddTree(StringBuilder text, string path)
    {
        foreach (ListedEntry entry in Entries(path))
        {
            string below = path.Length == 0 ? entry.Name : $"{path}/{entry.Name}";
            if (entry.Type == FileType.Directory)
            {
                text.Append(below).Append("/ ");
                AddTree(text, below);
                continue;
            }

            Result<byte[]> bytes = Files.ReadAll(At(below), MaxFileBytes);
            Require(bytes.Status, $"read {below}");
            text.Append(below).Append('=').Append(Text(bytes.Value)).Append(' ');
        }
    }

    void RemoveBelow(string path)
    {
        foreach (ListedEntry entry in Entries(path))
        {
            string below = path.Length == 0 ? entry.Name : $"{path}/{entry.Name}";
            if (entry.Type == FileType.Directory)
            {
                RemoveBelow(below);
                Require(Files.RemoveDirectory(At(below)), $"rmdir {below}");
            }
            else
            {
                Require(Files.RemoveFile(At(below)), $"rm {below}");
            }
        }
    }

    List<ListedEntry> Entries(string path)
    {
        Result<List<ListedEntry>> listed = Files.List(At(path));
        Require(listed.Status, $"ls {path}");
        return listed.Value;
    }

    /// <summary>Short bytes as they are, long ones as their number and a sum.</summary>
    static string Text(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= 32) return Encoding.UTF8.GetString(bytes).Replace('\0', '.');
        uint sum = 0;
        foreach (byte one in bytes) sum = sum * 31 + one;
        return $"[{bytes.Length}:{sum:x}]";
    }

    /// <summary>The same text each time, as long as is asked.</summary>
    public static string Pattern(int lengthBytes, int seed) => string.Create(
        lengthBytes, seed, static (target, start) =>
        {
            for (int i = 0; i < target.Length; i++) target[i] = (char)('a' + (start + i * 7) % 26);
        });
}
