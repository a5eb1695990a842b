// Ctrl-C, the only signal from outside: the console says it, and .NET's handler hears of it.
//
// Rules: a program that has no handler ends with 130 when it is reading its input, as on Linux;
// elsewhere it goes on, and the shell's second Ctrl-C kills it. `crash` and `hang` reach a program
// that listens, by the same notification.

using System.Runtime.InteropServices;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Tasks;

namespace Shared.Runtime.Exports;

// Safety: the handler is the base class library's own, registered for this purpose.
internal static unsafe class SignalExports
{
    private const int InterruptSignal = 2, InterruptName = -2, SignalCodeFirst = 128;
    private const int Done = 1;

    private static int s_isEnabled;
    private static int s_isListening;

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_EnablePosixSignalHandling")]
    private static int Enable(int signal)
    {
        if (signal != InterruptSignal) return Done;
        Volatile.Write(ref s_isEnabled, 1);
        bool isFirst = Interlocked.Exchange(ref s_isListening, 1) == 0;
        if (isFirst && Current.State.ListenForInterrupt())
        {
            new Thread(Listen) { IsBackground = true }.Start();
        }
        return Done;
    }

    [UnmanagedCallersOnly(EntryPoint = "SystemNative_DisablePosixSignalHandling")]
    private static void Disable(int signal)
    {
        if (signal == InterruptSignal) Volatile.Write(ref s_isEnabled, 0);
    }

    /// <summary>What .NET calls when no handler has cancelled the signal.</summary>
    [UnmanagedCallersOnly(EntryPoint = "SystemNative_HandleNonCanceledPosixSignal")]
    private static void End(int signal) => LibC.Exit(SignalCodeFirst + signal);

    /// <summary>There are no child processes.</summary>
    [UnmanagedCallersOnly(EntryPoint = "SystemNative_RegisterForSigChld")]
    private static void ListenForChildren(nint handler)
    {
    }

    /// <summary>
    /// A read of the input was ended by Ctrl-C. The listening thread tells the handler; the read
    /// goes on. Without a handler this is the end.
    /// </summary>
    public static bool Interrupted()
    {
        if (Volatile.Read(ref s_isEnabled) == 0) LibC.Exit(SignalCodeFirst + InterruptSignal);
        return true;
    }

    private static void Listen()
    {
        IKernel kernel = Current.State.Kernel;
        if (kernel.NotificationBind(Current.State.Control) != Status.Ok) return;
        while (true)
        {
            Result<ulong> bits = kernel.ReceiveNotification();
            if (!bits.IsOk) return;
            Faults.Inject(kernel, Injection.Of(bits.Value).Fault);
            if (((ControlBits)bits.Value & ControlBits.Interrupt) != 0) Deliver();
        }
    }

    private static void Deliver()
    {
        var handler = (delegate* unmanaged<int, int, int>)LibC.SignalHandler();
        bool isTaken = Volatile.Read(ref s_isEnabled) != 0 && handler is not null
            && handler(InterruptSignal, InterruptName) != 0;
        if (!isTaken) LibC.Exit(SignalCodeFirst + InterruptSignal);
    }
}
