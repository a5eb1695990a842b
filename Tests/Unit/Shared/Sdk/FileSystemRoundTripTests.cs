// Every operation of IFileSystem and IVfs: the handler hears what the client says, and back.

using System.Text;
using NUnit.Framework;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Tests.Unit.Shared.Sdk;

public sealed class FileSystemRecorder : Recorder, IFileSystemHandler
{
    public static readonly FileStat SomeStat = new()
    {
        Type = FileType.Directory, Links = 2, LengthBytes = ulong.MaxValue, ModifiedNs = 3,
        FileNumber = 4, CreatedNs = 5,
    };

    public static readonly VolumeStat SomeVolume = new()
    {
        TotalBytes = 1, UsedBytes = 2, Files = 3, MaxFileBytes = 4, Flags = VolumeFlags.ReadOnly,
    };

    public override void Handle(Request request) => FileSystemDispatcher.Dispatch(this, request);

    public Result<FileStat> Stat(Request request, string path) => Note($"Stat {path}", SomeStat);

    public Result<OpenedFile> Open(Request request, string path, OpenMode mode) =>
        Note($"Open {path} {mode}", new OpenedFile(Minted(request, 5), 1234));

    public Result<Capability> OpenDirectory(Request request, string path) =>
        Note($"OpenDirectory {path}", Minted(request, 6));

    public Status MakeDirectory(Request request, string path) => Note($"MakeDirectory {path}");
    public Status RemoveFile(Request request, string path) => Note($"RemoveFile {path}");

    public Status RemoveDirectory(Request request, string path) =>
        Note($"RemoveDirectory {path}");

    public Status Rename(Request request, string source, string target) =>
        Note($"Rename {source} {target}");

    public Result<ListedEntries> List(
        Request request, string path, ulong cookie, WriteLease entries) =>
        Note($"List {path} {cookie}", new ListedEntries(Fill(entries, "entries"), 1, 99));

    public Result<VolumeStat> DescribeVolume(Request request) => Note("Volume", SomeVolume);

    public Status SetTime(Request request, string path, ulong modifiedNs) =>
        Note($"SetTime {path} {modifiedNs}");

    public Status SyncAll(Request request) => Note("SyncAll");

    public Result<uint> Read(Request request, ulong offset, WriteLease target) =>
        Note($"Read {offset} {target.LengthBytes}", Fill(target, "content"));

    public Result<uint> Write(Request request, ulong offset, ReadLease source) =>
        Note($"Write {offset} {Text(source)}", source.LengthBytes);

    public Result<ulong> Append(Request request, ReadLease source) =>
        Note($"Append {Text(source)}", 1ul << 40);

    public Status SetLength(Request request, ulong lengthBytes) => Note($"Length {lengthBytes}");
    public Result<FileStat> StatFile(Request request) => Note("StatFile", SomeStat);
    public Status Flush(Request request) => Note($"Flush {request.Badge.Value}");
    public Status Lock(Request request, LockMode mode) => Note($"Lock {mode}");

    public Result<WatchedFile> Watch(Request request) =>
        Note("Watch", new WatchedFile(request.Mint(Rights.Use, new Badge(4)).Value, 5));

    public Result<StagedFile> Stage(Request request, Capability memory)
    {
        request.CloseAfterReply(memory.Handle);
        Result<Capability> minted = request.MintWithAnswer(Rights.Use, new Badge(6));
        return Note("Stage", new StagedFile(minted.Value, 7, OpenMode.Write));
    }

    public Status Settle(Request request) => Note("Settle");
}

public sealed class FileSystemRoundTripTests : RoundTripFixture<FileSystemRecorder>
{
    private FileSystemClient Client => new(Kernel, Endpoint);

    [Test]
    public void Directory_operations_arrive_and_answer()
    {
        Answers(Client.Stat("a/\u00E4"), FileSystemRecorder.SomeStat);
        Heard("Stat a/\u00E4");
        Answers(Client.Stat(""), FileSystemRecorder.SomeStat);
        Heard("Stat ");
        Ok(Client.MakeDirectory("d"));
        Heard("MakeDirectory d");
        Ok(Client.RemoveFile("f"));
        Heard("RemoveFile f");
        Ok(Client.RemoveDirectory("d"));
        Heard("RemoveDirectory d");
        Ok(Client.Rename("from", "to"));
        Heard("Rename from to");
        Answers(Client.DescribeVolume(), FileSystemRecorder.SomeVolume);
        Ok(Client.SetTime("t", ulong.MaxValue));
        Heard($"SetTime t {ulong.MaxValue}");
        Ok(Client.SyncAll());
        Heard("SyncAll");
    }

    [Test]
    public void Open_answers_a_capability_of_the_client()
    {
        Result<OpenedFile> opened = Client.Open("f", OpenMode.Create | OpenMode.Write);
        Ok(opened.Status);
        Heard("Open f Write, Create");
        Assert.That(opened.Value.LengthBytes, Is.EqualTo(1234));
        Assert.That(BadgeOf(opened.Value.File), Is.EqualTo(5));
        Ok(new FileSystemClient(Kernel, opened.Value.File.Handle).Flush());
        Heard("Flush 5");
        Result<Capability> directory = Client.OpenDirectory("d");
        Assert.That(BadgeOf(directory.Value), Is.EqualTo(6));
    }

    [Test]
    public void List_fills_the_clients_buffer()
    {
        byte[] buffer = new byte[64];
        Answers(Client.List("d", 7, buffer), new ListedEntries(7, 1, 99));
        Heard("List d 7");
        Assert.That(Encoding.UTF8.GetString(buffer, 0, 7), Is.EqualTo("entries"));
    }

    [Test]
    public void File_operations_arrive_and_answer()
    {
        byte[] buffer = new byte[4];
        Answers(Client.Read(1ul << 33, buffer), 4u);
        Heard($"Read {1ul << 33} 4");
        Assert.That(Encoding.UTF8.GetString(buffer), Is.EqualTo("cont"));
        Answers(Client.Write(5, "hello"u8), 5u);
        Heard("Write 5 hello");
        Answers(Client.Append("tail"u8), 1ul << 40);
        Heard("Append tail");
        Ok(Client.SetLength(8));
        Heard("Length 8");
        Answers(Client.StatFile(), FileSystemRecorder.SomeStat);
        Ok(Client.Flush());
        Heard("Flush 77");
        Ok(Client.Lock(LockMode.Exclusive));
        Heard("Lock Exclusive");
        Assert.That(Client.Watch().Value.Word, Is.EqualTo(5));
        Heard("Watch");
        Capability memory = new(Kernel.MemoryCreate(Limits.PageBytes).Value);
        StagedFile staged = Client.Stage(memory).Value;
        Assert.That((staged.LengthBytes, staged.Mode), Is.EqualTo((7, OpenMode.Write)));
        Heard("Stage");
        Ok(Client.Settle());
        Heard("Settle");
    }

    [Test]
    public void Empty_spans_arrive_as_empty_leases()
    {
        Answers(Client.Read(0, []), 0u);
        Heard("Read 0 0");
        Answers(Client.Write(0, []), 0u);
        Heard("Write 0 ");
    }

    [Test]
    public void Large_spans_arrive_whole()
    {
        byte[] source = new byte[3 * Message.MaxLeaseStepBytes + 17];
        System.Array.Fill(source, (byte)'x');
        Answers(Client.Write(0, source), (uint)source.Length);
        Heard("Write 0 " + new string('x', source.Length));
    }

    [Test]
    public void Text_is_not_sent_when_it_is_wrong()
    {
        FileSystemClient client = Client;
        Assert.That(client.Stat(new string('a', 4097)).Status, Is.EqualTo(Status.TooLarge));
        Assert.That(client.Stat("\uDC00").Status, Is.EqualTo(Status.InvalidName));
        Assert.That(client.LastOutcome, Is.EqualTo(Outcome.NotExecuted));
        Heard("");
        Ok(client.Stat(new string('a', 4096)).Status);
        Assert.That(client.LastOutcome, Is.EqualTo(Outcome.Replied));
    }
}

public sealed class VfsRecorder : Recorder, IVfsHandler
{
    public override void Handle(Request request) => VfsDispatcher.Dispatch(this, request);

    public Result<Resolved> Resolve(Request request, string path) =>
        Note($"Resolve {path}", new Resolved(Minted(request, 8), 3, 4));

    public Result<ulong> Version(Request request) => Note("Version", ulong.MaxValue);

    public Result<ListedTargets> List(Request request, WriteLease targets)
    {
        targets.CopyFrom(0, "/\0"u8);
        return Note($"List {targets.LengthBytes}", new ListedTargets(9, 2, default));
    }
}

public sealed class VfsRoundTripTests : RoundTripFixture<VfsRecorder>
{
    [Test]
    public void Operations_arrive_and_answer()
    {
        VfsClient client = new(Kernel, Endpoint);
        Result<Resolved> resolved = client.Resolve("/a");
        Ok(resolved.Status);
        Heard("Resolve /a");
        Assert.That(BadgeOf(resolved.Value.Root), Is.EqualTo(8));
        Assert.That((resolved.Value.RestOffset, resolved.Value.MountId), Is.EqualTo((3u, 4u)));
        Answers(client.Version(), ulong.MaxValue);
        byte[] targets = new byte[4];
        Result<ListedTargets> list = client.List(targets);
        Heard("List 4");
        Assert.That((list.Value.Version, list.Value.LengthBytes), Is.EqualTo((9ul, 2u)));
        Assert.That(targets, Is.EqualTo("/\0\0\0"u8.ToArray()));
    }
}
