// `shell -c LINE [STATUS]`: a stage of a pipeline, or what was started with &.
//
// Rules: reads and writes what it was given; opens a console session only where it was given none.

using System;
using System.Globalization;
using Servers.Shell.Commands;
using Servers.Shell.Running;
using Servers.Shell.Services;
using Servers.Shell.Streams;
using Shared.Abi;
using Shared.Sdk;

namespace Servers.Shell;

public sealed class LineJob(TaskContext context, GuestServices services, string directory)
{
    public int Run()
    {
        if (context.Arguments.Count < 2) return ExitCode.Usage;
        ShellState shell = new(services, CommandTable.Standard(), directory);
        if (context.Arguments.Count > 2)
        {
            int.TryParse(
                context.Arguments[2], CultureInfo.InvariantCulture, out int lastStatus);
            shell.LastStatus = lastStatus;
        }
        new ControlThread(context, Environment.Exit).Start();
        Handle input = context.Find("stdin");
        Handle output = context.Find("stdout");
        Handle error = context.Find("stderr");
        bool needsConsole = input.IsNone || output.IsNone || error.IsNone;
        if (needsConsole && services.OpenConsole() != Status.Ok) return ExitCode.Failure;
        using Input inputStream = input.IsNone
            ? new StreamInput(services, services.ConsoleSession, StreamKind.Console)
            : new StreamInput(services, input, StreamKind.Pipe);
        using Output outputStream = OutputFor(output);
        using Output errorStream = OutputFor(error);
        new Executor(shell).Run(
            context.Arguments[1], new StandardStreams(inputStream, outputStream, errorStream));
        return shell.ExitRequest ?? shell.LastStatus;
    }

    private StreamOutput OutputFor(Handle given) => given.IsNone
        ? new StreamOutput(services, services.ConsoleSession, StreamKind.Console)
        : new StreamOutput(services, given, StreamKind.Pipe);
}
