// What the system costs: `dotnet run build.cs bench [NAME]`. Prints one figure a line.
//
// Instructions are the same in every run; times depend on this machine and what else it does.

using System;
using System.Collections.Generic;
using System.Linq;

namespace Tests.Benchmarks;

internal static class Program
{
    private static readonly Dictionary<string, Action> s_all = new()
    {
        ["call"] = Calls.Run, ["boot"] = Boot.Run, ["recovery"] = Recovery.Run,
    };

    private static int Main(string[] arguments)
    {
        IEnumerable<string> names = arguments.Length == 0 ? s_all.Keys : arguments;
        string? unknown = names.FirstOrDefault(name => !s_all.ContainsKey(name));
        if (unknown is not null)
        {
            Console.Error.WriteLine(
                $"bench: {unknown}: not one of {string.Join(", ", s_all.Keys)}");
            return 1;
        }
        foreach (string name in names) s_all[name]();
        return 0;
    }
}
