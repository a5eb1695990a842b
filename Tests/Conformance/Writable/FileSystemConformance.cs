// What every file server must do that can be written to. A file system inherits this and says how
// its server is made; the cases lie in the other parts of this class, by topic.
//
// Rules: a case sees only the contract. The mount starts empty and takes at least 4 MiB.

using NUnit.Framework;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Tests.Loopback;

namespace Tests.Conformance.Writable;

public abstract partial class FileSystemConformance
{
    private const OpenMode Writing = OpenMode.Write | OpenMode.Create;
    private const OpenMode Both = OpenMode.Read | OpenMode.Write;

    private MountedFileSystem _mount = null!;

    /// <summary>In 2001, at an even second: every file system can keep that.</summary>
    private const ulong StartNs = 1_000_000_000_000_000_000;
    private const ulong SecondNs = 1_000_000_000;

    /// <summary>The server's time of day; a case moves it by even seconds.</summary>
    protected ulong NowNs { get; private set; }

    private FileSystemClient Root => _mount.Root;

    /// <summary>Which names there can be, and which are the same.</summary>
    protected virtual NameSet Names => NameSet.Any;

    protected abstract IServer MakeServer(TaskContext task);

    [SetUp]
    public void StartServer()
    {
        NowNs = StartNs;
        _mount = new MountedFileSystem(new LoopbackMachine(), MakeServer);
    }
}
