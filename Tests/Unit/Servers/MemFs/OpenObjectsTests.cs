// Badges stand for one node each, and never come again.

using NUnit.Framework;
using Servers.MemFs;
using Shared.Abi;
using Shared.Contracts;

namespace Tests.Unit.Servers.MemFs;

public sealed class OpenObjectsTests
{
    private readonly MemTree _tree = new(
        new ChunkStore(ChunkStore.ChunkBytes), maxNodes: 8, () => 1);

    [Test]
    public void Root_is_there_without_being_added()
    {
        OpenObjects objects = new(_tree, nowNs: 0);
        Assert.That(objects.TryFind(new Badge(1), out OpenObject found), Is.True);
        Assert.That(found.Node, Is.SameAs(_tree.Root));
    }

    [Test]
    public void Badge_of_an_earlier_incarnation_is_unknown()
    {
        OpenObjects first = new(_tree, nowNs: 1000);
        Badge old = first.NextBadge();
        first.Add(old, _tree.Root, OpenMode.Read);
        OpenObjects second = new(_tree, nowNs: 2000);
        Assert.That(second.TryFind(old, out _), Is.False);
        Assert.That(second.NextBadge(), Is.Not.EqualTo(old));
        Assert.That(() => second.Remove(old), Throws.Nothing);
    }
}
