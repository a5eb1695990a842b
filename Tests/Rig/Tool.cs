// Runs another program to its end, with its output kept or passed on line by line.
//
// Rules: a program that is missing, or that fails where it must not, becomes a RigException.

using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using CliWrap;

namespace Tests.Rig;

public sealed record ToolResult(int ExitCode, string Output);

public static class Tool
{
    /// <summary>
    /// Runs it in the repository's root and returns output and errors in one text.
    /// </summary>
    /// <param name="onErrorLine">Where its errors go line by line, if not to onLine.</param>
    public static async Task<ToolResult> Run(string program, IReadOnlyList<string> arguments,
        Action<string>? onLine = null, CancellationToken cancellation = default,
        Action<string>? onErrorLine = null)
    {
        var output = new StringBuilder();
        PipeTarget Target(Action<string>? listener) => PipeTarget.ToDelegate(line =>
        {
            lock (output) output.AppendLine(line);
            listener?.Invoke(line);
        });
        try
        {
            var result = await Cli.Wrap(program)
                .WithArguments(arguments)
                .WithWorkingDirectory(Repository.Root)
                .WithEnvironmentVariables(new Dictionary<string, string?>
                {
                    // Tools speak one language here, because their output is read.
                    ["LC_ALL"] = "C.UTF-8",
                    ["DOTNET_CLI_UI_LANGUAGE"] = "en",
                    ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
                    ["DOTNET_NOLOGO"] = "1",
                })
                .WithStandardOutputPipe(Target(onLine))
                .WithStandardErrorPipe(Target(onErrorLine ?? onLine))
                .WithValidation(CommandResultValidation.None)
                .ExecuteAsync(cancellation);
            return new ToolResult(result.ExitCode, output.ToString());
        }
        catch (Win32Exception)
        {
            throw new RigException($"{program} is not installed: dotnet run build.cs setup");
        }
    }

    /// <summary>
    /// As Run, but a non-zero exit code is an error that shows the output's last lines.
    /// </summary>
    public static async Task<string> Must(string program, params string[] arguments)
    {
        ToolResult result = await Run(program, arguments);
        if (result.ExitCode == 0) return result.Output;
        foreach (string line in result.Output.TrimEnd().Split('\n').TakeLast(20))
        {
            Console.Error.WriteLine(line);
        }
        throw new RigException(
            $"{program} {arguments.FirstOrDefault()} failed with exit code {result.ExitCode}");
    }
}
