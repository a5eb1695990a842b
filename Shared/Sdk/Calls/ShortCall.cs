// A call whose parameters and result are one word each and no capability: most of all operations.
//
// For generated clients; OutgoingCall is for the others. Nothing is built in memory for it.

using System.Runtime.CompilerServices;
using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Calls;

public static class ShortCall
{
    /// <summary>For an operation that answers a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    [SkipLocalsInit]
    public static Result<T> Send<T>(
        IKernel kernel, Handle endpoint, CallOptions options, MessageInfo info, ulong word,
        out Outcome outcome) where T : unmanaged
    {
        CallResult result = kernel.CallShort(endpoint, info, options, word, out ShortReply reply);
        // Ok and Outcome.Replied are both zero.
        outcome = Outcome.Replied;
        if (result.Value != 0)
        {
            (result, reply) = SendAgain(kernel, endpoint, options, info, word, result);
            outcome = result.Outcome;
            if (result.Value != 0) return result.Status;
        }
        Status status = reply.Info.Status;
        return status == Status.Ok ? new Result<T>(Status.Ok, ValueOf<T>(reply.Word)) : status;
    }

    /// <summary>For an operation that answers a Status alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Status Send(
        IKernel kernel, Handle endpoint, CallOptions options, MessageInfo info, ulong word,
        out Outcome outcome) =>
        Send<ulong>(kernel, endpoint, options, info, word, out outcome).Status;

    // A word whose address is never taken stays in a register, so common sizes have ways of their
    // own; the compiler knows the size.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T ValueOf<T>(ulong word) where T : unmanaged
    {
        if (Unsafe.SizeOf<T>() == sizeof(ulong)) return Unsafe.BitCast<ulong, T>(word);
        if (Unsafe.SizeOf<T>() == sizeof(uint)) return Unsafe.BitCast<uint, T>((uint)word);
        ulong copy = word;
        return Unsafe.As<ulong, T>(ref copy);
    }

    /// <summary>A parameter as its word; the rest of it is zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong WordOf<T>(T value) where T : unmanaged
    {
        if (Unsafe.SizeOf<T>() == sizeof(ulong)) return Unsafe.BitCast<T, ulong>(value);
        ulong word = 0;
        Unsafe.As<ulong, T>(ref word) = value;
        return word;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (CallResult Result, ShortReply Reply) SendAgain(
        IKernel kernel, Handle endpoint, CallOptions options, MessageInfo info, ulong word,
        CallResult result)
    {
        ShortReply reply = default;
        for (int resends = 0; OutgoingCall.MayRepeat(result, info.Flags, resends); resends++)
            result = kernel.CallShort(endpoint, info, options, word, out reply);
        return (result, reply);
    }
}
