// What a call answers. Small, numbered, one sentence each; there is no "unknown".

namespace Shared.Abi;

/// <summary>Result of a kernel call or of an operation of a contract. Numbers are frozen.</summary>
public enum Status : ushort
{
    /// <summary>Done.</summary>
    Ok = 0,

    // Handles and authority.
    /// <summary>The handle names nothing of this process, or an older use of its slot.</summary>
    BadHandle = 1,
    /// <summary>The authority behind the handle was revoked; close it.</summary>
    Revoked = 2,
    /// <summary>The capability lacks the right that this needs.</summary>
    NoRight = 3,
    /// <summary>The capability is for an object of another type.</summary>
    WrongType = 4,
    /// <summary>A value is outside what the operation allows.</summary>
    BadArgument = 5,

    // Limits.
    /// <summary>The memory quota of the process, or the machine's memory, is used up.</summary>
    NoMemory = 10,
    /// <summary>The handle, thread or object quota is used up.</summary>
    QuotaExceeded = 11,
    /// <summary>The volume or vault is full.</summary>
    NoSpace = 12,
    /// <summary>Longer than the operation allows.</summary>
    TooLarge = 13,

    // How a call can end without a reply; the Outcome beside it says whether it may have run.
    /// <summary>The deadline passed.</summary>
    TimedOut = 20,
    /// <summary>The caller, or somebody for it, cancelled the call.</summary>
    Cancelled = 21,
    /// <summary>
    /// The server died, and its endpoint answers so rather than wait for the next.
    /// </summary>
    PeerDied = 22,
    /// <summary>The request has crashed or hung its server twice.</summary>
    Poisoned = 23,
    /// <summary>The callee is not in a lower layer than the caller.</summary>
    LayerViolation = 24,
    /// <summary>Nothing is there yet, and the caller asked not to wait.</summary>
    WouldBlock = 25,
    /// <summary>The caller of this request is gone; there is nobody to reply to.</summary>
    CallerGone = 26,
    /// <summary>The server does not know this operation.</summary>
    NoSuchOperation = 27,
    /// <summary>
    /// The server has taken the call and will answer later (never seen by a caller).
    /// </summary>
    Parked = 28,

    // Files and names.
    /// <summary>No such file, directory, task or mount.</summary>
    NotFound = 40,
    /// <summary>The name is taken.</summary>
    AlreadyExists = 41,
    /// <summary>A part of the path is not a directory.</summary>
    NotDirectory = 42,
    /// <summary>A directory where a file is needed.</summary>
    IsDirectory = 43,
    /// <summary>The directory still has entries.</summary>
    NotEmpty = 44,
    /// <summary>Mounted read-only, or the object cannot be written.</summary>
    ReadOnly = 45,
    /// <summary>Source and target are on different mounts.</summary>
    CrossMount = 46,
    /// <summary>A name is longer than 255 bytes, or a path longer than 4,096.</summary>
    NameTooLong = 47,
    /// <summary>A name is empty, or has a character that is not allowed.</summary>
    InvalidName = 48,
    /// <summary>The device failed.</summary>
    IoError = 49,
    /// <summary>This server does not offer the operation.</summary>
    NotSupported = 50,
    /// <summary>The file is locked by somebody else.</summary>
    Locked = 51,
    /// <summary>The target is a mount, and a mount cannot be covered, moved or removed.</summary>
    IsMount = 52,
    /// <summary>The target is not a mount.</summary>
    NotMounted = 53,

    // Streams and programs.
    /// <summary>The stream has ended.</summary>
    EndOfStream = 60,
    /// <summary>Nobody will ever read what is written.</summary>
    NoReader = 61,
    /// <summary>
    /// Not an image that can run here: truncated, not an ELF, or for another machine.
    /// </summary>
    BadImage = 62,
    /// <summary>Ctrl-C was typed.</summary>
    Interrupted = 63,
    /// <summary>The task has ended.</summary>
    Exited = 64,
    /// <summary>The supervisor has given the task up; it is not restarted.</summary>
    GivenUp = 65,
    /// <summary>The new version did not pass its probe; the old one goes on.</summary>
    Refused = 66,
}

/// <summary>Whether a call that ended without a reply may have had its effect.</summary>
public enum Outcome : byte
{
    /// <summary>A server has replied.</summary>
    Replied = 0,
    /// <summary>No incarnation of the server received the call.</summary>
    NotExecuted = 1,
    /// <summary>A server had received the call; its effect may be there.</summary>
    MaybeExecuted = 2,
}
