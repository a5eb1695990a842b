// The one table from a Status to words for people.

using Shared.Abi;

namespace Servers.Shell.Formatting;

public static class StatusText
{
    public static string Of(Status status) => status switch
    {
        Status.Ok => "ok",
        Status.BadHandle => "handle names nothing",
        Status.Revoked => "revoked",
        Status.NoRight => "not allowed",
        Status.WrongType => "wrong kind of object",
        Status.BadArgument => "bad argument",
        Status.NoMemory => "out of memory",
        Status.QuotaExceeded => "quota used up",
        Status.NoSpace => "no space left",
        Status.TooLarge => "too large",
        Status.TimedOut => "timed out",
        Status.Cancelled => "cancelled",
        Status.PeerDied => "server died",
        Status.Poisoned => "request has crashed its server twice",
        Status.LayerViolation => "call to a higher layer",
        Status.WouldBlock => "nothing there yet",
        Status.CallerGone => "caller is gone",
        Status.NoSuchOperation => "no such operation",
        Status.Parked => "parked",
        Status.NotFound => "not found",
        Status.AlreadyExists => "already exists",
        Status.NotDirectory => "not a directory",
        Status.IsDirectory => "is a directory",
        Status.NotEmpty => "directory not empty",
        Status.ReadOnly => "read-only",
        Status.CrossMount => "on different mounts",
        Status.NameTooLong => "name too long",
        Status.InvalidName => "invalid name",
        Status.IoError => "device failed",
        Status.NotSupported => "not supported here",
        Status.Locked => "locked",
        Status.IsMount => "is a mount",
        Status.NotMounted => "not mounted",
        Status.EndOfStream => "end of input",
        Status.NoReader => "nobody reads the output",
        Status.BadImage => "not an image that can run here",
        Status.Interrupted => "interrupted",
        Status.Exited => "has ended",
        Status.GivenUp => "given up by the supervisor",
        Status.Refused => "the new version did not pass its probe; the old one goes on",
        _ => $"status {(ushort)status}",
    };

    /// <summary>With what is known of the effect of a call that got no reply.</summary>
    public static string Of(Status status, Outcome outcome) => outcome switch
    {
        Outcome.NotExecuted => $"{Of(status)} (did not happen)",
        Outcome.MaybeExecuted => $"{Of(status)} (may have happened)",
        _ => Of(status),
    };

    /// <summary>True for statuses that end a call without a reply.</summary>
    public static bool EndsWithoutReply(Status status) => status is Status.TimedOut
        or Status.Cancelled or Status.PeerDied or Status.Poisoned or Status.Revoked;

    public static string Of(DeathCause cause) => cause switch
    {
        DeathCause.None => "-",
        DeathCause.Exit => "exit",
        DeathCause.Killed => "killed",
        DeathCause.Hung => "hung",
        DeathCause.Replaced => "replaced",
        DeathCause.NullReference => "null reference",
        DeathCause.PageFault => "page fault",
        DeathCause.DivideError => "divide error",
        DeathCause.InvalidInstruction => "invalid instruction",
        DeathCause.GeneralProtection => "general protection",
        DeathCause.StackOverflow => "stack overflow",
        DeathCause.Memory => "memory",
        DeathCause.MalformedCall => "malformed call",
        DeathCause.Abort => "abort",
        DeathCause.UnhandledException => "unhandled exception",
        _ => $"cause {(byte)cause}",
    };

    public static string Of(ProcessState state) => state switch
    {
        ProcessState.Created => "created",
        ProcessState.Running => "running",
        ProcessState.Stopped => "stopped",
        ProcessState.Zombie => "zombie",
        ProcessState.MainExited => "main-exited",
        ProcessState.Template => "template",
        _ => $"state {(byte)state}",
    };
}
