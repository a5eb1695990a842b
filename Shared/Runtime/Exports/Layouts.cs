// Structs as the base class library lays them out. A test compares them with its metadata.

using System.Runtime.InteropServices;
using Shared.Runtime.Descriptors;

namespace Shared.Runtime.Exports;

/// <summary>Interop.Sys.FileStatus.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FileStatus
{
    private const int HasBirthTime = 1;
    private const int RegularFile = 0x8000, DirectoryFile = 0x4000;
    private const int CharacterDevice = 0x2000, PipeFile = 0x1000;
    private const int NanosecondsPerSecond = 1_000_000_000;

    public int Flags;
    public int Mode;
    public uint Uid;
    public uint Gid;
    public long Size;
    public long ATime;
    public long ATimeNsec;
    public long MTime;
    public long MTimeNsec;
    public long CTime;
    public long CTimeNsec;
    public long BirthTime;
    public long BirthTimeNsec;
    public long Dev;
    public long RDev;
    public long Ino;
    public uint UserFlags;

    /// <summary>
    /// There are no users and no permission bits: files are rw-r--r--, directories rwxr-xr-x.
    /// </summary>
    public static FileStatus Of(FileDescription description)
    {
        long seconds = (long)(description.ModifiedNs / NanosecondsPerSecond);
        long nanoseconds = (long)(description.ModifiedNs % NanosecondsPerSecond);
        return new FileStatus
        {
            Flags = description.CreatedNs == 0 ? 0 : HasBirthTime,
            Mode = ModeOf(description.Kind),
            Size = (long)description.LengthBytes,
            ATime = seconds,
            ATimeNsec = nanoseconds,
            MTime = seconds,
            MTimeNsec = nanoseconds,
            CTime = seconds,
            CTimeNsec = nanoseconds,
            BirthTime = (long)(description.CreatedNs / NanosecondsPerSecond),
            BirthTimeNsec = (long)(description.CreatedNs % NanosecondsPerSecond),
            Dev = description.MountId,
            Ino = (long)description.FileNumber,
        };
    }

    private static int ModeOf(NodeKind kind) => kind switch
    {
        NodeKind.File => RegularFile | 0x1A4,
        NodeKind.Directory => DirectoryFile | 0x1ED,
        NodeKind.Pipe => PipeFile | 0x180,
        _ => CharacterDevice | 0x1B6,
    };
}

/// <summary>Interop.Sys.DirectoryEntry.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DirectoryEntry
{
    public nint Name;
    public int NameLength;
    public int InodeType;
}

/// <summary>Interop.Sys.IOVector.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct IOVector
{
    public nint Base;
    public nuint Count;
}

/// <summary>Interop.Sys.TimeSpec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimeSpec
{
    private const long OmitMark = (1 << 30) - 2;
    private const ulong NanosecondsPerSecond = 1_000_000_000;
    private const long NowMark = (1 << 30) - 1;
    /// <summary>In the year 2540: nanoseconds in 64 bits end soon after.</summary>
    private const long LastSecond = 18_000_000_000;

    public long TvSec;
    public long TvNsec;

    public readonly bool IsOmitted => TvNsec == OmitMark;

    /// <summary>
    /// 0 for now, so what is before 1970, and its first instant, is a nanosecond later.
    /// </summary>
    public readonly ulong Nanoseconds
    {
        get
        {
            if (TvNsec == NowMark) return 0;
            if (TvSec < 0) return 1;
            ulong seconds = (ulong)System.Math.Min(TvSec, LastSecond);
            return System.Math.Max(1, seconds * NanosecondsPerSecond + (ulong)TvNsec);
        }
    }
}

/// <summary>Interop.Sys.PollEvent.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollEvent
{
    public int FileDescriptor;
    public short Events;
    public short TriggeredEvents;
}

/// <summary>Interop.Sys.WinSize.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct WinSize
{
    public ushort Row;
    public ushort Col;
    public ushort XPixel;
    public ushort YPixel;
}

/// <summary>Interop.Sys.MountPointInformation.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MountPointInformation
{
    public ulong AvailableFreeSpace;
    public ulong TotalFreeSpace;
    public ulong TotalSize;
}
