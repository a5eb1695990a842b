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

    /// <summary>The server's time of day; a case moves it.</summary>
    protected ulong NowNs { get; private set; }

    private FileSystemClient Root => _mount.Root;

    protected abstract IServer MakeServer(TaskContext task);

    [SetUp]
    public void StartServer()
    {
        NowNs = 1_000_000;
        _mount = new MountedFileSystem(new LoopbackMachine(), MakeServer);
    }
}
