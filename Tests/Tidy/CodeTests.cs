// Rules for the inside of C# files: short functions, banned words and calls, no hidden state.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using NUnit.Framework;
using Tests.Rig;

namespace Tests.Tidy;

public sealed partial class CodeTests
{
    private const int MaxFunctionLines = 70;

    /// <summary>Collections that change although the field that holds them does not.</summary>
    private static readonly string[] MutableTypes =
        ["List", "Dictionary", "HashSet", "Queue", "Stack", "StringBuilder", "SortedSet"];

    [Test]
    public void Function_has_at_most_70_lines() => Offenders.None(
        from file in SourceTree.CSharp
        from node in file.Root.DescendantNodes()
        where node is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax
            or AccessorDeclarationSyntax
        let lines = LineCount(node)
        where lines > MaxFunctionLines
        select file.At(node, $"{lines} lines"));

    /// <summary>What is not done is an issue, not a remark.</summary>
    [Test]
    public void Source_has_no_reminders_and_no_stubs() => Offenders.None(
        from file in SourceTree.Code
        where file.Name != "CodeTests.cs"
        from entry in file.Lines.Select((line, index) => (Line: line, Number: index + 1))
        where Reminder().IsMatch(entry.Line)
        select $"{file.Path}:{entry.Number}: {entry.Line.Trim()}");

    [Test]
    public void File_names_no_path_of_one_machine() => Offenders.None(
        from file in SourceTree.All
        where file.Name != "CodeTests.cs"
        where file.Text.Contains(Repository.Root + "/") || MachinePath().IsMatch(file.Text)
        select file.Path);

    /// <summary>But for programs: there the console is Shared/Runtime's.</summary>
    [Test]
    public void Guest_code_does_not_use_the_console_of_the_runtime() => Offenders.None(
        from file in SourceTree.CSharp
        where file.Source.IsBelow("Servers") && !file.Source.IsBelow("Servers/Programs")
            || file.Source.IsBelow("CosmosKernel") || file.Source.IsBelow("Shared/Sdk")
        from access in file.Root.DescendantNodes().OfType<MemberAccessExpressionSyntax>()
        where access.Expression.ToString() is "System.Console"
            || access.Expression.ToString() is "Console"
            && RuntimeConsole().IsMatch(access.Name.ToString())
        select file.At(access, access.ToString()));

    [Test]
    public void Server_has_no_mutable_static() => Offenders.None(
        SourceTree.CSharp.Where(file => file.Source.IsBelow("Servers")).SelectMany(MutableStatics));

    [TestCase("static int count;", 1)]
    [TestCase("static readonly List<int> All = [];", 1)]
    [TestCase("static int Count { get; set; }", 1)]
    [TestCase("[System.ThreadStatic] static int count;", 1)]
    [TestCase("static readonly int[] Table = [1]; const int A = 1; static int B => 1; int c;", 0)]
    public void Mutable_static_is_found_when_it_is_there(string member, int expected) =>
        Assert.That(MutableStatics(SourceTree.Parse(
            new SourceFile("X.cs", $"class X {{ {member} }}"))).Count(), Is.EqualTo(expected));

    [Test]
    public void Test_is_named_as_a_sentence() => Offenders.None(
        from file in SourceTree.CSharp
        from method in file.Root.DescendantNodes().OfType<MethodDeclarationSyntax>()
        where method.AttributeLists.SelectMany(list => list.Attributes)
            .Any(attribute => attribute.Name.ToString() is "Test" or "TestCase")
        where !Sentence().IsMatch(method.Identifier.Text)
        select file.At(method, method.Identifier.Text));

    private static IEnumerable<string> MutableStatics(ParsedFile file)
    {
        foreach (SyntaxNode node in file.Root.DescendantNodes())
        {
            bool isBad = node switch
            {
                FieldDeclarationSyntax field => Has(field.Modifiers, SyntaxKind.StaticKeyword)
                    && (!Has(field.Modifiers, SyntaxKind.ReadOnlyKeyword)
                        || MutableTypes.Contains(field.Declaration.Type.ToString().Split('<')[0])),
                PropertyDeclarationSyntax property =>
                    Has(property.Modifiers, SyntaxKind.StaticKeyword)
                    && property.AccessorList is { } accessors
                    && accessors.Accessors.Any(accessor => accessor.Body is null
                        && accessor.ExpressionBody is null
                        && accessor.IsKind(SyntaxKind.SetAccessorDeclaration)),
                _ => false,
            };
            if (isBad) yield return file.At(node, node.ToString());
        }
    }

    private static bool Has(SyntaxTokenList modifiers, SyntaxKind kind) =>
        modifiers.Any(modifier => modifier.IsKind(kind));

    private static int LineCount(SyntaxNode node)
    {
        FileLinePositionSpan span = node.GetLocation().GetLineSpan();
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }

    [GeneratedRegex(@"\b(FIXME|TODO|HACK|XXX)\b|NotImplementedException")]
    private static partial Regex Reminder();

    [GeneratedRegex(@"(?<![\w.])/(work|root|Users|tmp/\w+)/")]
    private static partial Regex MachinePath();

    [GeneratedRegex("^(Write|Read|Out|Error|In|Open|Clear|Cursor|Key|Cancel|Beep|Set)")]
    private static partial Regex RuntimeConsole();

    [GeneratedRegex("^[A-Z][A-Za-z0-9]*(_[a-z0-9A-Z]+)+$")]
    private static partial Regex Sentence();
}
