// The shell at the console: joins prompt, session and Ctrl-C.

using System;
using Servers.Shell.Commands;
using Servers.Shell.Running;
using Servers.Shell.Services;
using Servers.Shell.Streams;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Servers.Shell;

public sealed class Interactive(TaskContext context, GuestServices services, string directory)
{
    public int Run()
    {
        GuestInterrupts interrupts = new(
            context, static () => Environment.Exit(ExitCode.Interrupted));
        interrupts.Start();
        ShellState shell = new(services, CommandTable.Standard(), directory)
        {
            IsInteractive = true,
            Interrupts = interrupts,
        };
        return new Prompt(shell, () => OpenStreams(interrupts)).Run();
    }

    private Result<StandardStreams> OpenStreams(GuestInterrupts interrupts)
    {
        Status status = services.OpenConsole();
        if (status != Status.Ok) return status;
        status = services.Console.OnInterrupt(new Capability(interrupts.Notification));
        if (status != Status.Ok) return status;
        Handle session = services.ConsoleSession;
        return new StandardStreams(
            new StreamInput(services, session, StreamKind.Console),
            new StreamOutput(services, session, StreamKind.Console),
            new StreamOutput(services, session, StreamKind.Console));
    }
}
