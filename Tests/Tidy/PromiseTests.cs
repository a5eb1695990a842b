// Each promise of docs/promises.md names tests, and those tests are there.

using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using NUnit.Framework;

namespace Tests.Tidy;

public sealed partial class PromiseTests
{
    private const string Page = "docs/promises.md";

    private static readonly string[] Rows =
        [.. SourceTree.All.Single(static file => file.Path == Page).Lines
            .Where(static line => line.StartsWith("| ", System.StringComparison.Ordinal))
            .Where(static line => !line.EndsWith("| tests |", System.StringComparison.Ordinal))];

    [Test]
    public void Promise_names_a_test()
    {
        Assert.That(Rows, Has.Length.GreaterThan(15));
        Offenders.None(Rows.Where(static row => !NamedTest().IsMatch(row)));
    }

    [Test]
    public void Test_that_a_promise_names_is_there()
    {
        HashSet<string> known = [.. SourceTree.CSharp.SelectMany(TestsOf)];
        Offenders.None(
            from row in Rows
            from Match named in NamedTest().Matches(row)
            let name = named.Groups[1].Value
            where !known.Contains(name)
            select $"{Page}: {name}");
    }

    [TestCase("class A { [Test] public void B() { } }", "A.B")]
    [TestCase("class A { [TestCase(1)] public void B(int c) { } }", "A.B")]
    [TestCase("class A { public void B() { } }", null)]
    public void Test_is_a_method_with_an_attribute_of_the_framework(string code, string? test) =>
        Assert.That(
            TestsOf(SourceTree.Parse(new SourceFile("Tests/Boot/A.cs", code))).SingleOrDefault(),
            Is.EqualTo(test));

    /// <summary>FIXTURE.METHOD of each test of a file.</summary>
    private static IEnumerable<string> TestsOf(ParsedFile file)
    {
        if (!file.Source.IsBelow("Tests")) yield break;
        foreach (MethodDeclarationSyntax method in
            file.Root.DescendantNodes().OfType<MethodDeclarationSyntax>())
        {
            bool isTest = method.AttributeLists.SelectMany(static list => list.Attributes)
                .Any(static one => one.Name.ToString() is "Test" or "TestCase" or "TestCaseSource");
            if (isTest && method.Parent is ClassDeclarationSyntax fixture)
                yield return $"{fixture.Identifier}.{method.Identifier}";
        }
    }

    [GeneratedRegex("`([A-Za-z]+Tests\\.[A-Za-z0-9_]+)`")]
    private static partial Regex NamedTest();
}
