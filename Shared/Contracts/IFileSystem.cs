// Files and directories of one mount. The capability says which object; paths are relative to it.

using System;
using Shared.Abi;

namespace Shared.Contracts;

/// <summary>
/// What a file server does. Operations 1..15 need a directory capability (else NotDirectory),
/// 16.. a file capability (else IsDirectory). A path is names joined by '/', without '.', '..' or
/// empty names; the empty path is the directory itself. Nothing walks above the capability's
/// directory. Offsets and lengths are in bytes.
///
/// No change is [Idempotent]: made again after a death, it would undo what somebody else has
/// changed and been answered for in between. The server knows a request that is delivered again.
///
/// A capability without the right Write (run --ro), and all that is obtained through it, changes
/// nothing: ReadOnly, whatever else would be wrong.
/// </summary>
[Contract(id: 2, version: 1), Utf8Handlers]
public interface IFileSystem
{
    [Op(1), Idempotent] Result<FileStat> Stat(string path);

    /// <summary>
    /// A capability for a file; AlreadyExists, NotFound, IsDirectory, ReadOnly as usual.
    /// </summary>
    [Op(2)] Result<OpenedFile> Open(
        string path, [Changes((uint)OpenModes.ForChange)] OpenMode mode);

    /// <summary>A capability for a directory below this one.</summary>
    [Op(3), Idempotent] Result<Capability> OpenDirectory(string path);

    [Op(4), Changes] Status MakeDirectory(string path);
    [Op(5), Changes] Status RemoveFile(string path);
    [Op(6), Changes] Status RemoveDirectory(string path);

    /// <summary>
    /// Moves within the mount; replaces a file (or an empty directory by a directory).
    /// </summary>
    [Op(7), Changes] Status Rename(string source, string target);

    /// <summary>
    /// Entries after a cookie (0 first), as EntryHeader and name bytes, each padded to 8 bytes. The
    /// next cookie is 0 at the end. An entry that is neither added nor removed meanwhile is seen
    /// once. TooLarge when not even one entry fits the buffer.
    /// </summary>
    [Op(8), Idempotent] Result<ListedEntries> List(string path, ulong cookie, Span<byte> entries);

    [Op(9), Idempotent] Result<VolumeStat> DescribeVolume();

    /// <summary>
    /// Sets the modification time; times are nanoseconds since 1970, 0 means now.
    /// </summary>
    [Op(10), Changes] Status SetTime(string path, ulong modifiedNs);

    /// <summary>
    /// What was answered before survives the loss of power, where the medium can.
    /// </summary>
    [Op(11), Idempotent] Status SyncAll();

    /// <summary>Bytes read; 0 at or after the end.</summary>
    [Op(16), Idempotent] Result<uint> Read(ulong offset, Span<byte> target);

    /// <summary>
    /// Bytes written; a gap before the offset reads as zeros. All or nothing; TooLarge beyond
    /// Limits.MaxWriteBytes at once, or beyond the volume's MaxFileBytes.
    /// </summary>
    [Op(17), Changes] Result<uint> Write(ulong offset, ReadOnlySpan<byte> source);

    /// <summary>Writes at the end in one step; answers the offset after the last byte.</summary>
    [Op(18), Changes] Result<ulong> Append(ReadOnlySpan<byte> source);

    [Op(19), Changes] Status SetLength(ulong lengthBytes);
    [Op(20), Idempotent] Result<FileStat> StatFile();
    [Op(21), Idempotent] Status Flush();

    /// <summary>
    /// Takes, changes or gives up the capability's lock on its file. Locked at once, and nothing
    /// has changed, while another capability has one that does not go with it. Locks bind those
    /// who ask for them, and hinder no read or write. One goes with the last copy of its
    /// capability, whoever dies. NotSupported where no file can be changed.
    /// </summary>
    [Op(22), Changes] Status Lock(LockMode mode);

    /// <summary>
    /// A page, to be read alone, and a word of it that is another one after each change of the
    /// file's bytes or length, for as long as the same process serves the mount: who has it may
    /// keep bytes and read them again (Shared/Sdk/Files/Keeping). Word 0 is another one after each
    /// change of what an existing name leads to. NotSupported where files change by themselves.
    /// </summary>
    [Op(23), Idempotent] Result<WatchedFile> Watch();

    /// <summary>
    /// Takes memory of the caller's, in which it leaves writes of the file without a call
    /// (Shared/Sdk/Files/StagingArea.cs): each is the file's before the server answers anybody
    /// about it. Answers a capability for the file; with its last copy that ends, as it does when
    /// somebody else reads or changes the file's bytes. NotSupported, QuotaExceeded or NoSpace:
    /// not here, or not now; BadArgument for memory that is none or too small.
    /// </summary>
    [Op(24), Changes] Result<StagedFile> Stage(Capability memory);

    /// <summary>
    /// Of what Stage has answered: all that the memory has is the file's, and the memory is empty.
    /// NotFound when it has ended.
    /// </summary>
    [Op(25), Changes] Status Settle();
}
