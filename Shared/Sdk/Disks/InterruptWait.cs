// How a driver waits for its device in the middle of a request.
//
// Rules: a wait always ends; the device is looked at now and then even if no interrupt comes (the
// line may be shared with a driver that is stopped). Bits for the server that come meanwhile are
// signalled again, so that the loop finds them.

using System;
using System.Collections.Generic;
using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Disks;

/// <param name="lines">Interrupt capabilities; none where the firmware has wired none.</param>
/// <param name="control">The notification that the loop binds.</param>
public sealed class InterruptWait(IKernel kernel, IReadOnlyList<Handle> lines, Handle control)
{
    private const ulong LineBit = 1UL << 40;
    private const ulong NsPerMs = 1_000_000;
    private const ulong UsualLookMs = 50;

    public void Start()
    {
        foreach (Handle line in lines)
        {
            Status status = kernel.InterruptBind(line, control, LineBit);
            if (status != Status.Ok) throw new InvalidOperationException($"interrupt: {status}");
        }
        Acknowledge();
    }

    public static bool IsMine(ulong bits) => (bits & LineBit) != 0;

    /// <summary>The device has been seen to; the next interrupt may come.</summary>
    public void Acknowledge()
    {
        foreach (Handle line in lines) kernel.InterruptAcknowledge(line);
    }

    /// <summary>
    /// Until the device is done, which also quiets its interrupt; false when time is up. Looks at
    /// each interrupt, and at least so often.
    /// </summary>
    public bool Until(Func<bool> isDone, ulong timeoutMs, ulong lookEveryMs = UsualLookMs)
    {
        ulong endNs = kernel.ClockNow() + timeoutMs * NsPerMs;
        ulong others = 0;
        bool isOver = isDone();
        while (!isOver)
        {
            ulong nowNs = kernel.ClockNow();
            if (nowNs >= endNs) break;
            Result<ulong> bits = kernel.ReceiveNotification(
                Math.Min(endNs, nowNs + lookEveryMs * NsPerMs));
            if (bits.IsOk) others |= bits.Value & ~LineBit;
            isOver = isDone();
            if (bits.IsOk && IsMine(bits.Value)) Acknowledge();
        }
        if (others != 0) kernel.NotificationSignal(control, others);
        return isOver;
    }
}
