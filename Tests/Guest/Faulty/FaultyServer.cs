// IFileSystem over FaultyFiles: one directory, nothing of it can be changed.
//
// Rules: keeps no state, so every incarnation knows every badge: 1 is the directory, the others are
// files by their place in the list.

using System;
using System.Text;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Paths;
using Shared.Sdk;
using Shared.Sdk.Tasks;

namespace Tests.Guest.Faulty;

internal sealed partial class FaultyServer(TaskContext task) : IServer, IFileSystemHandler
{
    private const ulong RootBadge = 1, FirstFileBadge = 2;
    private const int ListBytes = 4096;
    private const ulong NsPerMs = 1_000_000;
    /// <summary>Far less than a request's deadline; all of a file's are more.</summary>
    private const ulong SlowMs = 400, StepMs = 50;
    private const int Steps = 80;

    private readonly Handle _console = task.Claim("console");

    public ulong NextDeadlineNs => 0;

    public void Handle(Request request) => FileSystemDispatcher.Dispatch(this, request);

    public void Closed(Badge badge)
    {
    }

    public void Notified(ulong bits)
    {
    }

    public void DeadlineReached()
    {
    }

    public Result<FileStat> Stat(Request request, string path)
    {
        Result<int> found = Find(request, path);
        return found.IsOk ? Describe(found.Value) : found.Status;
    }

    public Result<OpenedFile> Open(Request request, string path, OpenMode mode)
    {
        Result<int> found = Find(request, path);
        bool isSink = found.IsOk && found.Value >= 0
            && FaultyFiles.All[found.Value].Habit == Habit.Sink;
        if (mode.HasFlag(OpenMode.Write) && !isSink) return Status.ReadOnly;
        if (!found.IsOk) return found.Status;
        if (found.Value < 0) return Status.IsDirectory;
        Badge badge = new(FirstFileBadge + (ulong)found.Value);
        Result<Capability> minted = request.Mint(Rights.Use, badge);
        if (!minted.IsOk) return minted.Status;
        return new OpenedFile(minted.Value, (ulong)ContentOf(found.Value).Length);
    }

    public Result<Capability> OpenDirectory(Request request, string path)
    {
        Result<int> found = Find(request, path);
        if (!found.IsOk) return found.Status;
        if (found.Value >= 0) return Status.NotDirectory;
        return request.Mint(Rights.Use, new Badge(RootBadge));
    }

    public Result<ListedEntries> List(
        Request request, string path, ulong cookie, WriteLease entries)
    {
        Result<int> found = Find(request, path);
        if (!found.IsOk) return found.Status;
        if (found.Value >= 0) return Status.NotDirectory;
        byte[] buffer = new byte[Math.Min(entries.LengthBytes, ListBytes)];
        EntryWriter writer = new(buffer);
        int index = (int)Math.Min(cookie, (ulong)FaultyFiles.All.Count);
        for (; index < FaultyFiles.All.Count; index++)
        {
            EntryHeader header = new()
            {
                FileNumber = FirstFileBadge + (ulong)index, Type = FileType.File,
                LengthBytes = (ulong)ContentOf(index).Length,
            };
            if (!writer.TryWrite(header, FaultyFiles.All[index].Name)) break;
        }
        bool isAll = index == FaultyFiles.All.Count;
        if (!isAll && writer.Count == 0) return Status.TooLarge;
        Status status = entries.CopyFrom(0, buffer.AsSpan(0, (int)writer.LengthBytes));
        if (status != Status.Ok) return status;
        return new ListedEntries(writer.LengthBytes, writer.Count, isAll ? 0 : (ulong)index);
    }

    public Result<VolumeStat> DescribeVolume(Request request) => new VolumeStat
    {
        Files = (ulong)FaultyFiles.All.Count, Flags = VolumeFlags.ReadOnly,
    };

    public Status SyncAll(Request request) => Status.Ok;

    public Result<uint> Read(Request request, ulong offset, WriteLease target)
    {
        Result<int> found = FileOf(request);
        if (!found.IsOk) return found.Status;
        byte[] content = ContentOf(found.Value);
        if (offset >= (ulong)content.Length) return 0u;
        FaultyFile file = FaultyFiles.All[found.Value];
        ReadOnlySpan<byte> rest = content.AsSpan((int)offset);
        Status status = Misbehave(request, file);
        if (file.Habit == Habit.Slow) rest = rest[..1];
        if ((uint)rest.Length > target.LengthBytes) rest = rest[..(int)target.LengthBytes];
        if (status == Status.Ok) status = target.CopyFrom(0, rest);
        return status == Status.Ok ? (uint)rest.Length : status;
    }

    public Result<FileStat> StatFile(Request request)
    {
        Result<int> found = FileOf(request);
        return found.IsOk ? Describe(found.Value) : found.Status;
    }

    public Status Flush(Request request) => FileOf(request).Status;

    private Status Misbehave(Request request, FaultyFile file)
    {
        switch (file.Habit)
        {
            case Habit.Fault:
                Faults.Commit(task.Kernel, file.Fault);
                return Status.IoError;
            case Habit.Slow:
                Compute(SlowMs);
                return Status.Ok;
            case Habit.Steps:
                Status status = Status.Ok;
                for (int step = 0; step < Steps && status == Status.Ok; step++)
                {
                    Compute(StepMs);
                    status = AskConsole(request);
                }
                return status;
            case Habit.Above:
                return AskConsole(request);
            default:
                return Status.Ok;
        }
    }

    private Status AskConsole(Request request) =>
        new ConsoleClient(task.Kernel, _console, request.Serve).Size().Status;

    private void Compute(ulong timeMs)
    {
        ulong endNs = task.NowNs + timeMs * NsPerMs;
        while (task.NowNs < endNs)
        {
        }
    }

    private static byte[] ContentOf(int index) =>
        Encoding.UTF8.GetBytes(FaultyFiles.All[index].Name + " was read\n");

    private static FileStat Describe(int index) => new()
    {
        Type = index < 0 ? FileType.Directory : FileType.File,
        Links = 1,
        LengthBytes = index < 0 ? 0 : (ulong)ContentOf(index).Length,
        FileNumber = index < 0 ? RootBadge : FirstFileBadge + (ulong)index,
    };

    /// <summary>Place of the file in the list, or -1 for the directory.</summary>
    private static Result<int> Find(Request request, string path)
    {
        if (request.Badge.Value != RootBadge) return Status.NotDirectory;
        Status status = PathRules.CheckRelative(path);
        if (status != Status.Ok) return status;
        if (path.Length == 0) return -1;
        int index = FaultyFiles.Find(path);
        return index < 0 ? Status.NotFound : index;
    }

    private static Result<int> FileOf(Request request)
    {
        ulong badge = request.Badge.Value;
        if (badge == RootBadge) return Status.IsDirectory;
        bool isFile = badge - FirstFileBadge < (ulong)FaultyFiles.All.Count;
        return isFile ? (int)(badge - FirstFileBadge) : Status.NotFound;
    }
}
