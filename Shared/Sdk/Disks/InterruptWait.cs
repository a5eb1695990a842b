// How a driver waits for its device in the middle of a request.
//
// Rules: a wait always ends; the device is looked at now and then even if no interrupt comes (the
// line may be shared with a driver that is stopped). Bits for the server that come meanwhile are
// signalled again, so that the loop finds them.

using System;
using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Disks;

public sealed class InterruptWait(IKernel kernel, Handle interrupt, Handle control)
{
    private const ulong LineBit = 1UL << 40;
    private const ulong LookEveryNs = 50_000_000;

    /// <summary>Binds the line; control is the notification that the loop binds.</summary>
    public void Start()
    {
        if (interrupt.IsNone) return;
        Status status = kernel.InterruptBind(interrupt, control, LineBit);
        if (status != Status.Ok) throw new InvalidOperationException($"interrupt: {status}");
        kernel.InterruptAcknowledge(interrupt);
    }

    public static bool IsMine(ulong bits) => (bits & LineBit) != 0;

    /// <summary>The device has been seen to; the next interrupt may come.</summary>
    public void Acknowledge()
    {
        if (!interrupt.IsNone) kernel.InterruptAcknowledge(interrupt);
    }

    /// <summary>
    /// Until the device is done, which also quiets its interrupt; false when time is up.
    /// </summary>
    public bool Until(Func<bool> isDone, ulong timeoutMs)
    {
        const ulong NsPerMs = 1_000_000;
        ulong endNs = kernel.ClockNow() + timeoutMs * NsPerMs;
        ulong others = 0;
        bool isOver = isDone();
        while (!isOver)
        {
            ulong nowNs = kernel.ClockNow();
            if (nowNs >= endNs) break;
            Result<ulong> bits = kernel.ReceiveNotification(
                Math.Min(endNs, nowNs + LookEveryNs));
            if (bits.IsOk) others |= bits.Value & ~LineBit;
            isOver = isDone();
            if (bits.IsOk && IsMine(bits.Value)) Acknowledge();
        }
        if (others != 0) kernel.NotificationSignal(control, others);
        return isOver;
    }
}
