// Badges stand for one node each, and never come again.

using NUnit.Framework;
using Servers.MemFs.Vaults;
using Servers.MemFs;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Vaults;

namespace Tests.Unit.Servers.MemFs;

public sealed class OpenObjectsTests
{
    [Test]
    public void Root_is_there_without_being_added()
    {
        MemVault vault = TestVault.Make(2);
        MemTree tree = new(vault, () => 1);
        OpenObjects objects = new(vault, tree, nowNs: 0);
        Assert.That(objects.TryFind(new Badge(1), out OpenObject found), Is.True);
        Assert.That(found.Node, Is.EqualTo(tree.Root));
    }

    [Test]
    public void Badge_of_an_earlier_incarnation_is_known_and_never_given_again()
    {
        HeapVaultMemory memory = TestVault.Memory(2);
        MemVault vault = new(memory, TestVault.Options(2));
        MemTree tree = new(vault, () => 1);
        OpenObjects first = new(vault, tree, nowNs: 1000);
        tree.MakeFile(tree.Root, "f", out Node node);
        Badge old = first.NextBadge();
        first.Add(old, node, OpenMode.Read);
        vault.Publish();

        MemVault again = new(memory, TestVault.Options(2));
        MemTree treeAgain = new(again, () => 1);
        OpenObjects second = new(again, treeAgain, nowNs: 0);
        Assert.That(second.TryFind(old, out OpenObject found), Is.True);
        Assert.That(found.Node.Name, Is.EqualTo("f"));
        Assert.That(found.Mode, Is.EqualTo(OpenMode.Read));
        Assert.That(second.NextBadge(), Is.Not.EqualTo(old));
        second.Remove(old);
        Assert.That(second.Count, Is.Zero);
        Assert.That(() => second.Remove(old), Throws.Nothing);
    }
}
