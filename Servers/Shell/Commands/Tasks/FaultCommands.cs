// Commands that make a task go wrong: crash, hang. It commits the fault itself.

using System.Collections.Generic;
using Servers.Shell.Formatting;
using Shared.Abi;

namespace Servers.Shell.Commands.Tasks;

/// <summary>Understands when the fault is to come: `--at N`, `--early N`, ...</summary>
public abstract class FaultCommand : Command
{
    protected const string Moments = "[--at N] [--after-commit] [--early N]";

    public override CommandGroup Group => CommandGroup.Tasks;

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        List<string> words = [];
        int request = 0;
        FaultMoment moment = FaultMoment.BeforeCommit;
        for (int i = 0; i < arguments.Count; i++)
        {
            string word = arguments[i];
            if (word == "--after-commit") moment = FaultMoment.AfterCommit;
            else if (word is "--at" or "--early")
            {
                if (word == "--early") moment = FaultMoment.Early;
                string number = ++i < arguments.Count ? arguments[i] : "";
                if (!TryRequest(number, out request))
                {
                    string range = $"from 1 to {Injection.MaxRequest}";
                    return context.Fail($"{word} {number}".TrimEnd(), $"not a number {range}");
                }
            }
            else if (word.StartsWith('-')) return context.WrongOption(word);
            else words.Add(word);
        }
        if (moment == FaultMoment.AfterCommit && request == 0) request = 1;
        if (request == 0) moment = FaultMoment.AtOnce;
        return Run(context, words, new Injection(ControlBits.None, moment, request));
    }

    public override string Details =>
        """
        --at N: in the Nth request from now, after it was handled and before its commit;
        --after-commit: between its commit and its answer. --early N, for the supervisor alone:
        now, and in the next N incarnations before they receive. After three the kernel empties
        its vault, and the next one finds out from the kernel what runs.
        """;

    /// <param name="when">Moment and request; the fault is to be filled in.</param>
    protected abstract int Run(CommandContext context, List<string> words, Injection when);

    protected static int Inject(CommandContext context, string name, Injection injection)
    {
        Status status = context.Services.Supervisor.Inject(name, injection.Bits);
        return status switch
        {
            Status.Ok => ExitCode.Success,
            Status.NotFound => context.Fail(name, "no such task"),
            Status.NotSupported when injection.Moment == FaultMoment.Early =>
                context.Fail(name, "is not the supervisor"),
            Status.NotSupported when injection.Moment != FaultMoment.AtOnce =>
                context.Fail(name, "takes no requests"),
            _ => context.Fail(name, status),
        };
    }

    private static bool TryRequest(string text, out int request)
    {
        request = 0;
        if (!Units.TryNumber(text, out uint number)) return false;
        if (number is 0 or > Injection.MaxRequest) return false;
        request = (int)number;
        return true;
    }
}

public sealed class HangCommand : FaultCommand
{
    public override string Name => "hang";
    public override string Usage => $"hang NAME... {Moments}";
    public override string Summary =>
        "let a server take a request (the next, or the Nth) and never answer it";

    protected override int Run(CommandContext context, List<string> words, Injection when)
    {
        if (words.Count == 0) return context.WrongUsage();
        int code = ExitCode.Success;
        foreach (string name in words)
        {
            int each = Inject(context, name, when with { Fault = ControlBits.Hang });
            if (each != ExitCode.Success) code = each;
        }
        return code;
    }
}

public sealed class CrashCommand : FaultCommand
{
    public override string Name => "crash";
    public override string Usage =>
        $"crash NAME null|divide|throw|stack|loop|memory|exit {Moments}";
    public override string Summary =>
        "let a task commit that fault itself: now, or in the Nth request from now";

    protected override int Run(CommandContext context, List<string> words, Injection when)
    {
        if (words.Count != 2) return context.WrongUsage();
        ControlBits fault = FaultOf(words[1]);
        if (fault == ControlBits.None) return context.Fail(words[1], $"usage: {Usage}");
        return Inject(context, words[0], when with { Fault = fault });
    }

    private static ControlBits FaultOf(string name) => name switch
    {
        "null" => ControlBits.CrashNull,
        "divide" => ControlBits.CrashDivide,
        "throw" => ControlBits.CrashThrow,
        "stack" => ControlBits.CrashStack,
        "loop" => ControlBits.CrashLoop,
        "memory" => ControlBits.CrashMemory,
        "exit" => ControlBits.CrashExit,
        _ => ControlBits.None,
    };
}
