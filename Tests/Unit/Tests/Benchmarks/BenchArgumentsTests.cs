// What a person may ask `bench` for.

using NUnit.Framework;
using Tests.Benchmarks;
using Tests.Rig;
using Tests.Rig.Machine;

namespace Tests.Unit.Tests.Benchmarks;

public sealed class BenchArgumentsTests
{
    [Test]
    public void Nothing_asks_for_both_guests_by_both_clocks()
    {
        BenchArguments parsed = BenchArguments.Parse([]);
        Assert.That(parsed.HasOurs && parsed.HasPeer);
        Assert.That(parsed.Clocks,
            Is.EqualTo(new[] { GuestClock.Instructions, GuestClock.Host }));
        Assert.That(parsed.Names, Is.Empty);
    }

    [Test]
    public void Options_and_names_stand_in_any_order()
    {
        BenchArguments parsed =
            BenchArguments.Parse(["call", "--rounds", "7", "--no-peer", "boot", "--icount"]);
        Assert.That(parsed.Names, Is.EqualTo(new[] { "call", "boot" }));
        Assert.That(parsed.Rounds, Is.EqualTo(7));
        Assert.That(parsed.HasPeer, Is.False);
        Assert.That(parsed.Clocks, Is.EqualTo(new[] { GuestClock.Instructions }));
    }

    [TestCase("--fast")]
    [TestCase("--rounds")]
    [TestCase("--rounds", "0")]
    [TestCase("--rounds", "many")]
    [TestCase("--no-peer", "--peer-only")]
    public void What_makes_no_sense_is_refused(params string[] words) =>
        Assert.That(() => BenchArguments.Parse(words), Throws.TypeOf<RigException>());
}
