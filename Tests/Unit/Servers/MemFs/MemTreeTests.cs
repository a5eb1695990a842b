// What the tree keeps and gives back; the rules of names are the conformance suite's.

using NUnit.Framework;
using Servers.MemFs.Vaults;
using Servers.MemFs;
using Shared.Abi;
using Shared.Contracts;

namespace Tests.Unit.Servers.MemFs;

public sealed class MemTreeTests
{
    private MemVault _vault = null!;
    private MemTree _tree = null!;

    [SetUp]
    public void MakeTree()
    {
        // Two chunks are eight nodes.
        _vault = TestVault.Make(2);
        _tree = new MemTree(_vault, () => 1);
    }

    private Badge Open(Node node)
    {
        _tree.Objects.Opened(node);
        return _tree.Objects.NextBadge(node, OpenMode.Read);
    }

    private void Close(Badge badge)
    {
        Assert.That(_tree.Objects.TryClose(badge, out Node node));
        _tree.Reclaim(node, badge);
    }

    [Test]
    public void Deleted_file_gives_its_chunks_back_when_the_last_holder_goes()
    {
        _tree.MakeFile(_tree.Root, "f", out Node node);
        _tree.Bytes.Write(node, 0, [1]);
        Badge first = Open(node);
        Badge second = Open(node);
        _tree.RemoveFile(_tree.Root, "f");
        Close(first);
        Assert.That(_vault.Chunks.UsedChunks, Is.EqualTo(1));
        Assert.That(_tree.Nodes, Is.EqualTo(2));
        Close(second);
        Assert.That(_vault.Chunks.UsedChunks, Is.Zero);
        Assert.That(_tree.Nodes, Is.EqualTo(1));
    }

    [Test]
    public void Closing_a_file_that_is_linked_keeps_it()
    {
        _tree.MakeFile(_tree.Root, "f", out Node node);
        _tree.Bytes.Write(node, 0, [1]);
        Close(Open(node));
        Assert.That(_vault.Chunks.UsedChunks, Is.EqualTo(1));
        Assert.That(_tree.Find(_tree.Root, "f", out _), Is.EqualTo(Status.Ok));
    }

    [Test]
    public void Replaced_file_gives_its_chunks_back()
    {
        _tree.MakeFile(_tree.Root, "a", out _);
        _tree.MakeFile(_tree.Root, "b", out Node replaced);
        _tree.Bytes.Write(replaced, 0, [1]);
        Assert.That(_tree.Rename(_tree.Root, "a", "b"), Is.EqualTo(Status.Ok));
        Assert.That(_vault.Chunks.UsedChunks, Is.Zero);
        Assert.That(_tree.Nodes, Is.EqualTo(2));
    }

    [Test]
    public void Full_tree_is_NoSpace_and_can_still_rename()
    {
        for (int i = 0; i < 7; i++) _tree.MakeDirectory(_tree.Root, $"d{i}");
        Assert.That(_tree.MakeDirectory(_tree.Root, "d7"), Is.EqualTo(Status.NoSpace));
        Assert.That(_tree.MakeFile(_tree.Root, "f", out _), Is.EqualTo(Status.NoSpace));
        Assert.That(_tree.Rename(_tree.Root, "d0", "e"), Is.EqualTo(Status.Ok));
        Assert.That(_tree.RemoveDirectory(_tree.Root, "e"), Is.EqualTo(Status.Ok));
        Assert.That(_tree.MakeFile(_tree.Root, "f", out _), Is.EqualTo(Status.NoSpace));
        _vault.Commit();
        Assert.That(_tree.MakeFile(_tree.Root, "f", out _), Is.EqualTo(Status.Ok));
    }

    [TestCase("f", true), TestCase("d/f", true), TestCase("e/f", false), TestCase("d/e/f", false)]
    public void Missing_file_is_made_where_the_walk_ended(string path, bool canBeMade)
    {
        _tree.MakeDirectory(_tree.Root, "d");
        Assert.That(
            _tree.Find(_tree.Root, path, out Node reached, out bool isLast),
            Is.EqualTo(Status.NotFound));
        Assert.That(isLast, Is.EqualTo(canBeMade));
        if (!isLast) return;
        Assert.That(_tree.MakeMissing(reached, out Node made), Is.EqualTo(Status.Ok));
        _vault.Commit();
        Assert.That(_tree.Find(_tree.Root, path, out Node found), Is.EqualTo(Status.Ok));
        Assert.That((found, found.Name), Is.EqualTo((made, "f")));
    }

    [Test]
    public void Nothing_is_made_in_a_deleted_directory_or_a_full_tree()
    {
        _tree.MakeDirectory(_tree.Root, "d");
        _tree.Find(_tree.Root, "d", out Node held);
        Open(held);
        _tree.RemoveDirectory(_tree.Root, "d");
        _tree.Find(held, "f", out _, out bool isLast);
        Assert.That(isLast, Is.True);
        Assert.That(_tree.MakeMissing(held, out _), Is.EqualTo(Status.NotFound));
        for (int i = 0; i < 6; i++) _tree.MakeDirectory(_tree.Root, $"d{i}");
        _tree.Find(_tree.Root, "f", out Node root, out _);
        Assert.That(_tree.MakeMissing(root, out _), Is.EqualTo(Status.NoSpace));
    }

    [TestCase("a"), TestCase("sieben7"), TestCase("z\u00e9ro"), TestCase("\u65e5\u672c")]
    [TestCase("\ud83d\ude00"), TestCase("abcdefghijklmnopqrstuvwxyz")]
    public void Name_is_kept_whatever_is_in_it(string name)
    {
        string longest = new string('x', 255), other = new string('\u00e9', 127) + "x";
        foreach (string one in new[] { name, longest, other })
        {
            Assert.That(_tree.MakeFile(_tree.Root, one, out Node made), Is.EqualTo(Status.Ok));
            Assert.That(made.Name, Is.EqualTo(one));
            Assert.That(_tree.Find(_tree.Root, one, out Node found), Is.EqualTo(Status.Ok));
            Assert.That(found, Is.EqualTo(made));
            _vault.Commit();
        }
    }

    [Test]
    public void Listing_survives_the_sweeping_of_removed_places()
    {
        MemVault vault = TestVault.Make(250);
        MemTree tree = new(vault, () => 1);
        for (int i = 0; i < 200; i++)
        {
            tree.MakeFile(tree.Root, $"f{i}", out _);
            vault.Commit();
        }
        Node? entry = tree.Next(tree.Root, 0);
        for (int i = 0; i < 99; i++) entry = tree.Next(tree.Root, entry!.Value.Cookie);
        Assert.That(entry!.Value.Name, Is.EqualTo("f99"));
        for (int i = 0; i < 150; i++)
        {
            tree.RemoveFile(tree.Root, $"f{i}");
            vault.Commit();
        }
        Assert.That(tree.Next(tree.Root, entry.Value.Cookie)!.Value.Name, Is.EqualTo("f150"));
        Assert.That(tree.Next(tree.Root, 0)!.Value.Name, Is.EqualTo("f150"));
    }
}
