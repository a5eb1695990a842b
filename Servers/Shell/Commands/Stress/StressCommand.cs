// stress: work that checks itself on mounts of its own, while tasks die of everything.
//
// The workers are jobs: shells that run this command with `--work NUMBER`.

using System.Collections.Generic;
using Servers.Shell.Formatting;

namespace Servers.Shell.Commands.Stress;

public sealed class StressCommand : Command
{
    public const string WorkOption = "--work", SecondsOption = "--seconds", SeedOption = "--seed";
    private const uint MaxSeconds = 24 * 3600;

    public override CommandGroup Group => CommandGroup.Tasks;
    public override string Name => "stress";
    public override string Usage => $"stress [{SecondsOption} N] [{SeedOption} S]";
    public override string Summary => "kill everybody at random while workers check every byte";

    public override string Details =>
        """
        Four workers use two mounts below /tmp/stress: each compares every answer with what it
        knows. Meanwhile tasks are killed, crashed, hung and upgraded: the servers of the mounts,
        /, /proc, vfs, pipes, console, supervisor. Without --seconds it takes 20 seconds; the
        same --seed chooses the same blows. `$?` is 0 only when nothing was lost and nothing is
        left; a loss is a wrong answer, a call that was not answered, or what `audit` finds after a
        death. Ctrl-C ends it.
        """;

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        uint seconds = 20, seed = 1;
        uint? worker = null;
        for (int i = 0; i < arguments.Count; i++)
        {
            string option = arguments[i];
            if (option is not (WorkOption or SecondsOption or SeedOption))
            {
                return option.StartsWith('-') ? context.WrongOption(option) : context.WrongUsage();
            }
            string text = ++i < arguments.Count ? arguments[i] : "";
            if (!Units.TryNumber(text, out uint number))
            {
                return context.Fail($"{option} {text}".TrimEnd(), "not a number");
            }
            if (option == SecondsOption) seconds = number;
            else if (option == SeedOption) seed = number;
            else worker = number;
        }
        if (seconds is 0 or > MaxSeconds)
        {
            return context.Fail($"{SecondsOption} {seconds}", $"not from 1 to {MaxSeconds}");
        }
        if (worker is null) return new StressRun(context, seconds, seed).Run();
        if (worker >= StressPlaces.Workers) return context.Fail(WorkOption, "no such worker");
        return new Worker(context, worker.Value, seed).Run(seconds);
    }
}
