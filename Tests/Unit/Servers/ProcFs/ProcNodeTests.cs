// A badge says all of a node, and names lead to nodes.

using System;
using NUnit.Framework;
using Servers.ProcFs;
using Shared.Abi;

namespace Tests.Unit.Servers.ProcFs;

public sealed class ProcNodeTests
{
    [Test]
    public void Badge_gives_its_node_back()
    {
        for (ProcKind kind = ProcKind.Process; kind <= ProcKind.CommandLine; kind++)
        {
            ProcNode node = new(kind, new ProcessId(0xFEDC_BA98));
            Badge badge = node.ToBadge(0xFF_FFFF);
            Assert.That(ProcNode.TryFromBadge(badge, out ProcNode found), Is.True);
            Assert.That(found, Is.EqualTo(node));
            Assert.That(badge, Is.Not.EqualTo(node.ToBadge(0)));
        }
    }

    [TestCase(0ul)]
    [TestCase(2ul)]
    [TestCase(1ul << 63)]
    [TestCase(0xFF00_0000_0000_0000ul)]
    public void Badge_that_was_never_made_is_unknown(ulong badge) =>
        Assert.That(ProcNode.TryFromBadge(new Badge(badge), out _), Is.False);

    [Test]
    public void Root_has_badge_one()
    {
        Assert.That(ProcNode.Root.ToBadge(7), Is.EqualTo(new Badge(1)));
        Assert.That(ProcNode.TryFromBadge(new Badge(1), out ProcNode node), Is.True);
        Assert.That(node, Is.EqualTo(ProcNode.Root));
    }

    [TestCase("mounts", nameof(ProcKind.Mounts), 0u)]
    [TestCase("cmdline", nameof(ProcKind.CommandLine), 0u)]
    [TestCase("17", nameof(ProcKind.Process), 17u)]
    public void Name_leads_to_its_node(string name, string kind, uint process)
    {
        Assert.That(ProcNode.Root.TryFind(name, out ProcNode node), Is.True);
        Assert.That(node, Is.EqualTo(
            new ProcNode(Enum.Parse<ProcKind>(kind), new ProcessId(process))));
    }

    [TestCase("0")]
    [TestCase("017")]
    [TestCase("-1")]
    [TestCase("1x")]
    [TestCase("4294967296")]
    [TestCase("status")]
    [TestCase("Mounts")]
    public void Name_that_is_none_leads_nowhere(string name) =>
        Assert.That(ProcNode.Root.TryFind(name, out _), Is.False);
}
