// Random operations, compared with the model one by one and as a whole at the end.
//
// A failing sequence is printed, made as short as CsCheck can make it, with its seed.

using System;
using System.Collections.Generic;
using CsCheck;
using NUnit.Framework;
using Shared.Abi;
using Shared.Contracts;
using Tests.Loopback;

namespace Tests.Conformance.Writable;

public abstract partial class FileSystemConformance
{
    private enum Act { Write, SetLength, MakeDirectory, RemoveFile, RemoveDirectory, Rename }

    private sealed record Step(Act Act, string Path, string Target, int Offset, byte[] Bytes)
    {
        public override string ToString() => $"{Act} {Path} {Target} {Offset} [{Bytes.Length}]";
    }

    [Test]
    public void Random_operations_answer_and_leave_what_the_model_says()
    {
        Gen<string> name = Gen.OneOf(Gen.Const("a"), Gen.Const("b"), Gen.Const("c"));
        Gen<string> path = name.Array[1, 3].Select(names => string.Join('/', names));
        Gen<int> offset = Gen.OneOf(Gen.Int[0, 16], Gen.Int[4090, 4100], Gen.Int[0, 70_000]);
        Gen<byte[]> bytes = Gen.OneOf(Gen.Byte.Array[0, 16], Gen.Byte.Array[4000, 9000]);
        Gen<Step> step = Gen.Select(
            Gen.Enum<Act>(), path, path, offset, bytes,
            (act, one, other, at, text) => new Step(act, one, other, at, text));
        step.Array[1, 60].Sample(RunAgainstModel, iter: 200, threads: 1, print: Print);
    }

    private void RunAgainstModel(Step[] steps)
    {
        MountedFileSystem mount = new(new LoopbackMachine(), MakeServer);
        FileSystemModel model = new();
        ulong emptyBytes = mount.UsedBytes;
        foreach (Step step in steps)
        {
            Status expected = Apply(model, step);
            Status found = Apply(mount, step);
            if (found != expected) throw new InvalidOperationException(
                $"{step}: {found}, the model says {expected}");
        }
        SortedDictionary<string, byte[]?> tree = new(StringComparer.Ordinal);
        Collect(mount, "", tree);
        Assert.That(tree.Keys, Is.EqualTo(Keys(model)));
        foreach ((string path, byte[]? bytes) in model.Nodes)
        {
            bool isSame = bytes == null
                ? tree[path] == null : bytes.AsSpan().SequenceEqual(tree[path]);
            Assert.That(isSame, Is.True, path);
        }
        RemoveAll(mount, tree);
        Assert.That(mount.UsedBytes, Is.EqualTo(emptyBytes));
    }

    private static Status Apply(FileSystemModel model, Step step) => step.Act switch
    {
        Act.Write => model.Write(step.Path, step.Offset, step.Bytes),
        Act.SetLength => model.SetLength(step.Path, step.Offset),
        Act.MakeDirectory => model.MakeDirectory(step.Path),
        Act.RemoveFile => model.RemoveFile(step.Path),
        Act.RemoveDirectory => model.RemoveDirectory(step.Path),
        _ => model.Rename(step.Path, step.Target),
    };

    private static Status Apply(MountedFileSystem mount, Step step) => step.Act switch
    {
        Act.Write => WithFile(
            mount, step.Path, Writing,
            file => file.Calls.Write((ulong)step.Offset, step.Bytes).Status),
        Act.SetLength => WithFile(
            mount, step.Path, OpenMode.Write,
            file => file.Calls.SetLength((ulong)step.Offset)),
        Act.MakeDirectory => mount.Root.MakeDirectory(step.Path),
        Act.RemoveFile => mount.Root.RemoveFile(step.Path),
        Act.RemoveDirectory => mount.Root.RemoveDirectory(step.Path),
        _ => mount.Root.Rename(step.Path, step.Target),
    };

    private static Status WithFile(
        MountedFileSystem mount, string path, OpenMode mode, Func<OpenObject, Status> act)
    {
        Result<OpenedFile> opened = mount.Root.Open(path, mode);
        if (!opened.IsOk) return opened.Status;
        using OpenObject file = new(mount.Client, opened.Value.File.Handle);
        return act(file);
    }

    private static void Collect(
        MountedFileSystem mount, string directory, SortedDictionary<string, byte[]?> tree)
    {
        foreach (string name in mount.Names(directory))
        {
            string path = directory.Length == 0 ? name : $"{directory}/{name}";
            bool isFile = mount.Stat(path).Type == FileType.File;
            tree.Add(path, null);
            if (!isFile)
            {
                Collect(mount, path, tree);
                continue;
            }
            using OpenObject file = mount.Open(path, OpenMode.Read);
            tree[path] = file.ReadAll();
        }
    }

    private static void RemoveAll(
        MountedFileSystem mount, SortedDictionary<string, byte[]?> tree)
    {
        List<string> paths = [.. tree.Keys];
        for (int i = paths.Count - 1; i >= 0; i--)
        {
            Status status = tree[paths[i]] == null
                ? mount.Root.RemoveDirectory(paths[i]) : mount.Root.RemoveFile(paths[i]);
            Assert.That(status, Is.EqualTo(Status.Ok), paths[i]);
        }
    }

    private static IEnumerable<string> Keys(FileSystemModel model)
    {
        foreach ((string path, _) in model.Nodes) yield return path;
    }

    private static string Print(Step[] steps) => string.Join('\n', (object[])steps);
}
