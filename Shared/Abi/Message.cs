// Layout of a message: what registers and the extras block hold.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Shared.Abi;

/// <summary>Limits and bit positions of messages.</summary>
public static class Message
{
    /// <summary>Payload words in registers: arguments 5..10 (r9 rbx r12 r13 r14 r15).</summary>
    public const int WordCount = 6;
    public const int MaxCapabilities = 4;
    public const int MaxLeases = 4;
    /// <summary>Most bytes that one LeaseRead, LeaseWrite or reply moves.</summary>
    public const int MaxLeaseStepBytes = 64 * 1024;
}

/// <summary>
/// The word beside the payload. Bits 0..15 operation (call) or Status (reply), 16..19 number of
/// capabilities, 20..23 number of leases, 24..31 MessageFlags, 32..47 Attempt and 48 ReadOnly
/// (Receive only). Other bits are zero; a call with another bit set is malformed.
/// </summary>
public readonly record struct MessageInfo(ulong Value)
{
    public MessageInfo(ushort code, int capabilities = 0, int leases = 0, MessageFlags flags = 0)
        : this(code | (ulong)capabilities << 16 | (ulong)leases << 20 | (ulong)flags << 24)
    {
    }

    public ushort Code => (ushort)Value;
    public Status Status => (Status)Code;
    public int Capabilities => (int)(Value >> 16) & 15;
    public int Leases => (int)(Value >> 20) & 15;
    public MessageFlags Flags => (MessageFlags)(byte)(Value >> 24);
    /// <summary>1 at the first delivery; each redelivery after a death adds one.</summary>
    public ushort Attempt => (ushort)(Value >> 32);

    /// <summary>The call came through a capability without the right Write.</summary>
    public bool IsReadOnly => (Value & ReadOnlyBit) != 0;

    public const ulong ReadOnlyBit = 1ul << 48;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public MessageInfo WithAttempt(ushort attempt) =>
        new(Value & (0xFFFFFFFF | ReadOnlyBit) | (ulong)attempt << 32);

    /// <summary>As the receiver sees a call through a capability with these rights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public MessageInfo Through(Rights rights) =>
        (rights & Rights.Write) != 0 ? this : new MessageInfo(Value | ReadOnlyBit);

    /// <summary>True when only defined bits are set and the counts are within limits.</summary>
    public bool IsWellFormed
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Value >> 32 == 0
            && Capabilities <= Message.MaxCapabilities && Leases <= Message.MaxLeases
            && (Value >> 24 & 0xFF & ~(ulong)MessageFlags.All) == 0
            && (!HasInlineLease || IsInlineAlone) && (!IsMinting || IsMintAlone);
    }

    public bool HasInlineLease
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Value & (ulong)MessageFlags.InlineLease << 24) != 0;
    }

    /// <summary>One lease and no capability, and more than one word goes each way.</summary>
    private bool IsInlineAlone =>
        (Value & (0xFF_0000 | (ulong)MessageFlags.Short << 24)) == 1ul << 20;

    public bool IsMinting
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Value & (ulong)MessageFlags.Mint << 24) != 0;
    }

    /// <summary>No other capability and no lease, and more than one word goes each way.</summary>
    private bool IsMintAlone =>
        (Value & (0xFF_0000 | (ulong)(MessageFlags.Short | MessageFlags.InlineLease) << 24)) == 0;
}

[System.Flags]
public enum MessageFlags : byte
{
    None = 0,
    /// <summary>The operation may park; it waits without a deadline unless one is given.</summary>
    MayBlock = 1,
    /// <summary>The operation may be repeated after a death without harm.</summary>
    Idempotent = 2,
    /// <summary>
    /// One payload word each way, argument 5: the receiver gets zero in the others, and those of
    /// the caller stay as they are, whatever the reply holds.
    /// </summary>
    Short = 4,
    /// <summary>
    /// A text lies in the words behind the other parameters: a byte for its length, then UTF-8.
    /// The kernel does not look at it.
    /// </summary>
    InlineText = 8,
    /// <summary>Of a reply: the server's own handles to what it sends are closed.</summary>
    Move = 16,
    /// <summary>
    /// The one lease of a call lies in arguments 9 and 10, as in MessageExtras, and no capability
    /// goes with it. Of a reply: argument 9 is the address of bytes of the server, 10 their length
    /// and, from bit 32, where in the call's first lease they go; they are there with the answer.
    /// </summary>
    InlineLease = 32,
    /// <summary>
    /// Of a reply that sends nothing else: the kernel makes a capability for the caller, as Mint
    /// for this Reply would, from the endpoint in argument 2 with the badge in argument 9 and the
    /// rights in argument 10; the caller finds its handle in argument 9.
    /// </summary>
    Mint = 64,
    All = 127,
}

[System.Flags]
public enum LeaseRights : uint
{
    None = 0,
    /// <summary>The callee may read the caller's bytes.</summary>
    Read = 1,
    /// <summary>The callee may write the caller's bytes.</summary>
    Write = 2,
}

/// <summary>A span of the caller's memory, lent to the callee until it replies.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
public struct Lease
{
    /// <summary>
    /// First byte, in the caller's address space. Zeroed in what a receiver sees.
    /// </summary>
    public ulong Address;
    public uint LengthBytes;
    public LeaseRights Rights;
}

/// <summary>
/// What does not fit registers, in the memory of the calling thread, 8-byte aligned. Read by the
/// kernel when the info word counts capabilities or leases; written when some were received.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 128)]
public unsafe struct MessageExtras
{
    /// <summary>In: handles to send (copied, not moved). Out: handles received.</summary>
    public fixed ulong Handles[Message.MaxCapabilities];
    /// <summary>
    /// In: leases to lend. Out: the leases of a received call, without addresses.
    /// </summary>
    public fixed ulong LeaseWords[Message.MaxLeases * 2];
    public fixed ulong Reserved[4];
}

/// <summary>What Receive and ReplyReceive have returned; bits 32..39 of their CallResult.</summary>
public enum ReceiveKind : byte
{
    /// <summary>A call; argument 0 is its Reply handle.</summary>
    Call = 0,
    /// <summary>Bits of the bound notification, in argument 5; they are cleared.</summary>
    Notification = 1,
    /// <summary>The last capability with badge (argument 2) is gone; acknowledge it.</summary>
    Closed = 2,
    /// <summary>
    /// A call, and before it the Closed of the badge in argument 3, which the answer to the call
    /// acknowledges. Never with a call that may be parked.
    /// </summary>
    ClosedAndCall = 3,
}

/// <summary>
/// rax after a call: Status in bits 0..15, Outcome or ReceiveKind in bits 32..39.
/// </summary>
public readonly record struct CallResult(ulong Value)
{
    public CallResult(Status status, byte detail = 0) : this((ulong)status | (ulong)detail << 32)
    {
    }

    public Status Status => (Status)(ushort)Value;
    public Outcome Outcome => (Outcome)(byte)(Value >> 32);
    public ReceiveKind Kind => (ReceiveKind)(byte)(Value >> 32);
}
