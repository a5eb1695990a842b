// What Rename moves, replaces and refuses.

using Shared.Abi;
using Shared.Contracts;

namespace Tests.Conformance.Writable;

public abstract partial class FileSystemConformance
{
    // Names in the tree of MakeRenameTree: f g files, e empty, d not empty (with d/f, d/e, d/d/f).
    [TestCase("f", "new", Status.Ok)]
    [TestCase("f", "e/new", Status.Ok)]
    [TestCase("d/f", "new", Status.Ok)]
    [TestCase("f", "g", Status.Ok)]
    [TestCase("f", "d/f", Status.Ok)]
    [TestCase("f", "f", Status.Ok)]
    [TestCase("d", "new", Status.Ok)]
    [TestCase("d", "e", Status.Ok)]
    [TestCase("e", "d/e", Status.Ok)]
    [TestCase("d", "d", Status.Ok)]
    [TestCase("d/d", "d2", Status.Ok)]
    [TestCase("d/d/f", "d/new", Status.Ok)]
    [TestCase("missing", "new", Status.NotFound)]
    [TestCase("missing", "f", Status.NotFound)]
    [TestCase("f", "missing/new", Status.NotFound)]
    [TestCase("f/x", "new", Status.NotDirectory)]
    [TestCase("f", "g/new", Status.NotDirectory)]
    [TestCase("f", "e", Status.IsDirectory)]
    [TestCase("f", "d", Status.IsDirectory)]
    [TestCase("e", "f", Status.NotDirectory)]
    [TestCase("d", "f", Status.NotDirectory)]
    [TestCase("e", "d", Status.NotEmpty)]
    [TestCase("d/d", "d", Status.NotEmpty)]
    [TestCase("d/f", "d", Status.IsDirectory)]
    [TestCase("d", "d/new", Status.BadArgument)]
    [TestCase("d", "d/e", Status.BadArgument)]
    [TestCase("d", "d/d/new", Status.BadArgument)]
    [TestCase("e", "e/new", Status.BadArgument)]
    public void Rename_follows_the_rules(string source, string target, Status expected)
    {
        MakeRenameTree();
        string before = Snapshot();
        bool isDirectory = Root.Stat(source).Value.Type == FileType.Directory;
        ulong number = Root.Stat(source).Value.FileNumber;
        Assert.That(Root.Rename(source, target), Is.EqualTo(expected));
        if (expected != Status.Ok || source == target)
        {
            Assert.That(Snapshot(), Is.EqualTo(before));
            return;
        }
        Assert.That(Root.Stat(source).Status, Is.EqualTo(Status.NotFound));
        Assert.That(_mount.Stat(target).FileNumber, Is.EqualTo(number));
        if (!isDirectory) Assert.That(_mount.ReadText(target), Is.EqualTo($"text of {source}"));
    }

    [Test]
    public void Moved_directory_takes_its_tree_along()
    {
        MakeRenameTree();
        Assert.That(Root.Rename("d", "e/moved"), Is.EqualTo(Status.Ok));
        Assert.That(_mount.ReadText("e/moved/d/f"), Is.EqualTo("text of d/d/f"));
        Assert.That(_mount.Names("e"), Is.EqualTo(new[] { "moved" }));
        Assert.That(_mount.Names("e/moved"), Is.EquivalentTo(new[] { "f", "e", "d" }));
    }

    [Test]
    public void Directory_that_is_held_moves_with_its_holder()
    {
        MakeRenameTree();
        using OpenObject held = _mount.OpenDirectory("d");
        Root.Rename("d", "moved");
        Assert.That(held.Calls.Stat("d/f").Status, Is.EqualTo(Status.Ok));
        Assert.That(held.Calls.MakeDirectory("late"), Is.EqualTo(Status.Ok));
        Assert.That(_mount.Stat("moved/late").Type, Is.EqualTo(FileType.Directory));
    }

    protected void MakeRenameTree()
    {
        foreach (string path in new[] { "d", "e", "d/e", "d/d" }) _mount.MakeDirectory(path);
        foreach (string path in new[] { "f", "g", "d/f", "d/d/f" })
        {
            _mount.Make(path, $"text of {path}");
        }
    }

    private string Snapshot(string path = "")
    {
        if (_mount.Stat(path).Type == FileType.File) return $"{path}={_mount.ReadText(path)};";
        string text = $"{path}/;";
        foreach (string name in _mount.Names(path))
        {
            text += Snapshot(path.Length == 0 ? name : $"{path}/{name}");
        }
        return text;
    }
}
