// Rules for whole files and folders: how long, how named, how they begin.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using NUnit.Framework;

namespace Tests.Tidy;

public sealed class FileTests
{
    private const int MaxLines = 500;
    private const int MaxContractLines = 150;
    private const int MaxFolderEntries = 15;
    private const int MaxBootLines = 700;

    /// <summary>The user fixed these names, so the top level may hold more than other folders.</summary>
    private const string TopLevel = "";

    [Test]
    public void File_has_at_most_500_lines() => Assert.That(SourceTree.Code
        .Where(file => LineCount(file) > MaxLines).Select(Describe), Is.Empty);

    [Test]
    public void Contract_has_at_most_150_lines() => Assert.That(SourceTree.Code
        .Where(file => file.IsBelow("Shared/Contracts") && LineCount(file) > MaxContractLines)
        .Select(Describe), Is.Empty);

    [Test]
    public void Kernel_has_at_most_700_lines_of_c_and_assembly()
    {
        SourceFile[] files = [.. SourceTree.Code.Where(file =>
            file.IsBelow("CosmosKernel") && Path.GetExtension(file.Path) is ".S" or ".c" or ".h")];
        Assert.That(files.Where(file => file.IsBelow("CosmosKernel")).Sum(CodeLineCount),
            Is.AtMost(MaxBootLines), string.Join(", ", files.Select(Describe)));
    }

    [Test]
    public void Folder_has_at_most_15_entries()
    {
        var entries = SourceTree.All
            .SelectMany(file => Steps(file.Path))
            .Distinct()
            .GroupBy(step => step.Folder)
            .Where(group => group.Key != TopLevel && group.Count() > MaxFolderEntries)
            .Select(group => $"{group.Key}: {group.Count()} entries");
        Assert.That(entries, Is.Empty);
    }

    [Test]
    public void Folder_is_not_a_drawer_for_odds_and_ends()
    {
        string[] drawers = ["Utils", "Util", "Helpers", "Helper", "Common", "Core", "Misc"];
        Assert.That(SourceTree.All.Where(file => file.Folder.Split('/').Any(drawers.Contains))
            .Select(file => file.Path), Is.Empty);
    }

    [Test]
    public void Source_opens_with_a_comment_that_says_what_it_is() => Assert.That(SourceTree.Code
        .Where(file => Path.GetExtension(file.Path) is ".cs" or ".S" or ".c" or ".h" or ".ps1"
            && !file.Lines.SkipWhile(IsDirective).First().TrimStart().StartsWith(CommentMark(file)))
        .Select(file => file.Path), Is.Empty);

    [Test]
    public void Namespace_is_the_folder_path() => Assert.That(
        from file in SourceTree.CSharp
        from declaration in file.Root.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>()
        let expected = file.Source.Folder.Replace('/', '.')
        where declaration is not FileScopedNamespaceDeclarationSyntax
            || declaration.Name.ToString() != expected
        select file.At(declaration, $"should be the file-scoped namespace {expected}"), Is.Empty);

    /// <summary>A file may hold small companions, but the type that it is named after is there.</summary>
    [Test]
    public void File_is_named_after_a_type_in_it() => Assert.That(
        from file in SourceTree.CSharp
        let types = file.Root.DescendantNodes().OfType<MemberDeclarationSyntax>()
            .Select(NameOf).OfType<string>().ToArray()
        // Kernel.Boot.cs may hold a part of Kernel.
        let name = file.Source.Name.Split('.')[0]
        where types.Length > 0 && !types.Contains(name)
        select $"{file.Source.Path}: holds {string.Join(", ", types)}", Is.Empty);

    private static string? NameOf(MemberDeclarationSyntax member) => member switch
    {
        BaseTypeDeclarationSyntax type => type.Identifier.Text,
        DelegateDeclarationSyntax type => type.Identifier.Text,
        _ => null,
    };

    private static bool IsDirective(string line) => line.StartsWith("#:") || line.Length == 0;

    private static string CommentMark(SourceFile file) => Path.GetExtension(file.Path) switch
    {
        ".cs" => "//",
        ".ps1" => "#",
        ".S" => file.Text.TrimStart()[..1] == "#" ? "#" : "/",
        _ => "/",
    };

    private static int LineCount(SourceFile file) => file.Text.Count(character => character == '\n');

    /// <summary>Without blank lines and lines that are only comment.</summary>
    private static int CodeLineCount(SourceFile file) => file.Lines.Select(line => line.Trim())
        .Count(line => line.Length > 0 && !line.StartsWith("//") && !line.StartsWith("/*")
            && !line.StartsWith('*') && !line.StartsWith("# "));

    private static string Describe(SourceFile file) => $"{file.Path}: {LineCount(file)} lines";

    private static IEnumerable<(string Folder, string Entry)> Steps(string path)
    {
        string[] parts = path.Split('/');
        for (int i = 0; i < parts.Length; i++)
        {
            yield return (string.Join('/', parts[..i]), parts[i]);
        }
    }
}
