// The word that says that a file is the same: whoever has it may keep what he has read.

using System;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Files;
using Shared.Sdk.Native;

namespace Tests.Conformance.Writable;

public abstract partial class FileSystemConformance
{
    [Test]
    public void Watched_word_is_another_one_after_each_change_of_the_file()
    {
        _mount.Make("f", "some text");
        using OpenObject file = _mount.Open("f", Both), other = _mount.Open("f", Writing);
        Result<WatchedFile> watched = file.Calls.Watch();
        Assert.That(watched.Status, Is.EqualTo(Status.Ok));
        Handle page = watched.Value.Page.Handle;
        using SharedWords words = SharedWords.Map(_mount.Client, page, Rights.Read).Value;
        Assert.That(
            SharedWords.Map(_mount.Client, page, Rights.Read | Rights.Write).Status,
            Is.EqualTo(Status.NoRight));
        _mount.Client.Close(page);
        Action[] changes =
        [
            () => file.Write(2, "more"), () => other.Calls.Append("end"u8),
            () => other.Calls.SetLength(5), () => file.Calls.SetLength(50),
            () => _mount.Open("f", Writing | OpenMode.Truncate).Dispose(),
        ];
        foreach (Action change in changes)
        {
            ulong before = words.Read((int)watched.Value.Word);
            change();
            Assert.That(words.Read((int)watched.Value.Word), Is.Not.EqualTo(before));
        }
    }

    [Test]
    public void Two_files_are_watched_by_two_words_which_reading_leaves_alone()
    {
        _mount.Make("f", "some text");
        _mount.Make("g", "other text");
        using OpenObject f = _mount.Open("f", Both), g = _mount.Open("g", Both);
        WatchedFile first = f.Calls.Watch().Value, second = g.Calls.Watch().Value;
        Assert.That(first.Word, Is.Not.EqualTo(second.Word));
        using SharedWords words = SharedWords.Map(
            _mount.Client, first.Page.Handle, Rights.Read).Value;
        _mount.Client.Close(first.Page.Handle);
        _mount.Client.Close(second.Page.Handle);
        ulong before = words.Read((int)first.Word);
        f.ReadAll();
        g.Write(0, "changed");
        Assert.That(words.Read((int)first.Word), Is.EqualTo(before));
    }

    [Test]
    public void First_word_is_another_one_after_each_change_of_what_a_name_leads_to()
    {
        foreach (string name in new[] { "f", "g", "h" }) _mount.Make(name, "some text");
        FileSystemClient root = _mount.Root;
        Assert.That(root.MakeDirectory("d"), Is.EqualTo(Status.Ok));
        using OpenObject file = _mount.Open("f", Both);
        Handle page = file.Calls.Watch().Value.Page.Handle;
        using SharedWords words = SharedWords.Map(_mount.Client, page, Rights.Read).Value;
        _mount.Client.Close(page);
        Func<Status>[] changes =
        [
            () => root.RemoveFile("g"), () => root.Rename("h", "g"), () => root.Rename("g", "f"),
            () => root.Rename("d", "e"), () => root.RemoveDirectory("e"),
        ];
        foreach (Func<Status> change in changes)
        {
            ulong before = words.Read(FileWords.Names);
            Assert.That(change(), Is.EqualTo(Status.Ok));
            Assert.That(words.Read(FileWords.Names), Is.Not.EqualTo(before));
        }
    }
}
