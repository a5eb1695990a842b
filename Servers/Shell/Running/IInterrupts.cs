// Ctrl-C, as the main thread sees it.
//
// The first one cancels the call that the main thread is in; the second kills the foreground job,
// or the shell itself when it has none. Between two lines it is nobody's: the console hears it
// first and tells the shell later, and what has ended meanwhile cannot be interrupted any more.

using Shared.Abi;

namespace Servers.Shell.Running;

public interface IInterrupts
{
    /// <summary>How often Ctrl-C was pressed since Begin.</summary>
    int Count { get; }

    /// <summary>A new command line starts.</summary>
    void Begin();

    /// <summary>The line has ended; what comes before the next Begin counts for nothing.</summary>
    void End();

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

    public void End()
    {
    }

    public void SetForeground(ProcessId process)
    {
    }
}
