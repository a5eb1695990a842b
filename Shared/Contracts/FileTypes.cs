// What IFileSystem's operations take and answer.
//
// Layouts are those of docs/contracts.md: sizes and offsets are frozen.

using System;
using System.Runtime.InteropServices;

namespace Shared.Contracts;

[Flags]
public enum OpenMode : uint
{
    Read = 1,
    Write = 2,
    /// <summary>Make the file if it is not there.</summary>
    Create = 4,
    /// <summary>With Create: AlreadyExists if it is there.</summary>
    Exclusive = 8,
    /// <summary>Cut to length zero.</summary>
    Truncate = 16,
    /// <summary>With Write: Write writes at the end, whatever offset it names.</summary>
    Append = 32,
}

public enum LockMode : uint
{
    None = 0,
    /// <summary>Goes with other shared ones.</summary>
    Shared = 1,
    /// <summary>Goes with no other.</summary>
    Exclusive = 2,
}

public enum FileType : uint { File = 1, Directory = 2 }

[StructLayout(LayoutKind.Sequential, Size = 40)]
public record struct FileStat
{
    public FileType Type;
    public uint Links;
    public ulong LengthBytes;
    public ulong ModifiedNs;
    /// <summary>Distinguishes the files of one mount; kept while the file lives.</summary>
    public ulong FileNumber;
    /// <summary>Nanoseconds since 1970; 0 where the volume does not keep it.</summary>
    public ulong CreatedNs;
}

public record struct OpenedFile(Capability File, ulong LengthBytes);

public record struct WatchedFile(Capability Page, uint Word);

/// <param name="LengthBytes">Of the file; the caller knows from then on what it is.</param>
/// <param name="Mode">As it was opened: who appends writes at the end.</param>
public record struct StagedFile(Capability File, ulong LengthBytes, OpenMode Mode);

public record struct ListedEntries(uint LengthBytes, uint Count, ulong NextCookie);

/// <summary>
/// Head of one entry in what List writes; NameBytes of UTF-8 follow, then padding to 8.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 32)]
public record struct EntryHeader
{
    public ulong LengthBytes;
    public ulong ModifiedNs;
    public ulong FileNumber;
    public FileType Type;
    public ushort NameBytes;
    public ushort Reserved;
}

[StructLayout(LayoutKind.Sequential, Size = 40)]
public record struct VolumeStat
{
    public ulong TotalBytes;
    public ulong UsedBytes;
    public ulong Files;
    public ulong MaxFileBytes;
    public VolumeFlags Flags;
    public uint Reserved;
}

[Flags]
public enum VolumeFlags : uint { None = 0, ReadOnly = 1 }
