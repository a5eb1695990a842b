// A capability without the right Write: it shows everything, and changes nothing (run --ro).

using System;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Tests.Conformance.Writable;

public abstract partial class FileSystemConformance
{
    private const Rights Reading = Rights.Use & ~Rights.Write;

    [Test]
    public void Capability_without_write_reads_everything()
    {
        MakeSomething();
        FileSystemClient narrow = Narrow();
        Assert.That(narrow.Stat("d/f").Value.LengthBytes, Is.EqualTo(4));
        Assert.That(narrow.DescribeVolume().Status, Is.EqualTo(Status.Ok));
        ulong cookie = 0;
        Assert.That(
            MountedFileSystem.ListOnce(narrow, "d", ref cookie, 4096),
            Is.EqualTo(new[] { "f" }));
        using OpenObject file = new(
            _mount.Client, narrow.Open("d/f", OpenMode.Read).Value.File.Handle);
        Assert.That(file.ReadText(), Is.EqualTo("text"));
        Assert.That(file.Calls.Flush(), Is.EqualTo(Status.Ok));
    }

    [Test]
    public void Capability_without_write_changes_no_names()
    {
        MakeSomething();
        RefusesChanges(Narrow(), "d", "d/f", "f");
        using OpenObject directory = new(
            _mount.Client, Narrow().OpenDirectory("d").Value.Handle);
        Assert.That(RightsOf(directory.Handle), Is.EqualTo(Reading));
        RefusesChanges(directory.Calls, "", "f", "x");
        IsUnchanged();
    }

    [TestCase(OpenMode.Write)]
    [TestCase(OpenMode.Read | OpenMode.Write)]
    [TestCase(OpenMode.Write | OpenMode.Create)]
    [TestCase(OpenMode.Write | OpenMode.Truncate)]
    [TestCase(OpenMode.Write | OpenMode.Append)]
    [TestCase(OpenMode.Read | OpenMode.Create)]
    public void Capability_without_write_opens_nothing_to_change(OpenMode mode)
    {
        MakeSomething();
        FileSystemClient narrow = Narrow();
        Assert.That(narrow.Open("d/f", mode).Status, Is.EqualTo(Status.ReadOnly));
        Assert.That(narrow.Open("new", mode).Status, Is.EqualTo(Status.ReadOnly));
        IsUnchanged();
    }

    [Test]
    public void File_of_a_capability_without_write_is_not_written()
    {
        MakeSomething();
        using OpenObject file = new(
            _mount.Client, Narrow().Open("d/f", OpenMode.Read).Value.File.Handle);
        Assert.That(RightsOf(file.Handle), Is.EqualTo(Reading));
        FilesIsNotWritten(file.Calls);
        // One that was opened to be written, and passed on without the right.
        using OpenObject own = _mount.Open("d/f", Both);
        using OpenObject passed = new(
            _mount.Client, _mount.Client.Copy(own.Handle, Reading).Value);
        Assert.That(passed.ReadText(), Is.EqualTo("text"));
        FilesIsNotWritten(passed.Calls);
        IsUnchanged();
    }

    [Test]
    public void Capability_without_write_is_none_with_it_after_a_death()
    {
        MakeSomething();
        FileSystemClient narrow = Narrow();
        using OpenObject directory = new(_mount.Client, narrow.OpenDirectory("d").Value.Handle);
        using OpenObject file = new(
            _mount.Client, narrow.Open("d/f", OpenMode.Read).Value.File.Handle);
        _mount.KillAndRestart();
        RefusesChanges(narrow, "d", "d/f", "f");
        RefusesChanges(directory.Calls, "", "f", "x");
        FilesIsNotWritten(file.Calls);
        Assert.That(directory.Calls.Stat("f").Status, Is.EqualTo(Status.Ok));
        IsUnchanged();
    }

    private void MakeSomething()
    {
        _mount.MakeDirectory("d");
        _mount.Make("d/f", "text");
    }

    private void IsUnchanged()
    {
        Assert.That(_mount.Names(""), Is.EqualTo(new[] { "d" }));
        Assert.That(_mount.Names("d"), Is.EqualTo(new[] { "f" }));
        Assert.That(_mount.ReadText("d/f"), Is.EqualTo("text"));
    }

    private FileSystemClient Narrow() =>
        new(_mount.Client, _mount.Client.Copy(Root.Endpoint, Reading).Value);

    private Rights RightsOf(Handle handle) => _mount.Client.DescribeHandle(handle).Value.Rights;

    private static void RefusesChanges(
        FileSystemClient calls, string directory, string file, string target)
    {
        ReadOnlySpan<Status> answers =
        [
            calls.MakeDirectory("new"), calls.MakeDirectory(directory), calls.RemoveFile(file),
            calls.RemoveDirectory(directory), calls.Rename(file, target),
            calls.Rename("missing", target), calls.SetTime(file, 1), calls.RemoveFile("../f"),
        ];
        foreach (Status answer in answers) Assert.That(answer, Is.EqualTo(Status.ReadOnly));
    }

    private static void FilesIsNotWritten(FileSystemClient file)
    {
        Assert.That(file.Write(0, "x"u8).Status, Is.EqualTo(Status.ReadOnly));
        Assert.That(file.Append("x"u8).Status, Is.EqualTo(Status.ReadOnly));
        Assert.That(file.SetLength(0), Is.EqualTo(Status.ReadOnly));
        Assert.That(file.Lock(LockMode.Exclusive), Is.EqualTo(Status.ReadOnly));
    }
}
