// The files of this work tree, read and parsed once for all tidy tests.
//
// Rules: paths are relative to the root, with slashes. What builds leave behind is not in it.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Tests.Rig;
using Tests.Rig.Images;

namespace Tests.Tidy;

public sealed record SourceFile(string Path, string Text)
{
    public string Folder => System.IO.Path.GetDirectoryName(Path)!.Replace('\\', '/');
    public string Name => System.IO.Path.GetFileName(Path);
    /// <summary>Build files hold command lines, which cannot be broken.</summary>
    public bool IsMarkup => Text.StartsWith("<Project", StringComparison.Ordinal);
    public string[] Lines => Text.Split('\n');

    public bool IsBelow(string folder) => Path.StartsWith(folder + "/", StringComparison.Ordinal);
}

public sealed record ParsedFile(SourceFile Source, SyntaxNode Root)
{
    /// <summary>"path:line: what", as a compiler would say it.</summary>
    public string At(SyntaxNode node, string what) => At(node.GetLocation(), what);

    public string At(Location location, string what) =>
        $"{Source.Path}:{location.GetLineSpan().StartLinePosition.Line + 1}: {what}";
}

public static class SourceTree
{
    private static readonly string[] CodeExtensions =
        [".cs", ".S", ".c", ".h", ".ld", ".csproj", ".props", ".targets", ".msbuild", ".ps1"];

    public static readonly IReadOnlyList<SourceFile> All = ReadAll();

    public static readonly IReadOnlyList<SourceFile> Code =
        [.. All.Where(file => CodeExtensions.Contains(Path.GetExtension(file.Path)))];

    public static readonly IReadOnlyList<SourceFile> Documents =
        [.. All.Where(file => file.Path.EndsWith(".md", StringComparison.Ordinal))];

    public static readonly IReadOnlyList<SourceFile> Projects =
        [.. All.Where(file => file.Path.EndsWith(".csproj", StringComparison.Ordinal))];

    public static readonly IReadOnlyList<ParsedFile> CSharp =
        [.. All.Where(file => file.Path.EndsWith(".cs", StringComparison.Ordinal)).Select(Parse)];

    public static ParsedFile Parse(SourceFile file) => new(file, CSharpSyntaxTree.ParseText(
        file.Text, CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Preview)
            .WithFeatures([new("FileBasedProgram", "true")])).GetRoot());

    private static List<SourceFile> ReadAll() =>
        [.. InputHash.FilesBelow(Repository.Root)
            .Select(path => new SourceFile(Repository.Relative(path), File.ReadAllText(path)))
            .OrderBy(file => file.Path, StringComparer.Ordinal)];
}
