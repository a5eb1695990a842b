// A directory that one worker alone changes, and what must be in it: random operations on both.
//
// Rules: the model is names and bytes in memory. An open file keeps its bytes when its name goes,
// as in the real directory; and keeps its capability whatever happens to the server.

using System;
using System.Collections.Generic;
using System.Linq;
using Servers.Shell.Files;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell.Commands.Stress;

public sealed class ModelDirectory(
    FileSpace files, string directory, Random random, Losses losses) : IDisposable
{
    private const int Names = 8, MaxOffset = 8 * 1024, MaxLength = 2 * 1024;
    private const int MaxFileBytes = 16 * 1024, MaxHeld = 3;

    private readonly Dictionary<string, ModelFile> _names = new(StringComparer.Ordinal);
    private readonly List<HeldFile> _held = [];

    private sealed class ModelFile
    {
        public byte[] Bytes = [];
    }

    private sealed record HeldFile(OpenFile Open, Handle Handle, ModelFile Model);

    public void Step()
    {
        switch (random.Next(12))
        {
            case 0: Create(OpenMode.Create); break;
            case 1: Create(OpenMode.Create | OpenMode.Exclusive); break;
            case 2: Rename(); break;
            case 3: Unlink(); break;
            case 4: List(); break;
            case 5: Stat(); break;
            case 6: Hold(); break;
            case 7: Append(); break;
            case 8 or 9: Write(); break;
            default: ReadAll(); break;
        }
    }

    /// <summary>All names and all bytes, also of files that are open.</summary>
    public void CheckAll()
    {
        List();
        foreach (string name in _names.Keys.ToArray()) ReadAll(name);
        foreach (HeldFile held in _held) CheckBytes(held.Open, held.Model, "an open file");
    }

    public void Dispose()
    {
        foreach (HeldFile held in _held) held.Open.Dispose();
    }

    private string PathOf(string name) => $"{directory}/{name}";

    private string AnyName() => $"file{random.Next(Names)}";

    private void Create(OpenMode how)
    {
        string name = AnyName();
        bool isThere = _names.TryGetValue(name, out ModelFile? model);
        Result<OpenFile> opened = files.Open(PathOf(name), OpenMode.Read | OpenMode.Write | how);
        if (isThere && how.HasFlag(OpenMode.Exclusive))
        {
            losses.Require(
                opened.Status == Status.AlreadyExists,
                $"exclusive create of {name}, which is there: {opened.Status}");
            if (opened.IsOk) opened.Value.Dispose();
            return;
        }
        if (!losses.Require(opened.Status, $"create {name}")) return;
        using OpenFile file = opened.Value;
        if (model is null) _names.Add(name, model = new ModelFile());
        losses.Require(
            file.OpenedLengthBytes == (ulong)model.Bytes.Length,
            $"{name} has {file.OpenedLengthBytes} bytes, not {model.Bytes.Length}");
    }

    private void Rename()
    {
        (string source, string target) = (AnyName(), AnyName());
        Status status = files.Rename(PathOf(source), PathOf(target));
        if (!Agrees(status, source, $"rename {source} {target}")) return;
        _names.Remove(source, out ModelFile? model);
        _names[target] = model!;
    }

    private void Unlink()
    {
        string name = AnyName();
        if (Agrees(files.RemoveFile(PathOf(name)), name, $"unlink {name}")) _names.Remove(name);
    }

    private void Stat()
    {
        string name = AnyName();
        Result<FileStat> stat = files.Stat(PathOf(name));
        if (!Agrees(stat.Status, name, $"stat {name}")) return;
        int length = _names[name].Bytes.Length;
        losses.Require(
            stat.Value.LengthBytes == (ulong)length,
            $"stat {name}: {stat.Value.LengthBytes} bytes, not {length}");
    }

    private void List()
    {
        Result<List<DirectoryEntry>> listed = files.List(directory);
        if (!losses.Require(listed.Status, $"list {directory}")) return;
        string found = string.Join(
            ' ', listed.Value.Select(static entry => $"{entry.Name}:{entry.LengthBytes}"));
        string expected = string.Join(' ', _names
            .OrderBy(static pair => pair.Key, StringComparer.Ordinal)
            .Select(static pair => $"{pair.Key}:{pair.Value.Bytes.Length}"));
        losses.Require(found == expected, $"list: '{found}', not '{expected}'");
    }

    /// <summary>Keeps one more file open; the oldest is closed.</summary>
    private void Hold()
    {
        if (Open(AnyName(), OpenMode.Read | OpenMode.Write) is not { } held) return;
        if (_held.Count == MaxHeld)
        {
            _held[0].Open.Dispose();
            _held.RemoveAt(0);
        }
        _held.Add(held);
    }

    private void Append()
    {
        if (Open(AnyName(), OpenMode.Write | OpenMode.Append) is not { } held) return;
        using OpenFile file = held.Open;
        byte[] bytes = RandomBytes();
        if (held.Model.Bytes.Length + bytes.Length > MaxFileBytes)
        {
            if (losses.Require(file.SetLength(0), "cut")) held.Model.Bytes = [];
        }
        Result<ulong> end = file.Append(bytes);
        if (!losses.Require(end.Status, "append")) return;
        byte[] after = [.. held.Model.Bytes, .. bytes];
        held.Model.Bytes = after;
        losses.Require(
            end.Value == (ulong)after.Length, $"append: end at {end.Value}, not {after.Length}");
    }

    private void Write()
    {
        bool isHeld = _held.Count > 0 && random.Next(2) == 0;
        HeldFile? chosen = isHeld
            ? _held[random.Next(_held.Count)]
            : Open(AnyName(), OpenMode.Read | OpenMode.Write);
        if (chosen is not { } target) return;
        byte[] bytes = RandomBytes();
        int offset = random.Next(MaxOffset);
        Result<uint> written = target.Open.Write((ulong)offset, bytes);
        if (losses.Require(written.Status, "write"))
        {
            int length = Math.Max(target.Model.Bytes.Length, offset + bytes.Length);
            Array.Resize(ref target.Model.Bytes, length);
            bytes.CopyTo(target.Model.Bytes, offset);
            losses.Require(written.Value == bytes.Length, $"write: {written.Value} bytes");
        }
        if (isHeld) CheckBytes(target.Open, target.Model, "an open file");
        if (isHeld) losses.Require(target.Open.Handle == target.Handle, "an open file was lost");
        else target.Open.Dispose();
    }

    private void ReadAll() => ReadAll(AnyName());

    private void ReadAll(string name)
    {
        if (Open(name, OpenMode.Read) is not { } held) return;
        using OpenFile file = held.Open;
        CheckBytes(file, held.Model, name);
    }

    /// <summary>Null when it is not there, as it must be, or when that is a loss.</summary>
    private HeldFile? Open(string name, OpenMode mode)
    {
        Result<OpenFile> opened = files.Open(PathOf(name), mode);
        if (!Agrees(opened.Status, name, $"open {name}")) return null;
        return new HeldFile(opened.Value, opened.Value.Handle, _names[name]);
    }

    /// <summary>True when the name is in the model and the answer says so too.</summary>
    private bool Agrees(Status status, string name, string what)
    {
        bool isThere = _names.ContainsKey(name);
        if (isThere) return losses.Require(status, what);
        losses.Require(status == Status.NotFound, $"{what}, which is not there: {status}");
        return false;
    }

    private void CheckBytes(OpenFile file, ModelFile model, string what)
    {
        byte[] found = new byte[MaxFileBytes + 1];
        int length = 0;
        while (length < found.Length)
        {
            Result<uint> read = file.Read((ulong)length, found.AsSpan(length));
            if (!losses.Require(read.Status, $"read {what}")) return;
            if (read.Value == 0) break;
            length += (int)read.Value;
        }
        losses.Require(length == model.Bytes.Length, $"{what}: {length} bytes");
        int same = model.Bytes.AsSpan().CommonPrefixLength(found.AsSpan(0, length));
        losses.Require(same == model.Bytes.Length, $"{what} differs at byte {same}");
    }

    private byte[] RandomBytes()
    {
        byte[] bytes = new byte[1 + random.Next(MaxLength)];
        random.NextBytes(bytes);
        return bytes;
    }
}
