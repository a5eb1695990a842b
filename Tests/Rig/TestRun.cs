// The verb `test`: builds every test project, runs each, and sums up what really ran.
//
// Rules: the counts come from the runner's own records; a project that does not build, or whose run
// leaves no record, counts as one failed test and is named. Projects that measure no time run two
// at once; the one that boots machines does so itself, and runs alone.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using System.Xml.Linq;
using Tests.Rig.Images;

namespace Tests.Rig;

public sealed record TestCounts(int Passed, int Failed, int Skipped)
{
    public static TestCounts operator +(TestCounts first, TestCounts second) => new(
        first.Passed + second.Passed, first.Failed + second.Failed, first.Skipped + second.Skipped);

    public override string ToString() =>
        $"{Passed} passed, {Failed} failed" + (Skipped > 0 ? $", {Skipped} skipped" : "");
}

public sealed class TestRun(Progress progress)
{
    /// <summary>
    /// Longer than any project needs; a hung test ends here and not in CI's limit.
    /// </summary>
    private static readonly TimeSpan ProjectTimeout = TimeSpan.FromMinutes(14);

    /// <summary>Category of tests that take minutes, and run only when a filter asks.</summary>
    public const string Long = "Long";

    private const int HostProjectsAtOnce = 2;
    private const string BuiltMark = "built-test:";
    private static readonly XNamespace Trx =
        "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    /// <summary>What is printed of one run stays together.</summary>
    private static readonly Lock LockOfOutput = new();

    public static bool NeedsQemu(string project) => NameOf(project) is "Boot";

    /// <summary>Those that `check` runs before a push.</summary>
    public static bool IsQuick(string project) => NameOf(project) is "Tidy" or "Unit";

    /// <summary>Host projects first, because they are quick to fail.</summary>
    public static IReadOnlyList<string> Projects() =>
        [.. InputHash.FilesBelow(Repository.At("Tests"))
            .Where(file => file.EndsWith(".csproj", StringComparison.Ordinal))
            .Where(file => File.ReadAllText(file).Contains("Microsoft.NET.Test.Sdk"))
            .OrderBy(NeedsQemu)
            .ThenBy(file => file, StringComparer.Ordinal)];

    public static string NameOf(string project) => Path.GetFileNameWithoutExtension(project);

    /// <summary>Runs the projects and returns the sum; false is never hidden in it.</summary>
    public async Task<TestCounts> Run(IReadOnlyList<string> projects, string? filter)
    {
        var total = new TestCounts(0, 0, 0);
        if (projects.Count == 0) return total;
        Dictionary<string, string> built = [];
        await progress.Step("building tests", async () => built = await Build(projects));
        foreach (string project in projects.Where(one => !built.ContainsKey(one)))
        {
            Console.WriteLine($"FAILED {NameOf(project)}: it does not build");
            total += new TestCounts(0, 1, 0);
        }
        foreach (IGrouping<bool, string> group in
            projects.Where(built.ContainsKey).GroupBy(NeedsQemu))
        {
            int atOnce = group.Key ? 1 : HostProjectsAtOnce;
            await progress.Step($"testing {string.Join(", ", group.Select(NameOf))}",
                async () => total += await RunGroup([.. group], atOnce, built, filter));
        }
        return total;
    }

    private static async Task<TestCounts> RunGroup(
        IReadOnlyList<string> projects, int atOnce, Dictionary<string, string> built,
        string? filter)
    {
        var counts = new ConcurrentBag<TestCounts>();
        await Parallel.ForEachAsync(
            projects, new ParallelOptions { MaxDegreeOfParallelism = atOnce },
            async (project, _) =>
                counts.Add(await RunOne(NameOf(project), built[project], filter)));
        return counts.Aggregate((first, second) => first + second);
    }

    /// <summary>The assembly of each project that could be built.</summary>
    private static async Task<Dictionary<string, string>> Build(IReadOnlyList<string> projects)
    {
        using CompilerServer compiler = await CompilerServer.Start();
        ToolResult result = await Tool.Run("dotnet",
        [
            "msbuild", Repository.At("Tests", "Rig", "Tests.msbuild"), "-m:2", "-v:m", "-nologo",
            "-tl:off", "-restore", $"-p:Tests=\"{string.Join(';', projects)}\"",
            .. compiler.Arguments,
        ]);
        var built = result.Output.Split('\n')
            .Select(line => line.Trim())
            .Where(line => line.StartsWith(BuiltMark, StringComparison.Ordinal))
            .Select(line => line[BuiltMark.Length..].Split('|'))
            .ToDictionary(parts => parts[0], parts => parts[1]);
        if (built.Count < projects.Count) ImageBuild.Failure(result.Output);
        return built;
    }

    private static async Task<TestCounts> RunOne(string name, string assembly, string? filter)
    {
        Directory.CreateDirectory(Repository.TestResults);
        string record = Path.Combine(Repository.TestResults, name + ".trx");
        File.Delete(record);
        var arguments = new List<string>
        {
            "test", assembly, "--nologo", "--results-directory", Repository.TestResults,
            "--logger", $"trx;LogFileName={name}.trx",
        };
        arguments.AddRange(
            ["--filter", filter is null ? $"TestCategory!={Long}" : VsTestFilter(filter)]);
        using var deadline = new CancellationTokenSource(ProjectTimeout);
        ToolResult? result = null;
        try
        {
            result = await Tool.Run("dotnet", arguments, cancellation: deadline.Token);
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine($"FAILED {name}: still running after {ProjectTimeout}");
        }
        if (filter is not null && result?.ExitCode == 0 && !File.Exists(record))
            return new TestCounts(0, 0, 0);
        using var scope = LockOfOutput.EnterScope();
        if (File.Exists(record)) return Read(XDocument.Load(record), result?.ExitCode ?? 1);
        Console.WriteLine($"FAILED {name}: its run left no record");
        Console.WriteLine(result?.Output.TrimEnd());
        return new TestCounts(0, 1, 0);
    }

    /// <summary>A bare word selects by name, anything else is the runner's own language.</summary>
    private static string VsTestFilter(string filter) =>
        filter.AsSpan().ContainsAny('=', '~') ? filter : $"FullyQualifiedName~{filter}";

    /// <summary>Counts one record and prints each failed test with its message.</summary>
    public static TestCounts Read(XDocument record, int exitCode)
    {
        var outcomes = record.Descendants(Trx + "UnitTestResult").ToList();
        int passed = outcomes.Count(result => Outcome(result) == "Passed");
        int skipped = outcomes.Count(result => Outcome(result) == "NotExecuted");
        int failed = outcomes.Count - passed - skipped;
        foreach (XElement result in outcomes)
        {
            if (Outcome(result) is "Passed" or "NotExecuted") continue;
            Console.WriteLine($"FAILED {result.Attribute("testName")?.Value}");
            string? message = result.Descendants(Trx + "Message").FirstOrDefault()?.Value;
            Console.WriteLine(message?.TrimEnd());
        }
        if (exitCode != 0 && failed == 0)
        {
            // A fixture's own failure or a crash of the runner is in no test's record.
            foreach (XElement text in record.Descendants(Trx + "RunInfo"))
            {
                Console.WriteLine(text.Value.Trim());
            }
            failed = 1;
        }
        return new TestCounts(passed, failed, skipped);
    }

    private static string? Outcome(XElement result) => result.Attribute("outcome")?.Value;
}
