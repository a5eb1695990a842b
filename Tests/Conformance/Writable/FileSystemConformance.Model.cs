// Operations by chance, compared with the model one by one and as a whole at the end.

using System;
using System.Collections.Generic;
using Shared.Abi;
using Shared.Contracts;

namespace Tests.Conformance.Writable;

public abstract partial class FileSystemConformance
{
    protected enum Act { Write, SetLength, MakeDirectory, RemoveFile, RemoveDirectory, Rename }

    protected sealed record Step(Act Act, string Path, string Target, int Offset, byte[] Bytes)
    {
        public override string ToString() => $"{Act} {Path} {Target} {Offset} [{Bytes.Length}]";
    }

    /// <summary>The seed fixes the operations.</summary>
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(4)]
    public void Sequence_of_a_seed_answers_and_leaves_what_the_model_says(int seed)
    {
        const int count = 100;
        Random random = new(seed);
        Step[] steps = new Step[count];
        for (int i = 0; i < count; i++) steps[i] = NextStep(random);
        RunAgainstModel(_mount, steps);
    }

    private static Step NextStep(Random random)
    {
        byte[] bytes = new byte[random.Next(3) == 0 ? random.Next(4000, 9000) : random.Next(16)];
        random.NextBytes(bytes);
        int offset = random.Next(3) switch
        {
            0 => random.Next(16), 1 => random.Next(4090, 4100), _ => random.Next(70_000),
        };
        Act act = (Act)random.Next((int)Act.Rename + 1);
        return new Step(act, NextPath(random), NextPath(random), offset, bytes);
    }

    private static string NextPath(Random random)
    {
        string[] names = new string[random.Next(1, 4)];
        for (int i = 0; i < names.Length; i++) names[i] = "abc".Substring(random.Next(3), 1);
        return string.Join('/', names);
    }

    protected static void RunAgainstModel(MountedFileSystem mount, Step[] steps)
    {
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
}
