// A wrong contract is a compile error that says which rule it breaks.

using NUnit.Framework;

namespace Tests.Unit.Shared.Generator;

public sealed class ContractRulesTests
{
    [TestCase("[Op(1)] Status A(uint x, string s, ReadOnlySpan<byte> r, Span<byte> w);")]
    [TestCase("[Op(1)] Result<ulong> A(); [Op(2)] Status B();")]
    [TestCase("[Op(1)] Status A(ulong a, ulong b, ulong c, ulong d, ulong e, ulong f);")]
    [TestCase("[Op(1)] Status A(Capability a, Capability b, Capability c, Capability d);")]
    [TestCase("[Op(1), Changes] Status A(); [Op(2)] Status B([Changes(2)] OpenMode mode);")]
    public void Contract_is_accepted_when_it_keeps_the_rules(string members) =>
        Assert.That(ContractSources.Check(members), Is.Empty);

    [TestCase("CK1001", "[Op(1)] Status A(ulong a, ulong b, ulong c, ulong d, ulong e, Op f, "
        + "byte g); public enum Op { One }")]
    [TestCase("CK1001", "[Op(1)] Result<Seven> A();")]
    [TestCase("CK1002", "[Op(3)] Status A(); [Op(3)] Status B();")]
    [TestCase("CK1003", "[Op(1)] Status A(object x);")]
    [TestCase("CK1003", "[Op(1)] Status A(bool x);")]
    [TestCase("CK1003", "[Op(1)] Status A(Handle x);")]
    [TestCase("CK1003", "[Op(1)] Status A(WithText x);")]
    [TestCase("CK1003", "[Op(1)] Status A(ref uint x);")]
    [TestCase("CK1003", "[Op(1)] Status A(ReadOnlySpan<char> x);")]
    [TestCase("CK1003", "[Op(1)] Result<string> A();")]
    [TestCase("CK1004", "Status A();")]
    [TestCase("CK1005", "[Op(1)] Status A(string a, string b, string c, string d, string e);")]
    [TestCase("CK1006", "[Op(1)] Status A(Five x);")]
    [TestCase("CK1007", "[Op(1)] void A();")]
    [TestCase("CK1007", "[Op(1)] uint A();")]
    [TestCase("CK1008", "uint A { get; }")]
    [TestCase("CK1008", "[Op(1)] Status A(); [Op(2)] Status A(uint x);")]
    [TestCase("CK1008", "[Op(1)] Status A<T>();")]
    [TestCase("CK1009", "[Op(1)] Status A([Changes] uint x);")]
    [TestCase("CK1009", "[Op(1)] Status A([Changes(3)] string x);")]
    public void Contract_is_refused_when_it_breaks_a_rule(string rule, string members) =>
        Assert.That(ContractSources.Check(members), Does.Contain(rule));
}
