// Rules for what people read: README, changelog, decisions, and every link in them.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Tests.Rig;

namespace Tests.Tidy;

public sealed partial class DocumentTests
{
    private const int MaxReadmeLines = 120;

    private static readonly string[] Verbs =
        ["setup", "check", "build", "run", "test", "bench", "soak", "trace", "clean"];

    private static string Readme => Document("README.md").Text;

    [Test]
    public void Link_leads_to_a_file_that_is_there() => Offenders.None(
        from document in SourceTree.Documents
        from Match link in Link().Matches(document.Text)
        let target = link.Groups[1].Value.Split('#')[0]
        where target.Length > 0 && !target.Contains(':')
        where !Path.Exists(Path.Combine(Repository.Root, document.Folder, target))
        select $"{document.Path}: {target}");

    /// <summary>
    /// Paths in backquotes rot as links do. Patterns with braces or capitals are expanded.
    /// </summary>
    [Test]
    public void Path_in_backquotes_is_there() => Offenders.None(
        from document in SourceTree.Documents
        from Match path in QuotedPath().Matches(document.Text)
        from target in Expand(path.Groups[1].Value)
        where !Path.Exists(Repository.At(target.TrimEnd('/')))
        select $"{document.Path}: {target}");

    [Test]
    public void Readme_names_every_verb_of_the_driver() =>
        Offenders.None(Verbs.Where(verb => !Regex.IsMatch(Readme, $@"\b{verb}\b")));

    [Test]
    public void Readme_shows_the_two_commands()
    {
        Assert.That(Readme, Does.Contain("dotnet run build.cs run"));
        Assert.That(Readme, Does.Contain("dotnet run build.cs test"));
        Assert.That(Readme.Split('\n'), Has.Length.AtMost(MaxReadmeLines));
    }

    [Test]
    public void Continuous_integration_calls_the_readmes_test_command() =>
        Assert.That(File.ReadAllText(Repository.At(".ci", "run")).TrimEnd(),
            Does.EndWith("dotnet run build.cs test"));

    [Test]
    public void Changelog_has_releases_newest_first()
    {
        string[] heads = [.. Document("CHANGELOG.md").Lines.Where(line => line.StartsWith("## "))];
        Assert.That(heads, Is.Not.Empty);
        Offenders.None(heads.Where(head => !ReleaseHead().IsMatch(head)));
        string[] dates =
            [.. heads.Where(head => head.Contains('(')).Select(head => head.Split('(')[1])];
        Assert.That(dates, Is.Ordered.Descending);
    }

    [Test]
    public void Decision_has_a_number_of_its_own_and_says_what_else_was_possible()
    {
        SourceFile[] decisions =
            [.. SourceTree.Documents.Where(file => file.IsBelow("docs/decisions"))];
        Offenders.None(decisions.Where(file => !DecisionName().IsMatch(file.Name))
            .Select(file => file.Path));
        Assert.That(decisions.Select(file => file.Name[..4]), Is.Unique);
        Offenders.None(decisions.Where(file => !file.Text.StartsWith("# "))
            .Select(file => file.Path));
    }

    private static SourceFile Document(string path) =>
        SourceTree.Documents.Single(document => document.Path == path);

    /// <summary>a/{b,c}.md is a/b.md and a/c.md; NAME stands for any name and is cut off.</summary>
    private static IEnumerable<string> Expand(string path)
    {
        Match choice = Choice().Match(path);
        if (choice.Success)
        {
            return choice.Groups[1].Value.Split(',')
                .SelectMany(part => Expand(path.Replace(choice.Value, part)));
        }
        int variable = Array.FindIndex(path.Split('/'),
            part => part is "NAME" or "ID" || part.Contains('*'));
        return [variable < 0 ? path : string.Join('/', path.Split('/')[..variable])];
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("`((?:CosmosKernel|Servers|Shared|Tests|docs)/[^`\\s]+)`")]
    private static partial Regex QuotedPath();

    [GeneratedRegex(@"\{([^}]+)\}")]
    private static partial Regex Choice();

    [GeneratedRegex(@"^## (Unreleased|\d+\.\d+(\.\d+)? \(\d{4}-\d{2}-\d{2}\))$")]
    private static partial Regex ReleaseHead();

    [GeneratedRegex(@"^\d{4}-[a-z0-9-]+\.md$")]
    private static partial Regex DecisionName();
}
