// Names and paths: which are good, which are the same, and where they lead.

using System.Text;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Calls;

namespace Tests.Conformance.Writable;

public abstract partial class FileSystemConformance
{
    [Test]
    public void Empty_path_is_the_directory_itself()
    {
        Assert.That(_mount.Stat("").Type, Is.EqualTo(FileType.Directory));
        Assert.That(_mount.Names(""), Is.Empty);
    }

    [TestCase("/")]
    [TestCase("/a")]
    [TestCase("a/")]
    [TestCase("a//b")]
    [TestCase(".")]
    [TestCase("..")]
    [TestCase("d/.")]
    [TestCase("d/..")]
    [TestCase("d/../d")]
    [TestCase("a\0b")]
    public void Bad_path_is_InvalidName_everywhere(string path)
    {
        _mount.MakeDirectory("d");
        _mount.Make("f");
        Assert.That(Root.Stat(path).Status, Is.EqualTo(Status.InvalidName));
        Assert.That(Root.Open(path, OpenMode.Read).Status, Is.EqualTo(Status.InvalidName));
        Assert.That(Root.Open(path, Writing).Status, Is.EqualTo(Status.InvalidName));
        Assert.That(Root.OpenDirectory(path).Status, Is.EqualTo(Status.InvalidName));
        Assert.That(Root.MakeDirectory(path), Is.EqualTo(Status.InvalidName));
        Assert.That(Root.RemoveFile(path), Is.EqualTo(Status.InvalidName));
        Assert.That(Root.RemoveDirectory(path), Is.EqualTo(Status.InvalidName));
        Assert.That(Root.Rename(path, "x"), Is.EqualTo(Status.InvalidName));
        Assert.That(Root.Rename("f", path), Is.EqualTo(Status.InvalidName));
        Assert.That(Root.SetTime(path, 1), Is.EqualTo(Status.InvalidName));
        Assert.That(Root.List(path, 0, new byte[512]).Status, Is.EqualTo(Status.InvalidName));
        Assert.That(_mount.Names(""), Is.EquivalentTo(new[] { "d", "f" }));
    }

    [TestCase(new byte[] { 0xFF })]
    [TestCase(new byte[] { 0x61, 0xC0, 0x80 })]
    [TestCase(new byte[] { 0xED, 0xA0, 0x80 })]
    [TestCase(new byte[] { 0xE2, 0x82 })]
    [TestCase(new byte[] { 0xF4, 0x90, 0x80, 0x80 })]
    public void Path_that_is_not_UTF8_is_InvalidName(byte[] path)
    {
        Assert.That(SendMakeDirectory(path), Is.EqualTo(Status.InvalidName));
        Assert.That(_mount.Names(""), Is.Empty);
    }

    [Test]
    public void Path_in_good_UTF8_passes_the_same_way()
    {
        Assert.That(SendMakeDirectory("gr\u00FCn"u8.ToArray()), Is.EqualTo(Status.Ok));
        Assert.That(_mount.Names(""), Is.EqualTo(new[] { "gr\u00FCn" }));
    }

    [Test]
    public void Name_of_255_bytes_is_good_and_256_is_too_long()
    {
        string longest = new('n', Limits.MaxNameBytes);
        _mount.Make(longest, "text");
        Assert.That(_mount.ReadText(longest), Is.EqualTo("text"));
        Assert.That(_mount.Names("", bufferBytes: 288), Is.EqualTo(new[] { longest }));
        string longer = longest + "n";
        Assert.That(Root.MakeDirectory(longer), Is.EqualTo(Status.NameTooLong));
        Assert.That(Root.Rename(longest, longer), Is.EqualTo(Status.NameTooLong));
        Assert.That(Root.Stat("x/" + longer).Status, Is.EqualTo(Status.NameTooLong));
    }

    [Test]
    public void Name_is_measured_in_bytes_not_characters()
    {
        _mount.MakeDirectory(new string('\u20AC', 85));
        Status status = Root.MakeDirectory(new string('\u20AC', 86));
        Assert.That(status, Is.EqualTo(Status.NameTooLong));
    }

    [Test]
    public void Path_longer_than_the_limit_is_refused()
    {
        StringBuilder path = new("a");
        while (path.Length <= Limits.MaxPathBytes) path.Append("/a");
        Status status = Root.Stat(path.ToString()).Status;
        Assert.That(status, Is.EqualTo(Status.NameTooLong).Or.EqualTo(Status.TooLarge));
    }

    [TestCase("A", "a")]
    [TestCase("\u00E9", "e\u0301")]
    [TestCase("a", "a ")]
    [TestCase("\u00C4", "\u00E4")]
    public void Names_differ_when_their_bytes_differ(string one, string other)
    {
        _mount.Make(one, "one");
        if (IsRefused(other)) return;
        if (Names.AreSame(one, other))
        {
            Assert.That(_mount.ReadText(other), Is.EqualTo("one"));
            Assert.That(
                Root.Open(other, Writing | OpenMode.Exclusive).Status,
                Is.EqualTo(Status.AlreadyExists));
            Assert.That(_mount.Names(""), Is.EqualTo(new[] { one }), "as it was made");
            Assert.That(Root.Rename(one, other), Is.EqualTo(Status.Ok));
            Assert.That(_mount.Names(""), Is.EqualTo(new[] { other }));
            Assert.That(_mount.ReadText(one), Is.EqualTo("one"));
            return;
        }
        _mount.Make(other, "other");
        Assert.That(_mount.ReadText(one), Is.EqualTo("one"));
        Assert.That(_mount.ReadText(other), Is.EqualTo("other"));
    }

    [TestCase("a b")]
    [TestCase("line\nfeed")]
    [TestCase("...")]
    [TestCase(".hidden")]
    [TestCase("-r")]
    [TestCase("*?\\\"'")]
    [TestCase("\u65E5\u672C")]
    [TestCase("\U0001F600")]
    public void Unusual_name_is_a_name_or_refused(string name)
    {
        if (IsRefused(name)) return;
        _mount.Make(name, "text");
        Assert.That(_mount.Names(""), Is.EqualTo(new[] { name }));
        Assert.That(_mount.ReadText(name), Is.EqualTo("text"));
        Assert.That(Root.RemoveFile(name), Is.EqualTo(Status.Ok));
    }

    [Test]
    public void Path_through_what_is_not_there_is_NotFound()
    {
        _mount.Make("f");
        Assert.That(Root.Stat("x/y").Status, Is.EqualTo(Status.NotFound));
        Assert.That(Root.Open("x/y", Writing).Status, Is.EqualTo(Status.NotFound));
        Assert.That(Root.MakeDirectory("x/y"), Is.EqualTo(Status.NotFound));
        Assert.That(Root.RemoveFile("x/y"), Is.EqualTo(Status.NotFound));
        Assert.That(Root.RemoveDirectory("x/y"), Is.EqualTo(Status.NotFound));
        Assert.That(Root.Rename("f", "x/y"), Is.EqualTo(Status.NotFound));
        Assert.That(Root.OpenDirectory("x/y").Status, Is.EqualTo(Status.NotFound));
        Assert.That(Root.SetTime("x/y", 1), Is.EqualTo(Status.NotFound));
    }

    [Test]
    public void Path_through_a_file_is_NotDirectory()
    {
        _mount.Make("f");
        _mount.Make("g");
        Assert.That(Root.Stat("f/y").Status, Is.EqualTo(Status.NotDirectory));
        Assert.That(Root.Open("f/y", Writing).Status, Is.EqualTo(Status.NotDirectory));
        Assert.That(Root.MakeDirectory("f/y"), Is.EqualTo(Status.NotDirectory));
        Assert.That(Root.RemoveFile("f/y"), Is.EqualTo(Status.NotDirectory));
        Assert.That(Root.RemoveDirectory("f/y"), Is.EqualTo(Status.NotDirectory));
        Assert.That(Root.Rename("g", "f/y"), Is.EqualTo(Status.NotDirectory));
        Assert.That(Root.OpenDirectory("f/y").Status, Is.EqualTo(Status.NotDirectory));
    }

    [Test]
    public void Tree_of_a_hundred_levels_is_reached_by_path()
    {
        string path = "d";
        for (int level = 0; level < 100; level++)
        {
            _mount.MakeDirectory(path);
            path += "/d";
        }
        _mount.Make(path, "deep");
        Assert.That(_mount.ReadText(path), Is.EqualTo("deep"));
    }

    [Test]
    public void Directory_capability_sees_what_is_below_it_and_nothing_else()
    {
        _mount.MakeDirectory("a");
        _mount.MakeDirectory("a/b");
        _mount.Make("secret");
        using OpenObject below = _mount.OpenDirectory("a");
        Assert.That(below.Calls.Stat("b").Status, Is.EqualTo(Status.Ok));
        Assert.That(below.Calls.Stat("secret").Status, Is.EqualTo(Status.NotFound));
        Assert.That(below.Calls.Stat("../secret").Status, Is.EqualTo(Status.InvalidName));
        Assert.That(below.Calls.MakeDirectory("b/c"), Is.EqualTo(Status.Ok));
        Assert.That(_mount.Stat("a/b/c").Type, Is.EqualTo(FileType.Directory));
    }

    private bool IsRefused(string name)
    {
        if (Names.Has(name)) return false;
        int before = _mount.Names("").Count;
        Assert.That(Root.Stat(name).Status, Is.EqualTo(Status.NotFound));
        Assert.That(Root.Open(name, Writing).Status, Is.EqualTo(Status.InvalidName));
        Assert.That(Root.MakeDirectory(name), Is.EqualTo(Status.InvalidName));
        _mount.Make("f");
        Assert.That(Root.Rename("f", name), Is.EqualTo(Status.InvalidName));
        Assert.That(_mount.Names(""), Has.Count.EqualTo(before + 1));
        return true;
    }

    // The client of the contract cannot send such bytes; a hostile one can.
    private Status SendMakeDirectory(byte[] path)
    {
        OutgoingCall call = new(_mount.Client, Root.Endpoint, default, 4, MessageFlags.None);
        call.LendRead(path);
        return call.SendForStatus();
    }
}
