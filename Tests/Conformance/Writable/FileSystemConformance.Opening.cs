// What Open and OpenDirectory give, and what a capability allows.

using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Calls;

namespace Tests.Conformance.Writable;

public abstract partial class FileSystemConformance
{
    [Test]
    public void Missing_file_is_NotFound_unless_it_may_be_made()
    {
        Assert.That(Root.Open("f", OpenMode.Read).Status, Is.EqualTo(Status.NotFound));
        Assert.That(Root.Open("f", OpenMode.Write).Status, Is.EqualTo(Status.NotFound));
        using OpenObject file = _mount.Open("f", Writing);
        Assert.That(_mount.Stat("f").LengthBytes, Is.Zero);
    }

    [Test]
    public void Create_opens_what_is_there_as_it_is()
    {
        _mount.Make("f", "text");
        using OpenObject file = _mount.Open("f", OpenMode.Read | OpenMode.Create);
        Assert.That(file.ReadText(), Is.EqualTo("text"));
    }

    [Test]
    public void Exclusive_refuses_what_is_there()
    {
        const OpenMode mode = Writing | OpenMode.Exclusive;
        _mount.Make("f", "text");
        _mount.MakeDirectory("d");
        Assert.That(Root.Open("f", mode).Status, Is.EqualTo(Status.AlreadyExists));
        Assert.That(Root.Open("d", mode).Status, Is.EqualTo(Status.AlreadyExists));
        Assert.That(_mount.ReadText("f"), Is.EqualTo("text"));
    }

    [Test]
    public void Truncate_cuts_what_is_there()
    {
        _mount.Make("f", "text");
        Result<OpenedFile> opened = Root.Open("f", OpenMode.Write | OpenMode.Truncate);
        Assert.That(opened.Value.LengthBytes, Is.Zero);
        Assert.That(_mount.ReadText("f"), Is.Empty);
    }

    [Test]
    public void Opened_file_says_its_length()
    {
        _mount.Make("f", "text");
        Assert.That(Root.Open("f", OpenMode.Read).Value.LengthBytes, Is.EqualTo(4));
    }

    [TestCase((OpenMode)0)]
    [TestCase(OpenMode.Create)]
    [TestCase(OpenMode.Read | OpenMode.Exclusive)]
    [TestCase(OpenMode.Read | OpenMode.Truncate)]
    [TestCase(OpenMode.Read | (OpenMode)32)]
    [TestCase(OpenMode.Read | (OpenMode)0x8000_0000)]
    public void Mode_without_sense_is_BadArgument(OpenMode mode)
    {
        _mount.Make("f", "text");
        Assert.That(Root.Open("f", mode).Status, Is.EqualTo(Status.BadArgument));
        Assert.That(Root.Open("new", mode).Status, Is.EqualTo(Status.BadArgument));
        Assert.That(_mount.ReadText("f"), Is.EqualTo("text"));
        Assert.That(_mount.Names(""), Is.EqualTo(new[] { "f" }));
    }

    [TestCase("")]
    [TestCase("d")]
    public void Open_of_a_directory_is_IsDirectory(string path)
    {
        _mount.MakeDirectory("d");
        Assert.That(Root.Open(path, OpenMode.Read).Status, Is.EqualTo(Status.IsDirectory));
        Assert.That(Root.Open(path, Writing).Status, Is.EqualTo(Status.IsDirectory));
    }

    [Test]
    public void OpenDirectory_of_a_file_is_NotDirectory()
    {
        _mount.Make("f");
        Assert.That(Root.OpenDirectory("f").Status, Is.EqualTo(Status.NotDirectory));
        Assert.That(Root.OpenDirectory("x").Status, Is.EqualTo(Status.NotFound));
    }

    [Test]
    public void OpenDirectory_of_the_empty_path_is_the_same_directory()
    {
        _mount.Make("f");
        using OpenObject again = _mount.OpenDirectory("");
        Assert.That(again.Calls.Stat("f").Status, Is.EqualTo(Status.Ok));
        Assert.That(
            again.Calls.Stat("").Value.FileNumber, Is.EqualTo(_mount.Stat("").FileNumber));
    }

    [Test]
    public void File_opened_to_read_cannot_be_written()
    {
        _mount.Make("f", "text");
        using OpenObject file = _mount.Open("f", OpenMode.Read);
        Assert.That(file.Calls.Write(0, "x"u8).Status, Is.EqualTo(Status.NoRight));
        Assert.That(file.Calls.Append("x"u8).Status, Is.EqualTo(Status.NoRight));
        Assert.That(file.Calls.SetLength(0), Is.EqualTo(Status.NoRight));
        Assert.That(file.ReadText(), Is.EqualTo("text"));
    }

    [Test]
    public void File_opened_to_write_cannot_be_read()
    {
        using OpenObject file = _mount.Open("f", Writing);
        file.Write(0, "text");
        Assert.That(file.Calls.Read(0, new byte[4]).Status, Is.EqualTo(Status.NoRight));
        Assert.That(file.Calls.StatFile().Value.LengthBytes, Is.EqualTo(4));
    }

    [Test]
    public void Two_openings_see_the_same_bytes()
    {
        using OpenObject writer = _mount.Open("f", Writing);
        using OpenObject reader = _mount.Open("f", OpenMode.Read);
        writer.Write(0, "one");
        Assert.That(reader.ReadText(), Is.EqualTo("one"));
        writer.Write(0, "two");
        Assert.That(reader.ReadText(), Is.EqualTo("two"));
        Assert.That(
            reader.Calls.StatFile().Value.FileNumber, Is.EqualTo(_mount.Stat("f").FileNumber));
    }

    [Test]
    public void Directory_operations_on_a_file_capability_are_NotDirectory()
    {
        using OpenObject file = _mount.Open("f", Both | OpenMode.Create);
        Assert.That(file.Calls.Stat("").Status, Is.EqualTo(Status.NotDirectory));
        Assert.That(file.Calls.Open("x", Writing).Status, Is.EqualTo(Status.NotDirectory));
        Assert.That(file.Calls.OpenDirectory("").Status, Is.EqualTo(Status.NotDirectory));
        Assert.That(file.Calls.MakeDirectory("x"), Is.EqualTo(Status.NotDirectory));
        Assert.That(file.Calls.RemoveFile("x"), Is.EqualTo(Status.NotDirectory));
        Assert.That(file.Calls.RemoveDirectory("x"), Is.EqualTo(Status.NotDirectory));
        Assert.That(file.Calls.Rename("x", "y"), Is.EqualTo(Status.NotDirectory));
        Assert.That(
            file.Calls.List("", 0, new byte[512]).Status, Is.EqualTo(Status.NotDirectory));
        Assert.That(file.Calls.DescribeVolume().Status, Is.EqualTo(Status.NotDirectory));
        Assert.That(file.Calls.SetTime("", 1), Is.EqualTo(Status.NotDirectory));
        Assert.That(file.Calls.SyncAll(), Is.EqualTo(Status.NotDirectory));
    }

    [Test]
    public void File_operations_on_a_directory_capability_are_IsDirectory()
    {
        Assert.That(Root.Read(0, new byte[4]).Status, Is.EqualTo(Status.IsDirectory));
        Assert.That(Root.Write(0, "x"u8).Status, Is.EqualTo(Status.IsDirectory));
        Assert.That(Root.Append("x"u8).Status, Is.EqualTo(Status.IsDirectory));
        Assert.That(Root.SetLength(0), Is.EqualTo(Status.IsDirectory));
        Assert.That(Root.StatFile().Status, Is.EqualTo(Status.IsDirectory));
        Assert.That(Root.Flush(), Is.EqualTo(Status.IsDirectory));
        Assert.That(Root.Watch().Status, Is.EqualTo(Status.IsDirectory));
    }

    [Test]
    public void Volume_is_synced_and_file_is_flushed()
    {
        using OpenObject file = _mount.Open("f", Writing);
        Assert.That(file.Calls.Flush(), Is.EqualTo(Status.Ok));
        Assert.That(Root.SyncAll(), Is.EqualTo(Status.Ok));
    }

    [Test]
    public void Unknown_operation_is_NoSuchOperation()
    {
        OutgoingCall call = new(
            _mount.Client, Root.Endpoint, default, 999, MessageFlags.None);
        Assert.That(call.SendForStatus(), Is.EqualTo(Status.NoSuchOperation));
    }
}
