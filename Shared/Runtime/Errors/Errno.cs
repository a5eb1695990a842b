// Linux's error numbers, as the base class library reads them in errno. Numbers are Linux's own.

namespace Shared.Runtime.Errors;

public enum Errno
{
    NotPermitted = 1,
    NoEntry = 2,
    NoSuchProcess = 3,
    Interrupted = 4,
    Io = 5,
    NotExecutable = 8,
    BadDescriptor = 9,
    Again = 11,
    NoMemory = 12,
    Access = 13,
    Busy = 16,
    Exists = 17,
    CrossDevice = 18,
    NotDirectory = 20,
    IsDirectory = 21,
    Invalid = 22,
    TooManyOpen = 24,
    NotTerminal = 25,
    TooBig = 27,
    NoSpace = 28,
    IllegalSeek = 29,
    ReadOnly = 30,
    BrokenPipe = 32,
    Range = 34,
    NameTooLong = 36,
    NotImplemented = 38,
    NotEmpty = 39,
    NotSupported = 95,
    TimedOut = 110,
    Stale = 116,
    Cancelled = 125,
}
