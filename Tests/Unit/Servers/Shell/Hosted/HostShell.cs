// A shell on the host for tests: type lines, look at the screen.

using Servers.Shell.Commands;
using Servers.Shell.Running;
using Servers.Shell.Streams;

namespace Tests.Unit.Servers.Shell.Hosted;

internal sealed class HostShell
{
    private readonly Executor _executor;
    private readonly StandardStreams _streams;

    /// <param name="vault">What the shells before this one have left, or null.</param>
    public HostShell(ShellVault? vault = null, IInterrupts? interrupts = null)
    {
        State = new ShellState(Services, CommandTable.Standard(), "/", vault)
        {
            IsInteractive = true,
            Interrupts = interrupts ?? new NoInterrupts(),
        };
        _executor = new Executor(State);
        _streams = Streams();
    }

    public HostServices Services { get; } = new();
    public ShellState State { get; }

    public StandardStreams Streams() => new(
        new EmptyInput(),
        new StreamOutput(Services, Services.FakeConsole.Session, StreamKind.Console),
        new StreamOutput(Services, Services.FakeConsole.Session, StreamKind.Console));

    /// <summary>What a line prints, errors included.</summary>
    public string Type(string line)
    {
        Services.FakeConsole.Screen.Clear();
        _executor.Run(line, _streams);
        return Services.FakeConsole.Screen.ToString();
    }
}
