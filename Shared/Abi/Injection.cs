// A fault that a task is told to commit itself (`crash`, `hang`), packed into control bits.
//
// Rules: one injection is one signal. Bits are sticky: a second one that comes before the task has
// taken the first merges with it, and the task then commits the lowest of the faults. One that
// comes later replaces an injection whose request has not come yet.

namespace Shared.Abi;

/// <summary>When a task commits an injected fault.</summary>
public enum FaultMoment : byte
{
    /// <summary>As soon as it hears of it, outside of any request.</summary>
    AtOnce = 0,
    /// <summary>In a request: it was handled, and nothing is committed.</summary>
    BeforeCommit = 1,
    /// <summary>In a request: it was committed, and nobody has the answer.</summary>
    AfterCommit = 2,
    /// <summary>
    /// The supervisor alone: now, and in so many of its next incarnations before they receive.
    /// </summary>
    Early = 3,
}

/// <summary>
/// Bits 0..7 the fault, 15 early, 16..30 which request from now on (0: outside of any) or how many
/// incarnations, 31 after its commit.
/// </summary>
/// <param name="Request">1 is the next; 0 with AtOnce alone.</param>
public readonly record struct Injection(ControlBits Fault, FaultMoment Moment, int Request)
{
    public const int MaxRequest = 0x7FFF;
    public const ControlBits AllFaults =
        ControlBits.CrashNull | ControlBits.CrashDivide | ControlBits.CrashThrow
        | ControlBits.CrashStack | ControlBits.CrashLoop | ControlBits.CrashMemory
        | ControlBits.CrashExit | ControlBits.Hang;
    public const ControlBits Mask =
        AllFaults | (ControlBits)((ulong)MaxRequest << RequestShift | AfterCommitBit | EarlyBit);

    private const int RequestShift = 16;
    private const ulong AfterCommitBit = 1UL << 31, EarlyBit = 1UL << 15;

    public ControlBits Bits => Fault
        | (ControlBits)((ulong)Request << RequestShift)
        | (Moment == FaultMoment.AfterCommit ? (ControlBits)AfterCommitBit : ControlBits.None)
        | (Moment == FaultMoment.Early ? (ControlBits)EarlyBit : ControlBits.None);

    /// <summary>One fault, and a moment that fits the request.</summary>
    public bool IsWellFormed =>
        ulong.IsPow2((ulong)Fault) && (Fault & ~AllFaults) == 0
        && Request is >= 0 and <= MaxRequest
        && (Moment == FaultMoment.AtOnce) == (Request == 0);

    /// <summary>What bits order; of several faults, the lowest, and None without one.</summary>
    public static Injection Of(ulong bits)
    {
        ulong faults = bits & (ulong)AllFaults;
        int request = (int)(bits >> RequestShift) & MaxRequest;
        FaultMoment moment = (bits & EarlyBit) != 0 ? FaultMoment.Early
            : (bits & AfterCommitBit) != 0 ? FaultMoment.AfterCommit
            : request != 0 ? FaultMoment.BeforeCommit : FaultMoment.AtOnce;
        return new Injection((ControlBits)(faults & (~faults + 1)), moment, request);
    }
}
