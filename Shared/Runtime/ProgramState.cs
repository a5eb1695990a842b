// All that this library keeps of a program: its names, its descriptors, its standard streams.
//
// Rules: one a process, made from what the task was started with; tests on the host make their own.
// Capabilities: CAP_vfs or CAP_dirN for files, CAP_stdin, CAP_stdout and CAP_stderr for streams,
// CAP_console for a session of its own where a stream is not given. What is missing is refused when
// it is used.

using System;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Runtime.Descriptors;
using Shared.Runtime.Names;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Shared.Runtime;

public sealed class ProgramState
{
    private readonly TaskContext _task;
    private readonly InterruptRule _interrupted;
    private readonly Lock _sessionLock = new();
    private Handle _session;

    /// <param name="interrupted">What Ctrl-C does while the program reads its input.</param>
    /// <param name="usage">What the process has used until now.</param>
    public ProgramState(TaskContext task, InterruptRule interrupted, Func<ProcessUsage> usage)
    {
        _task = task;
        _interrupted = interrupted;
        Result<CanonicalPath> directory = CanonicalPath.Parse(task.Environment("CWD") ?? "/");
        Names = new NameSpace(
            task.Kernel, task.Find("vfs"),
            directory.IsOk ? directory.Value : CanonicalPath.Root,
            new OwnProcess(task.ProgramName, task.NowNs, usage), GivenDirectories.Of(task));
        Descriptors = new DescriptorTable(OpenStandard);
    }

    public IKernel Kernel => _task.Kernel;
    public NameSpace Names { get; }
    public DescriptorTable Descriptors { get; }

    /// <summary>Signalled by the console and by `crash`; None when the task has none.</summary>
    public Handle Control => _task.Find("control");

    /// <summary>Columns and rows of the console, or zeros without one.</summary>
    public ConsoleSize ConsoleSize
    {
        get
        {
            Handle session = Session();
            if (session.IsNone) return default;
            Result<ConsoleSize> size = new ConsoleClient(Kernel, session).Size();
            return size.IsOk ? size.Value : default;
        }
    }

    /// <summary>Asks the console to signal Control at Ctrl-C. False without a console.</summary>
    public bool ListenForInterrupt()
    {
        Handle session = Session();
        if (session.IsNone || Control.IsNone) return false;
        Status status = new ConsoleClient(Kernel, session).OnInterrupt(new Capability(Control));
        return status == Status.Ok;
    }

    private Descriptor? OpenStandard(int number)
    {
        string name = number switch { 0 => "stdin", 1 => "stdout", _ => "stderr" };
        Handle given = _task.Find(name);
        NodeKind kind = given.IsNone ? NodeKind.Terminal : NodeKind.Pipe;
        Handle stream = given.IsNone ? Session() : given;
        if (stream.IsNone) return new NullStream();
        ByteStreamClient client = new(Kernel, stream);
        return number == 0
            ? new InputStream(client, kind, _interrupted) : new OutputStream(client, kind);
    }

    /// <summary>The program's one session of the console, opened when it is first needed.</summary>
    private Handle Session()
    {
        lock (_sessionLock)
        {
            Handle console = _task.Find("console");
            if (!_session.IsNone || console.IsNone) return _session;
            Result<Capability> opened = new ConsoleClient(Kernel, console).OpenSession();
            if (opened.IsOk) _session = opened.Value.Handle;
            return _session;
        }
    }
}
