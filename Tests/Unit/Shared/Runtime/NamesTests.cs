// The file half of .NET's native layer over a real MemFs: numbers, offsets, errors, no handle left.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using NUnit.Framework;
using Servers.MemFs;
using Servers.MemFs.Vaults;
using Shared.Abi;
using Shared.Contracts;
using Shared.Runtime;
using Shared.Runtime.Descriptors;
using Shared.Runtime.Errors;
using Shared.Runtime.Names;
using Shared.Sdk;
using Shared.Sdk.Vaults;
using Tests.Loopback;
using Tests.Unit.Shared.Sdk.Files;

namespace Tests.Unit.Shared.Runtime;

public sealed class NamesTests
{
    private const OpenMode Make = OpenMode.Read | OpenMode.Write | OpenMode.Create;

    private LoopbackMachine _machine = null!;
    private LoopbackServer _files = null!;
    private LoopbackKernel _kernel = null!;
    private HeapVaultMemory _memory = null!;
    private ProgramState _program = null!;
    private int _handlesAtStart;

    private NameSpace Names => _program.Names;

    [SetUp]
    public void Start()
    {
        _machine = new LoopbackMachine();
        _memory = new HeapVaultMemory(VaultLayout.For(MemFsOptions.DefaultQuotaBytes).EndBytes);
        _files = _machine.Serve("memfs", MakeMemFs);
        TwoMountVfs vfs = new();
        LoopbackServer vfsHost = _machine.Serve("vfs", vfs);
        vfs.Root = _files.Connect(vfsHost.Kernel, new Badge(1));
        vfs.Mount = _machine.Serve("flat", new FlatFileServer())
            .Connect(vfsHost.Kernel, new Badge(1));
        _kernel = _machine.CreateTask("program");
        _program = MakeProgram(vfsHost.Connect(_kernel));
        _handlesAtStart = _machine.CountCapabilities(_kernel);
    }

    [TearDown]
    public void Program_keeps_no_handles()
    {
        Names.Dispose();
        Assert.That(_machine.CountCapabilities(_kernel), Is.EqualTo(_handlesAtStart));
    }

    [Test]
    public void File_is_read_as_it_was_written_by_number()
    {
        long number = Open("/file", Make);
        Assert.That(number, Is.EqualTo(3));
        Descriptor file = _program.Descriptors.Find(number)!;
        byte[] bytes = new byte[200_000];
        new Random(1).NextBytes(bytes);
        Assert.That(file.Write(bytes), Is.EqualTo(bytes.Length));
        Assert.That(file.Seek(-10, SeekFrom.End), Is.EqualTo(bytes.Length - 10));
        byte[] read = new byte[bytes.Length];
        Assert.That(file.Read(read), Is.EqualTo(10));
        Assert.That(file.Read(read), Is.EqualTo(0));
        Assert.That(file.ReadAt(0, read), Is.EqualTo(bytes.Length));
        Assert.That(read, Is.EqualTo(bytes));
        Assert.That(file.Seek(-1, SeekFrom.Start), Is.EqualTo(Answer.Of(Errno.Invalid)));
        Close(number);
    }

    [Test]
    public void Number_is_used_again_and_a_copy_keeps_the_file_open()
    {
        long first = Open("/file", Make);
        long second = _program.Descriptors.Duplicate(first);
        Close(first);
        Assert.That(_program.Descriptors.Find(first), Is.Null);
        Assert.That(_program.Descriptors.Find(second)!.Write("x"u8), Is.EqualTo(1));
        Assert.That(Open("/other", Make), Is.EqualTo(first));
        Close(first);
        Close(second);
        Assert.That(_program.Descriptors.Close(second), Is.EqualTo(Answer.Of(Errno.BadDescriptor)));
    }

    [Test]
    public void Table_that_is_full_closes_what_it_cannot_take()
    {
        List<long> numbers = [];
        long number;
        while ((number = Open("/file", Make)) >= 0) numbers.Add(number);
        Assert.That(number, Is.EqualTo(Answer.Of(Errno.TooManyOpen)));
        Assert.That(numbers, Has.Count.EqualTo(DescriptorTable.Capacity - 3));
        foreach (long one in numbers) Close(one);
    }

    [TestCase("/nowhere", OpenMode.Read, Errno.NoEntry)]
    [TestCase("/nowhere/file", Make, Errno.NoEntry)]
    [TestCase("/file/inner", Make, Errno.NotDirectory)]
    [TestCase("/file/", OpenMode.Read, Errno.NotDirectory)]
    [TestCase("/directory", OpenMode.Read | OpenMode.Write, Errno.IsDirectory)]
    [TestCase("/file", Make | OpenMode.Exclusive, Errno.Exists)]
    [TestCase("", OpenMode.Read, Errno.NoEntry)]
    [TestCase("/a\0b", OpenMode.Read, Errno.Invalid)]
    public void Open_that_is_refused_says_why(string path, OpenMode mode, Errno expected)
    {
        MakeFile("/file");
        Names.MakeDirectory("/directory");
        Assert.That(Open(path, mode), Is.EqualTo(Answer.Of(expected)));
    }

    [Test]
    public void Directory_can_be_opened_to_be_described()
    {
        Names.MakeDirectory("/directory");
        long number = Open("/directory/", OpenMode.Read);
        Descriptor directory = _program.Descriptors.Find(number)!;
        Assert.That(directory.Describe(out FileDescription there), Is.EqualTo(Answer.Ok));
        Assert.That(there.Kind, Is.EqualTo(NodeKind.Directory));
        Assert.That(directory.Read(new byte[1]), Is.EqualTo(Answer.Of(Errno.IsDirectory)));
        Assert.That(directory.Flush(), Is.EqualTo(Answer.Ok));
        Close(number);
    }

    [Test]
    public void Reader_gives_each_entry_once_after_the_dots()
    {
        for (int i = 0; i < 600; i++) MakeFile($"/file-with-a-longer-name-{i}");
        Assert.That(Names.OpenReader("/", out DirectoryReader? reader), Is.EqualTo(Answer.Ok));
        List<string> seen = [];
        while (reader!.Read(out ReadOnlySpan<byte> name, out _) == 1)
        {
            seen.Add(Encoding.UTF8.GetString(name));
        }
        reader.Close();
        Assert.That(seen.Take(2), Is.EqualTo(new[] { ".", ".." }));
        Assert.That(seen, Has.Count.EqualTo(602).And.Unique);
    }

    [Test]
    public void Death_of_the_file_server_is_not_seen()
    {
        long number = Open("/file", Make);
        Descriptor file = _program.Descriptors.Find(number)!;
        file.Write("before "u8);
        _files.Kill();
        _machine.Advance(1_000_000);
        _files.Restart(MakeMemFs);
        Assert.That(file.Write("after"u8), Is.EqualTo(5));
        byte[] read = new byte[12];
        Assert.That(file.ReadAt(0, read), Is.EqualTo(12));
        Assert.That(read, Is.EqualTo("before after"u8.ToArray()));
        Close(number);
    }

    [Test]
    public void Lock_is_refused_while_another_number_has_it()
    {
        long first = Open("/file", Make), second = Open("/file", Make);
        Assert.That(_program.Descriptors.Find(first)!.Lock(2 | 4), Is.EqualTo(Answer.Ok));
        Descriptor other = _program.Descriptors.Find(second)!;
        Assert.That(other.Lock(1 | 4), Is.EqualTo(Answer.Of(Errno.Again)));
        Close(first);
        Assert.That(other.Lock(1 | 4), Is.EqualTo(Answer.Ok));
        Close(second);
    }

    [Test]
    public void Time_of_an_open_file_is_set_only_while_its_path_leads_to_it()
    {
        long number = Open("/file", Make);
        Descriptor file = _program.Descriptors.Find(number)!;
        Assert.That(file.SetTime(5_000_000_000), Is.EqualTo(Answer.Ok));
        file.Describe(out FileDescription there);
        Assert.That(there.ModifiedNs, Is.EqualTo(5_000_000_000));
        Names.Rename("/file", "/moved");
        MakeFile("/file");
        Assert.That(file.SetTime(1), Is.EqualTo(Answer.Of(Errno.NotSupported)));
        Close(number);
    }

    [Test]
    public void Current_directory_is_where_relative_paths_begin()
    {
        Names.MakeDirectory("/directory");
        MakeFile("/directory/file");
        Assert.That(Names.ChangeDirectory("nowhere"), Is.EqualTo(Answer.Of(Errno.NoEntry)));
        Assert.That(Names.ChangeDirectory("directory"), Is.EqualTo(Answer.Ok));
        Assert.That(Names.CurrentDirectory, Is.EqualTo("/directory"));
        Assert.That(Names.Describe("file", out _), Is.EqualTo(Answer.Ok));
        Assert.That(
            Names.ChangeDirectory("file"), Is.EqualTo(Answer.Of(Errno.NotDirectory)));
    }

    [Test]
    public void Mount_is_another_device_and_cannot_be_moved()
    {
        MakeFile("/file");
        MakeFile("/mnt/file");
        Names.Describe("/file", out FileDescription here);
        Names.Describe("/mnt/file", out FileDescription there);
        Assert.That(here.MountId, Is.Not.EqualTo(there.MountId));
        Assert.That(
            Names.Rename("/file", "/mnt/other"), Is.EqualTo(Answer.Of(Errno.CrossDevice)));
        Assert.That(Names.RemoveDirectory("/mnt"), Is.EqualTo(Answer.Of(Errno.Busy)));
        Assert.That(Names.MakeDirectory("/mnt"), Is.EqualTo(Answer.Of(Errno.Exists)));
    }

    [Test]
    public void Program_without_a_name_space_is_refused_everything()
    {
        ProgramState poor = MakeProgram(Handle.None);
        Assert.That(poor.Names.Describe("/", out _), Is.EqualTo(Answer.Of(Errno.Access)));
        Assert.That(poor.Names.MakeDirectory("/x"), Is.LessThan(0));
        Assert.That(poor.Descriptors.Find(1)!.Write("x"u8), Is.EqualTo(1));
        Assert.That(poor.Descriptors.Find(0)!.Read(new byte[1]), Is.EqualTo(0));
    }

    [Test]
    public void Status_has_an_errno_unless_it_is_ok([Values] Status status)
    {
        long answer = Answer.Of(status);
        Assert.That(answer, status == Status.Ok ? Is.Zero : Is.Negative);
        bool isKnown = status == Status.Ok || Enum.IsDefined((Errno)(-answer));
        Assert.That(isKnown, Is.True);
    }

    private long Open(string path, OpenMode mode)
    {
        long answer = Names.Open(path, mode, out Descriptor? made);
        return made is null ? answer : _program.Descriptors.Add(made);
    }

    private void Close(long number) =>
        Assert.That(_program.Descriptors.Close(number), Is.EqualTo(Answer.Ok));

    private void MakeFile(string path) => Close(Open(path, Make));

    private ProgramState MakeProgram(Handle vfs)
    {
        Dictionary<string, string> environment = [];
        if (!vfs.IsNone) environment["CAP_vfs"] = $"{vfs.Value:x}";
        return new ProgramState(
            new TaskContext(_kernel, "program", [], environment), static () => false,
            static () => default);
    }

    private MemFsServer MakeMemFs(TaskContext task)
    {
        MemFsServer server = new(
            MemFsOptions.Default, () => 1_000, new MemVault(_memory, MemFsOptions.Default));
        server.ReconcileLater(task.Kernel, task.Claim("endpoint"));
        return server;
    }
}
