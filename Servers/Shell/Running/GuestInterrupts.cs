// Ctrl-C in the guest: a second thread waits for the console's signal.
//
// The first press cancels the main thread's call. The next ones kill the foreground job, or this
// process when there is none: a built-in that does not stop cannot be ended otherwise, and the
// supervisor starts the next shell.

using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Servers.Shell.Running;

public sealed class GuestInterrupts : IInterrupts
{
    private readonly IKernel _kernel;
    private readonly ISupervisor _supervisor;
    private readonly Handle _mainThread;
    private readonly System.Action _die;
    private int _count;
    private uint _foreground;

    /// <summary>Made on the main thread. The action ends the process when all else fails.</summary>
    public GuestInterrupts(TaskContext context, System.Action die)
    {
        _kernel = context.Kernel;
        _die = die;
        _supervisor = new SupervisorClient(_kernel, context.Claim("supervisor"));
        _mainThread = _kernel.ThreadSelf().Value;
        Notification = _kernel.NotificationCreate().Value;
    }

    /// <summary>What the console is to signal.</summary>
    public Handle Notification { get; }

    public int Count => Volatile.Read(ref _count);

    public void Begin() => Volatile.Write(ref _count, 0);

    public void SetForeground(ProcessId process) => Volatile.Write(ref _foreground, process.Value);

    public void Start() => new Thread(Watch) { IsBackground = true }.Start();

    private void Watch()
    {
        _kernel.NotificationBind(Notification);
        while (true)
        {
            Result<ulong> bits = _kernel.ReceiveNotification();
            if (!bits.IsOk) return;
            if ((bits.Value & (ulong)ControlBits.Interrupt) != 0) Pressed();
        }
    }

    private void Pressed()
    {
        int count = Interlocked.Increment(ref _count);
        if (count == 1)
        {
            _kernel.CancelCall(_mainThread);
            return;
        }
        uint foreground = Volatile.Read(ref _foreground);
        if (foreground == 0) _die();
        else _supervisor.Kill(foreground.ToString());
    }
}
