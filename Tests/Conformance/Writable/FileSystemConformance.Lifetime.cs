// What lives as long as somebody holds it, and what is given back when nobody does.

using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Tests.Conformance.Writable;

public abstract partial class FileSystemConformance
{
    [Test]
    public void Deleted_file_is_read_and_written_until_it_is_closed()
    {
        ulong before = _mount.UsedBytes;
        using (OpenObject file = _mount.Open("f", Both | OpenMode.Create))
        {
            file.Write(0, "text");
            Assert.That(Root.RemoveFile("f"), Is.EqualTo(Status.Ok));
            Assert.That(Root.Stat("f").Status, Is.EqualTo(Status.NotFound));
            Assert.That(file.ReadText(), Is.EqualTo("text"));
            file.Write(4, " and more");
            Assert.That(file.ReadText(), Is.EqualTo("text and more"));
            Assert.That(file.Calls.StatFile().Value.Links, Is.Zero);
            Assert.That(_mount.UsedBytes, Is.GreaterThan(before));
        }
        Assert.That(_mount.UsedBytes, Is.EqualTo(before));
    }

    [Test]
    public void Deleted_file_lives_until_its_last_holder_closes_it()
    {
        _mount.Make("f", "text");
        using OpenObject one = _mount.Open("f", OpenMode.Read);
        using (OpenObject other = _mount.Open("f", OpenMode.Read))
        {
            Root.RemoveFile("f");
            Assert.That(other.ReadText(), Is.EqualTo("text"));
        }
        Assert.That(one.ReadText(), Is.EqualTo("text"));
    }

    [Test]
    public void File_of_the_same_name_is_another_file()
    {
        _mount.Make("f", "old");
        ulong oldNumber = _mount.Stat("f").FileNumber;
        using OpenObject old = _mount.Open("f", OpenMode.Read);
        Root.RemoveFile("f");
        _mount.Make("f", "new");
        Assert.That(_mount.Stat("f").FileNumber, Is.Not.EqualTo(oldNumber));
        Assert.That(old.ReadText(), Is.EqualTo("old"));
        Assert.That(_mount.ReadText("f"), Is.EqualTo("new"));
    }

    [Test]
    public void Replaced_file_is_read_until_it_is_closed()
    {
        _mount.Make("f", "old");
        _mount.Make("g", "new");
        using OpenObject old = _mount.Open("f", OpenMode.Read);
        Assert.That(Root.Rename("g", "f"), Is.EqualTo(Status.Ok));
        Assert.That(old.ReadText(), Is.EqualTo("old"));
        Assert.That(_mount.ReadText("f"), Is.EqualTo("new"));
    }

    [Test]
    public void Open_file_keeps_its_bytes_when_it_is_moved()
    {
        _mount.MakeDirectory("d");
        using OpenObject file = _mount.Open("f", Both | OpenMode.Create);
        file.Write(0, "text");
        Root.Rename("f", "d/g");
        file.Write(4, "!");
        Assert.That(_mount.ReadText("d/g"), Is.EqualTo("text!"));
    }

    [Test]
    public void Root_is_good_after_a_restart_and_old_files_are_told_apart()
    {
        using OpenObject old = _mount.Open("old", Both | OpenMode.Create);
        _mount.KillAndRestart();
        Assert.That(_mount.Stat("").Type, Is.EqualTo(FileType.Directory));
        using OpenObject file = _mount.Open("new", Both | OpenMode.Create);
        file.Write(0, "text");
        Result<uint> read = old.Calls.Read(0, new byte[4]);
        bool isLost = read.Status == Status.NotFound;
        Assert.That(isLost || read is { Status: Status.Ok, Value: 0 }, Is.True, $"{read}");
        Assert.That(file.ReadText(), Is.EqualTo("text"));
    }
}
