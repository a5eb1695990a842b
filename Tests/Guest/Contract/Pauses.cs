// Waiting for time to pass.

using Shared.Sdk;

namespace Tests.Guest.Contract;

internal static class Pauses
{
    public const ulong NsPerMs = 1_000_000;

    private const ulong UsualMs = 5;

    public static void Pause(this IKernel kernel, ulong elapsedMs = UsualMs)
    {
        ulong endNs = kernel.ClockNow() + elapsedMs * NsPerMs;
        while (kernel.ClockNow() < endNs) kernel.ReceiveNotification(endNs);
    }
}
