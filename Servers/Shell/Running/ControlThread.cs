// The second thread of a shell: hears of Ctrl-C, and of faults that the shell is to commit.
//
// The first Ctrl-C cancels the main thread's call. The next ones kill the foreground job, or this
// process when there is none: a built-in that does not stop cannot be ended otherwise, and the
// supervisor starts the next shell.

using System;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Tasks;

namespace Servers.Shell.Running;

public sealed class ControlThread : IInterrupts
{
    private readonly TaskContext _context;
    private readonly IKernel _kernel;
    private readonly ISupervisor _supervisor;
    private readonly Handle _mainThread;
    private readonly Action<int> _exit;
    private readonly Lock _gate = new();
    private bool _isRunning;
    private int _count;
    private uint _foreground;

    /// <summary>Made on the main thread. The action ends the process with an exit code.</summary>
    public ControlThread(TaskContext context, Action<int> exit)
    {
        _context = context;
        _kernel = context.Kernel;
        _exit = exit;
        _supervisor = new SupervisorClient(_kernel, context.Claim("supervisor"));
        _mainThread = _kernel.ThreadSelf().Value;
        Notification = context.Claim("control");
    }

    /// <summary>What the console is to signal.</summary>
    public Handle Notification { get; }

    public int Count => Volatile.Read(ref _count);

    public void Begin()
    {
        lock (_gate)
        {
            _isRunning = true;
            _count = 0;
        }
    }

    public void End()
    {
        lock (_gate) _isRunning = false;
    }

    public void SetForeground(ProcessId process) => Volatile.Write(ref _foreground, process.Value);

    /// <summary>An exception there is reported as one of the main thread would be.</summary>
    public void Start() => new Thread(() => TaskMain.RunWith(_context, Watch, _exit))
    {
        IsBackground = true,
    }.Start();

    private int Watch(TaskContext context)
    {
        _kernel.NotificationBind(Notification);
        while (true)
        {
            Result<ulong> bits = _kernel.ReceiveNotification();
            if (!bits.IsOk) return 1;
            ControlBits control = (ControlBits)bits.Value;
            Faults.Inject(_kernel, Injection.Of(bits.Value).Fault);
            if ((control & ControlBits.Interrupt) != 0) Pressed();
        }
    }

    private void Pressed()
    {
        // Under the gate: the call that it cancels is one of the line, or the first after it.
        lock (_gate)
        {
            if (!_isRunning) return;
            _count++;
            if (_count == 1)
            {
                _kernel.CancelCall(_mainThread);
                return;
            }
        }
        uint foreground = Volatile.Read(ref _foreground);
        if (foreground == 0) _exit(Commands.ExitCode.Interrupted);
        else _supervisor.Kill(foreground.ToString());
    }
}
