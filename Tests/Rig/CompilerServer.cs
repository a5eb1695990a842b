// One C# compiler for all projects of a build, in place of a new one for each: that is a third of
// the time.
//
// Rules: the server is this process's own: it has a name that nobody else uses, and ends with the
// build, whatever the machine's settings say of servers that stay. Without one the build is as
// right, and slower.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;

namespace Tests.Rig;

public sealed class CompilerServer : IDisposable
{
    private readonly Process? _process;
    private readonly string _name = $"cosmos-{Environment.ProcessId}-{Guid.NewGuid():N}";

    private CompilerServer(string? program)
    {
        if (program is null) return;
        string[] arguments = ["exec", program, $"-pipename:{_name}"];
        _process = Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
    }

    /// <summary>What MSBuild is to be told.</summary>
    public IReadOnlyList<string> Arguments => _process is null
        ? []
        : ["-p:UseSharedCompilation=true", $"-p:SharedCompilationId={_name}"];

    public static async Task<CompilerServer> Start() => new(await Find());

    public void Dispose()
    {
        if (_process is null) return;
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>Of the SDK that builds here; null: it has none where it is expected.</summary>
    private static async Task<string?> Find()
    {
        string version = (await Tool.Must("dotnet", "--version")).Trim();
        foreach (string line in (await Tool.Must("dotnet", "--list-sdks")).Split('\n'))
        {
            // 10.0.100 [/usr/share/dotnet/sdk]
            string[] words = line.Split([' ', '[', ']'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length != 2 || words[0] != version) continue;
            string file = Path.Combine(words[1], version, "Roslyn", "bincore", "VBCSCompiler.dll");
            return File.Exists(file) ? file : null;
        }
        return null;
    }
}
