// Rules for unsafe code: only in named folders, and never without a word on why it is right.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using NUnit.Framework;

namespace Tests.Tidy;

public sealed class SafetyTests
{
    private static readonly string[] UnsafeFolders =
    [
        "CosmosKernel/Arch", "CosmosKernel/Boot", "CosmosKernel/Memory", "Shared/Sdk/Native",
        "Shared/Runtime/Exports",
    ];

    /// <summary>Layouts with fixed buffers are unsafe structs, but follow no pointer.</summary>
    private const string LayoutFolder = "Shared/Abi";

    [Test]
    public void Unsafe_code_is_in_the_named_folders_only() =>
        Offenders.None(SourceTree.CSharp.Where(InProduct).SelectMany(Strays));

    [Test]
    public void Unsafe_code_says_why_it_is_right() =>
        Offenders.None(SourceTree.CSharp.Where(file => UnsafeFolders.Any(file.Source.IsBelow))
            .SelectMany(Unexplained));

    [TestCase("class X { unsafe void M() { int* p = null; } }", 1)]
    [TestCase("class X { void M() { unsafe { } } }", 1)]
    [TestCase("unsafe class X { void M(UserFrame* frame) { } }", 0)]
    public void Stray_unsafe_code_is_found_when_it_is_there(string code, int expected) =>
        Assert.That(Strays(SourceTree.Parse(new SourceFile("CosmosKernel/Ipc/X.cs", code))).Count(),
        Is.EqualTo(expected));

    [TestCase("class X { unsafe void M(int* p) { } }", 1)]
    [TestCase("class X { // Safety: follows nothing.\n unsafe void M(int* p) { } }", 0)]
    [TestCase("class X { void M() { // Safety: one byte.\n unsafe { } } }", 0)]
    [TestCase("class X { void M() { unsafe { } } }", 1)]
    public void Unexplained_unsafe_code_is_found_when_it_is_there(string code, int expected) =>
        Assert.That(Unexplained(SourceTree.Parse(new SourceFile("X.cs", code))).Count(),
            Is.EqualTo(expected));

    private static bool InProduct(ParsedFile file) =>
        file.Source.IsBelow("CosmosKernel") || file.Source.IsBelow("Servers")
        || file.Source.IsBelow("Shared");

    /// <summary>Outside of the folders a UserFrame* may be handed on, and nothing else.</summary>
    private static IEnumerable<string> Strays(ParsedFile file)
    {
        if (UnsafeFolders.Append(LayoutFolder).Any(file.Source.IsBelow)) yield break;
        foreach (SyntaxNode node in file.Root.DescendantNodes())
        {
            if (FollowsPointers(node))
            {
                yield return file.At(node, "unsafe code belongs into the named folders");
            }
        }
    }

    private static bool FollowsPointers(SyntaxNode node) => node switch
    {
        PointerTypeSyntax pointer => pointer.ElementType.ToString() != "UserFrame",
        UnsafeStatementSyntax or FixedStatementSyntax => true,
        _ => false,
    };

    private static IEnumerable<string> Unexplained(ParsedFile file)
    {
        foreach (SyntaxNode node in file.Root.DescendantNodes())
        {
            bool isUnsafe = node switch
            {
                UnsafeStatementSyntax => true,
                StructDeclarationSyntax or InterfaceDeclarationSyntax => false,
                MemberDeclarationSyntax member =>
                    member.Modifiers.Any(modifier => modifier.IsKind(SyntaxKind.UnsafeKeyword))
                    && member.DescendantNodes().Any(FollowsPointers),
                _ => false,
            };
            if (isUnsafe && !IsExplained(node))
            {
                yield return file.At(node, "needs a // Safety: line");
            }
        }
    }

    /// <summary>The line stands before it, or first thing inside its braces.</summary>
    private static bool IsExplained(SyntaxNode node)
    {
        SyntaxToken first = node.GetFirstToken();
        SyntaxToken open = node.DescendantTokens()
            .FirstOrDefault(token => token.IsKind(SyntaxKind.OpenBraceToken));
        IEnumerable<SyntaxTriviaList> near =
        [
            first.GetPreviousToken().TrailingTrivia, first.LeadingTrivia,
            open.TrailingTrivia, open.GetNextToken().LeadingTrivia,
        ];
        return near.Any(trivia =>
            trivia.ToFullString().Contains("Safety:", StringComparison.Ordinal));
    }
}
