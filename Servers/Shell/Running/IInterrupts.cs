// Ctrl-C, as the main thread sees it.
//
// The first one cancels the call that the main thread is in; the second kills the foreground job,
// or the shell itself when it has none.

using Shared.Abi;

namespace Servers.Shell.Running;

public interface IInterrupts
{
    /// <summary>How often Ctrl-C was pressed since Begin.</summary>
    int Count { get; }

    /// <summary>A new command line starts.</summary>
    void Begin();

    /// <summary>The job that the second Ctrl-C kills; default for none.</summary>
    void SetForeground(ProcessId process);
}

/// <summary>For shells that nobody types at.</summary>
public sealed class NoInterrupts : IInterrupts
{
    public int Count => 0;

    public void Begin()
    {
    }

    public void SetForeground(ProcessId process)
    {
    }
}
