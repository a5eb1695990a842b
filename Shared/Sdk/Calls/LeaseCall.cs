// A call that lends one span, with at most a word beside it: reads and writes of bytes.
//
// For generated clients; OutgoingCall is for those that send more. The lease lies in the words
// (MessageFlags.InlineLease), so that nothing is built in memory for it.

using System;
using System.Runtime.CompilerServices;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Native;

namespace Shared.Sdk.Calls;

public static class LeaseCall
{
    /// <summary>For an operation that answers a value of at most four words.</summary>
    [SkipLocalsInit]
    public static Result<T> Send<T>(
        IKernel kernel, Handle endpoint, CallOptions options, MessageInfo info, ulong word,
        ReadOnlySpan<byte> lease, LeaseRights rights, out Outcome outcome) where T : unmanaged
    {
        Unsafe.SkipInit(out Registers registers);
        outcome = Outcome.Replied;
        for (int resends = 0; ; resends++)
        {
            registers.A0 = endpoint.Value;
            registers.A1 = info.Value;
            registers.A2 = options.DeadlineNs;
            registers.A3 = 0;
            registers.A4 = options.Serving.Value;
            registers.A5 = word;
            // What lies on this stack is not the server's business.
            registers.A6 = registers.A7 = registers.A8 = 0;
            CallResult result = Pinned.InvokeLease(kernel, ref registers, lease, rights);
            if (result.Status == Status.Ok)
            {
                outcome = Outcome.Replied;
                return Take<T>(ref registers);
            }
            if (resends == 0 || result.Outcome == Outcome.MaybeExecuted) outcome = result.Outcome;
            if (!OutgoingCall.MayRepeat(result, info.Flags, resends)) return result.Status;
        }
    }

    /// <summary>For an operation that answers a Status alone.</summary>
    public static Status Send(
        IKernel kernel, Handle endpoint, CallOptions options, MessageInfo info, ulong word,
        ReadOnlySpan<byte> lease, LeaseRights rights, out Outcome outcome) =>
        Send<ulong>(kernel, endpoint, options, info, word, lease, rights, out outcome).Status;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Result<T> Take<T>(ref Registers registers) where T : unmanaged
    {
        Status status = new MessageInfo(registers.A1).Status;
        if (status != Status.Ok) return status;
        return new Result<T>(Status.Ok, Unsafe.As<ulong, T>(ref registers.A5));
    }
}
