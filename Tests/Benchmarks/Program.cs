// What the system costs, beside Linux: `dotnet run build.cs bench`. With names, single measurements
// of ours, a figure a line.
//
// Instructions are the same in every run; times depend on this machine and what else it does.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Tests.Rig;

namespace Tests.Benchmarks;

internal static class Program
{
    private static readonly Dictionary<string, Action> s_alone = new()
    {
        ["call"] = Calls.Run, ["boot"] = Boot.Run, ["recovery"] = Recovery.Run,
    };

    private static async Task<int> Main(string[] words)
    {
        Progress progress = new();
        try
        {
            BenchArguments arguments = BenchArguments.Parse(words);
            if (arguments.Names.Count == 0) await new Comparison(arguments, progress).Run();
            else RunAlone(arguments.Names);
            return 0;
        }
        catch (RigException problem)
        {
            progress.Fail(problem.Message);
            return 1;
        }
    }

    private static void RunAlone(IReadOnlyList<string> names)
    {
        string? unknown = names.FirstOrDefault(name => !s_alone.ContainsKey(name));
        if (unknown is not null)
            throw new RigException(
                $"bench: {unknown}: not one of {string.Join(", ", s_alone.Keys)}");
        foreach (string name in names) s_alone[name]();
    }
}
