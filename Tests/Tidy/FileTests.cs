// Rules for whole files and folders: how long, how named, how they begin.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using NUnit.Framework;

namespace Tests.Tidy;

public sealed class FileTests
{
    private const int MaxLines = 500;
    private const int MaxContractLines = 150;
    private const int MaxFolderEntries = 15;
    private const int MaxBootLines = 800;

    /// <summary>
    /// The user fixed these names, so the top level may hold more than other folders.
    /// </summary>
    private const string TopLevel = "";
    /// <summary>A log, read by number: it only grows.</summary>
    private const string Decisions = "docs/decisions";

    [Test]
    public void File_has_at_most_500_lines() => Offenders.None(SourceTree.Code
        .Where(file => LineCount(file) > MaxLines).Select(Describe));

    [Test]
    public void Contract_has_at_most_150_lines() => Offenders.None(SourceTree.Code
        .Where(file => file.IsBelow("Shared/Contracts") && LineCount(file) > MaxContractLines)
        .Select(Describe));

    [Test]
    public void Kernel_has_at_most_800_lines_of_c_and_assembly()
    {
        SourceFile[] files = [.. SourceTree.Code.Where(file =>
            file.IsBelow("CosmosKernel") && Path.GetExtension(file.Path) is ".S" or ".c" or ".h")];
        Assert.That(files.Sum(CodeLineCount),
            Is.AtMost(MaxBootLines), string.Join(", ", files.Select(Describe)));
    }

    [Test]
    public void Folder_has_at_most_15_entries()
    {
        var entries = SourceTree.All
            .SelectMany(file => Steps(file.Path))
            .Distinct()
            .GroupBy(step => step.Folder)
            .Where(group => group.Key != TopLevel && group.Key != Decisions
                && group.Count() > MaxFolderEntries)
            .Select(group => $"{group.Key}: {group.Count()} entries");
        Offenders.None(entries);
    }

    [Test]
    public void Folder_is_not_a_drawer_for_odds_and_ends()
    {
        string[] drawers = ["Utils", "Util", "Helpers", "Helper", "Common", "Core", "Misc"];
        Offenders.None(SourceTree.All.Where(file => file.Folder.Split('/').Any(drawers.Contains))
            .Select(file => file.Path));
    }

    [Test]
    public void Source_opens_with_a_comment_that_says_what_it_is() => Offenders.None(SourceTree.Code
        .Where(file => Path.GetExtension(file.Path) is ".cs" or ".S" or ".c" or ".h" or ".ps1"
            && !file.Lines.SkipWhile(IsDirective).First().TrimStart().StartsWith(CommentMark(file)))
        .Select(file => file.Path));

    [Test]
    public void Namespace_is_the_folder_path() => Offenders.None(
        from file in SourceTree.CSharp
        from declaration in file.Root.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>()
        let expected = file.Source.Folder.Replace('/', '.')
        where declaration is not FileScopedNamespaceDeclarationSyntax
            || declaration.Name.ToString() != expected && !IsPartElsewhere(file, declaration)
        select file.At(declaration, $"should be the file-scoped namespace {expected}"));

    /// <summary>Kernel.Memory.cs, a part of Kernel, lies with what it is about.</summary>
    private static bool IsPartElsewhere(
        ParsedFile file, BaseNamespaceDeclarationSyntax declaration) =>
        file.Source.Name.Count(character => character == '.') > 1
        && file.Source.IsBelow(declaration.Name.ToString().Replace('.', '/'));

    /// <summary>A part of a class (CapabilityTree.cs) is named after what it is about.</summary>
    [Test]
    public void File_with_one_type_is_named_after_it() => Offenders.None(
        from file in SourceTree.CSharp
        let types = file.Root.DescendantNodes().OfType<MemberDeclarationSyntax>()
            .Where(member => NameOf(member) is not null).ToArray()
        where types.Length == 1 && !types[0].Modifiers.Any(SyntaxKind.PartialKeyword)
            && NameOf(types[0]) != Path.GetFileNameWithoutExtension(file.Source.Name)
        select $"{file.Source.Path}: holds {NameOf(types[0])}");

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



    private static int LineCount(SourceFile file) =>
        file.Text.Count(character => character == '\n');

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
