// What stat(2) tells of a file, a directory or a stream.

using Shared.Contracts;

namespace Shared.Runtime.Descriptors;

public enum NodeKind { File, Directory, Pipe, Terminal, Null }

/// <summary>Times are nanoseconds since 1970; 0 where nobody keeps it.</summary>
public readonly record struct FileDescription
{
    public NodeKind Kind { get; init; }
    public ulong LengthBytes { get; init; }
    public ulong ModifiedNs { get; init; }
    public ulong CreatedNs { get; init; }
    /// <summary>With MountId, the same for two paths exactly when they are one file.</summary>
    public ulong FileNumber { get; init; }
    public uint MountId { get; init; }

    public static FileDescription Of(FileStat stat, uint mountId) => new()
    {
        Kind = stat.Type == FileType.Directory ? NodeKind.Directory : NodeKind.File,
        LengthBytes = stat.LengthBytes,
        ModifiedNs = stat.ModifiedNs,
        CreatedNs = stat.CreatedNs,
        FileNumber = stat.FileNumber,
        MountId = mountId,
    };
}
