// What a person sees while a verb works: one line a step, on standard error.
//
// Rules: standard output belongs to the guest (run) and to the results (test), never to progress.

using System;
using System.Diagnostics;
using System.Threading.Tasks;
using Spectre.Console;

namespace Tests.Rig;

public sealed class Progress
{
    private readonly IAnsiConsole _console = AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(Console.Error),
    });

    public void Say(string line) => _console.WriteLine(line);

    public void Fail(string line)
    {
        if (_console.Profile.Capabilities.Ansi)
        {
            _console.MarkupLineInterpolated($"[red]error:[/] {line}");
        }
        else
        {
            Console.Error.WriteLine($"error: {line}");
        }
    }

    /// <summary>
    /// Says what is being done (with a spinner on a terminal), then how long it took.
    /// </summary>
    public async Task Step(string what, Func<Task> work)
    {
        long start = Stopwatch.GetTimestamp();
        if (_console.Profile.Capabilities.Interactive && _console.Profile.Capabilities.Ansi)
        {
            await _console.Status().StartAsync(Markup.Escape(what), _ => work());
        }
        else
        {
            Console.Error.WriteLine($"{what} ...");
            await work();
        }
        Console.Error.WriteLine($"{what}: {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s");
    }
}
