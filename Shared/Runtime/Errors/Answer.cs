// What an operation of this library answers: zero or more, or minus an Errno, as a Linux call does.
//
// The table of statuses is here and nowhere else: what a file server says, and what .NET makes of
// it (the exception is the base class library's choice).

using Shared.Abi;

namespace Shared.Runtime.Errors;

public static class Answer
{
    public const long Ok = 0;

    public static long Of(Errno error) => -(long)error;

    public static long Of(Status status) => status == Status.Ok ? Ok : Of(ErrnoOf(status));

    /// <summary>The errno of a status that is not Ok.</summary>
    public static Errno ErrnoOf(Status status) => status switch
    {
        // A mount that is gone takes its files along: "Stale file handle".
        Status.Revoked => Errno.Stale,
        Status.BadHandle => Errno.BadDescriptor,
        Status.NoRight => Errno.Access,
        Status.WrongType or Status.BadArgument or Status.InvalidName or Status.NotMounted =>
            Errno.Invalid,
        Status.NoMemory => Errno.NoMemory,
        Status.QuotaExceeded => Errno.TooManyOpen,
        Status.NoSpace => Errno.NoSpace,
        Status.TooLarge => Errno.TooBig,
        Status.TimedOut => Errno.TimedOut,
        Status.Cancelled => Errno.Cancelled,
        Status.LayerViolation or Status.Refused => Errno.NotPermitted,
        Status.WouldBlock or Status.Locked => Errno.Again,
        Status.NoSuchOperation or Status.NotSupported => Errno.NotSupported,
        Status.NotFound => Errno.NoEntry,
        Status.AlreadyExists => Errno.Exists,
        Status.NotDirectory => Errno.NotDirectory,
        Status.IsDirectory => Errno.IsDirectory,
        Status.NotEmpty => Errno.NotEmpty,
        Status.ReadOnly => Errno.ReadOnly,
        Status.CrossMount => Errno.CrossDevice,
        Status.NameTooLong => Errno.NameTooLong,
        Status.IsMount => Errno.Busy,
        Status.NoReader => Errno.BrokenPipe,
        Status.BadImage => Errno.NotExecutable,
        Status.Interrupted => Errno.Interrupted,
        Status.Exited => Errno.NoSuchProcess,
        // PeerDied, Poisoned, GivenUp, IoError: what lies behind the path cannot be reached now.
        _ => Errno.Io,
    };
}
