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

public sealed class Interactive(
    TaskContext context, GuestServices services, string directory, ShellVault vault)
{
    public int Run()
    {
        ControlThread control = new(context, Environment.Exit);
        control.Start();
        ShellState shell = new(services, CommandTable.Standard(), directory, vault)
        {
            IsInteractive = true,
            Interrupts = control,
        };
        Prompt prompt = new(shell, OpenStreams)
        {
            // A console that was started again since has forgotten it.
            BeforeLine = () => services.Console.OnInterrupt(new Capability(control.Notification)),
        };
        return prompt.Run();
    }

    private Result<StandardStreams> OpenStreams()
    {
        Status status = services.OpenConsole();
        if (status != Status.Ok) return status;
        Handle session = services.ConsoleSession;
        return new StandardStreams(
            new StreamInput(services, session, StreamKind.Console),
            new StreamOutput(services, session, StreamKind.Console),
            new StreamOutput(services, session, StreamKind.Console));
    }
}
