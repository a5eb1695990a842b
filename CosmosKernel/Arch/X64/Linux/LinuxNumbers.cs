// Numbers of Linux for x86-64, as far as the .NET runtime and glibc use them here.
//
// Sources: arch/x86/entry/syscalls/syscall_64.tbl, asm-generic/errno*.h, asm-generic/signal.h.

namespace CosmosKernel.Arch.X64.Linux;

public enum LinuxCall : uint
{
    Read = 0, Write = 1, Open = 2, Close = 3, Stat = 4, Fstat = 5, Lstat = 6, Poll = 7,
    Lseek = 8, Mmap = 9, Mprotect = 10, Munmap = 11, Brk = 12, RtSigaction = 13,
    RtSigprocmask = 14, RtSigreturn = 15, Ioctl = 16, Writev = 20, Access = 21, SchedYield = 24,
    Mremap = 25, Madvise = 28, Nanosleep = 35, Getpid = 39, Exit = 60, Kill = 62, Uname = 63,
    Fcntl = 72, Getcwd = 79, Readlink = 89, Getrlimit = 97, Getrusage = 98, Sysinfo = 99,
    Getuid = 102, Getgid = 104, Geteuid = 107, Getegid = 108, Sigaltstack = 131, Statfs = 137,
    SchedGetparam = 143, SchedGetscheduler = 145, Mlock = 149, Munlock = 150, Prctl = 157,
    ArchPrctl = 158, Gettid = 186, Futex = 202, SchedSetaffinity = 203, SchedGetaffinity = 204,
    Getdents64 = 217, SetTidAddress = 218, ClockGettime = 228, ClockGetres = 229,
    ClockNanosleep = 230, ExitGroup = 231, Tgkill = 234, GetMempolicy = 239, Openat = 257,
    Newfstatat = 262, Readlinkat = 267, Faccessat = 269, Ppoll = 271, SetRobustList = 273,
    Prlimit64 = 302, Getcpu = 309, Getrandom = 318, Membarrier = 324, Statx = 332, Rseq = 334,
    Clone3 = 435,
}

/// <summary>What a call answers when it fails, as a negative number.</summary>
public enum Errno
{
    None = 0,
    NotPermitted = 1,
    NoEntry = 2,
    NoSuchThread = 3,
    Interrupted = 4,
    BadDescriptor = 9,
    Again = 11,
    NoMemory = 12,
    BadAddress = 14,
    Exists = 17,
    Invalid = 22,
    NotTerminal = 25,
    NotImplemented = 38,
    TimedOut = 110,
}

public static class Signal
{
    public const int Illegal = 4, Trap = 5, Abort = 6, Bus = 7, FloatingPoint = 8, Kill = 9;
    public const int Segmentation = 11, Child = 17, Continue = 18, Stop = 19, Urgent = 23;
    public const int Window = 28;

    public const ulong HandlerDefault = 0, HandlerIgnore = 1;
    public const ulong FlagOnStack = 0x0800_0000, FlagRestorer = 0x0400_0000;
    public const ulong FlagNoDefer = 0x4000_0000, FlagResetHandler = 0x8000_0000;

    public const int CodeThreadKill = -6, CodeKernel = 0x80, CodeMapError = 1;
    public const int CodeAccessError = 2, CodeIntegerDivide = 1, CodeIllegalOperand = 2;

    public static ulong BitOf(int signal) => 1UL << (signal - 1);

    /// <summary>Signals that cannot be blocked.</summary>
    public const ulong Unblockable = 1UL << (Kill - 1) | 1UL << (Stop - 1);

    /// <summary>Without a handler these do nothing; all others end the process.</summary>
    public static bool IsIgnoredByDefault(int signal) =>
        signal is Child or Continue or Urgent or Window;
}
