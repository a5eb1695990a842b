// Everything that .NET does by path, over Vfs and the file servers.
//
// Rules: any thread; nothing goes stale (FileApi). Paths are those of the program:
// relative ones begin at its current directory, '..' is taken from the text. A path with a '/' at
// its end names a directory, as on Linux.

using Shared.Abi;
using Shared.Contracts;
using Shared.Runtime.Descriptors;
using Shared.Runtime.Errors;
using Shared.Sdk;
using Shared.Sdk.Files;
using Shared.Sdk.Files.Keeping;

namespace Shared.Runtime.Names;

/// <summary>What access(2) asks for.</summary>
[System.Flags]
public enum AccessWish { Exists = 0, Execute = 1, Write = 2, Read = 4 }

/// <param name="vfs">
/// Without it and without directories the program has no files, and each path is refused.
/// </param>
/// <param name="given">What the program has instead of Vfs, if anything.</param>
public sealed class NameSpace(
    IKernel kernel, Handle vfs, CanonicalPath directory, OwnProcess process,
    GivenDirectories? given = null) : System.IDisposable
{
    private const string NullDevice = "/dev/null";

    private readonly FileApi _files = new(kernel, vfs, directory, given);

    /// <summary>Canonical.</summary>
    public string CurrentDirectory => _files.Directory.Text;

    public long Canonical(string path, out string canonical)
    {
        Result<CanonicalPath> parsed = Parse(path);
        canonical = parsed.Value.Text;
        return Answer.Of(parsed.Status);
    }

    /// <summary>A descriptor that is in no table yet.</summary>
    public long Open(string path, OpenMode mode, out Descriptor? descriptor)
    {
        descriptor = null;
        long answer = Canonical(path, out string canonical);
        if (answer < 0) return path.Length == 0 ? Answer.Of(Errno.NoEntry) : answer;
        if (canonical == NullDevice)
        {
            descriptor = new NullStream();
            return Answer.Ok;
        }
        if (process.Read(canonical) is { } content)
        {
            descriptor = new TextDescriptor(content);
            return Answer.Ok;
        }
        KeptFile? kept = IsDirectoryPath(path) ? null : _files.BeginOpen(canonical, mode);
        if (kept?.Client is { } again)
        {
            descriptor = MakeFile(again, canonical, kept.MountId, kept);
            return Answer.Ok;
        }
        Result<Descriptor?> opened = _files.At(
            canonical, (Path: path, Mode: mode), (mount, place, asked) =>
                IsDirectoryPath(asked.Path)
                    ? OpenDirectory(mount, place, asked.Mode)
                    : OpenFile(mount, place, canonical, asked.Mode, kept));
        descriptor = opened.Value;
        return Answer.Of(opened.Status);
    }

    public long Describe(string path, out FileDescription description)
    {
        description = default;
        if (path == NullDevice)
        {
            description = new FileDescription { Kind = NodeKind.Null };
            return Answer.Ok;
        }
        Result<FileDescription> found = At(path, 0, static (files, place, _) =>
        {
            Result<FileStat> stat = files.Stat(place.Rest);
            return new Result<FileDescription>(
                stat.Status, FileDescription.Of(stat.Value, place.MountId));
        });
        if (!found.IsOk) return Answer.Of(found.Status);
        if (found.Value.Kind == NodeKind.File && IsDirectoryPath(path))
        {
            return Answer.Of(Errno.NotDirectory);
        }
        description = found.Value;
        return Answer.Ok;
    }

    /// <summary>A file can be read, and written unless its volume is read-only.</summary>
    public long Check(string path, AccessWish wish)
    {
        long answer = Describe(path, out FileDescription there);
        if (answer < 0) return answer;
        bool isExecuted = (wish & AccessWish.Execute) != 0 && there.Kind != NodeKind.Directory;
        if (isExecuted) return Answer.Of(Errno.Access);
        if ((wish & AccessWish.Write) == 0 || there.Kind == NodeKind.Null) return Answer.Ok;
        Result<bool> isReadOnly = At(path, kernel, static (files, place, kernel) =>
        {
            // Not even of a volume that others may write to: run --ro.
            Result<HandleDescription> root = kernel.DescribeHandle(place.Root);
            if (root.IsOk && (root.Value.Rights & Rights.Write) == 0) return true;
            Result<VolumeStat> volume = files.DescribeVolume();
            bool isVolume = (volume.Value.Flags & VolumeFlags.ReadOnly) != 0;
            return new Result<bool>(volume.Status, isVolume);
        });
        if (!isReadOnly.IsOk) return Answer.Of(isReadOnly.Status);
        return isReadOnly.Value ? Answer.Of(Errno.ReadOnly) : Answer.Ok;
    }

    public long MakeDirectory(string path) => Answer.Of(_files.MakeDirectory(Trimmed(path)));

    public long RemoveDirectory(string path) => Answer.Of(_files.RemoveDirectory(Trimmed(path)));

    public long RemoveFile(string path)
    {
        if (!IsDirectoryPath(path)) return Answer.Of(_files.RemoveFile(path));
        long answer = Describe(path, out _);
        return answer < 0 ? answer : Answer.Of(Errno.IsDirectory);
    }

    public long Rename(string source, string target) =>
        Answer.Of(_files.Rename(Trimmed(source), Trimmed(target)));

    /// <summary>Nanoseconds since 1970; 0 means now.</summary>
    public long SetTime(string path, ulong modifiedNs) => Answer.Of(At(
        path, modifiedNs, static (files, place, time) =>
            new Result<int>(files.SetTime(place.Rest, time), 0)).Status);

    public Result<VolumeStat> DescribeVolume(string path) => _files.DescribeVolume(path);

    public long ChangeDirectory(string path)
    {
        Result<CanonicalPath> parsed = Parse(path);
        if (!parsed.IsOk) return Answer.Of(parsed.Status);
        long answer = Describe(path, out FileDescription there);
        if (answer < 0) return answer;
        if (there.Kind != NodeKind.Directory) return Answer.Of(Errno.NotDirectory);
        _files.Directory = parsed.Value;
        return Answer.Ok;
    }

    /// <summary>A reader that its owner closes.</summary>
    public long OpenReader(string path, out DirectoryReader? reader)
    {
        Result<Handle> opened = _files.OpenDirectory(path);
        reader = opened.IsOk ? new DirectoryReader(kernel, opened.Value) : null;
        return path.Length == 0 ? Answer.Of(Errno.NoEntry) : Answer.Of(opened.Status);
    }

    public void Dispose() => _files.Dispose();

    private Result<Descriptor?> OpenFile(
        FileSystemClient mount, FileApi.Place place, string path, OpenMode mode, KeptFile? kept)
    {
        Result<OpenedFile> opened = mount.Open(place.Rest, mode);
        if (opened.Status == Status.IsDirectory) return OpenDirectory(mount, place, mode);
        if (!opened.IsOk) return opened.Status;
        FileSystemClient file = new(kernel, opened.Value.File.Handle);
        kept?.Opened(file, place.MountId);
        return MakeFile(file, path, place.MountId, kept);
    }

    private FileDescriptor MakeFile(
        FileSystemClient file, string path, uint mountId, KeptFile? kept) =>
        new(kernel, file, _files.CacheFor(file), _files, path, mountId, this, kept);

    private Result<Descriptor?> OpenDirectory(
        FileSystemClient mount, FileApi.Place place, OpenMode mode)
    {
        Result<Capability> opened = mount.OpenDirectory(place.Rest);
        if (!opened.IsOk) return opened.Status;
        if (mode == OpenMode.Read)
            return new DirectoryDescriptor(kernel, opened.Value.Handle, place.MountId);
        kernel.Close(opened.Value.Handle);
        return Status.IsDirectory;
    }

    private Result<CanonicalPath> Parse(string path) => vfs.IsNone && given is null
        ? Status.NoRight
        : path.Length == 0 ? Status.NotFound : CanonicalPath.Parse(path, _files.Directory);

    private Result<T> At<T, TState>(
        string path, TState state,
        System.Func<FileSystemClient, FileApi.Place, TState, Result<T>> operation)
    {
        Result<CanonicalPath> parsed = Parse(path);
        return parsed.IsOk ? _files.At(parsed.Value.Text, state, operation) : parsed.Status;
    }

    private static bool IsDirectoryPath(string path) => path.Length > 1 && path[^1] == '/';

    private static string Trimmed(string path) => IsDirectoryPath(path) ? path.TrimEnd('/') : path;
}
