// What every file server must do that can be written to; the cases lie in the other parts of this
// class, by topic. Tests/Conformance/Hosted runs them over a loopback machine, and a guest program
// (Tests/Guest/Conformance) over a mount of the real system.
//
// Rules: a case sees only the contract. The mount starts empty and takes at least 4 MiB. Assert and
// its words are NUnit's, or those of the guest program: each project says which it uses.

using Shared.Contracts;
using Shared.Sdk;

namespace Tests.Conformance.Writable;

public abstract partial class FileSystemConformance
{
    protected const OpenMode Writing = OpenMode.Write | OpenMode.Create;
    protected const OpenMode Both = OpenMode.Read | OpenMode.Write;

    private MountedFileSystem _mount = null!;

    /// <summary>In 2001, at an even second: every file system can keep that.</summary>
    protected const ulong StartNs = 1_000_000_000_000_000_000;
    protected const ulong SecondNs = 1_000_000_000;

    protected FileSystemClient Root => _mount.Root;

    /// <summary>Which names there can be, and which are the same.</summary>
    protected virtual NameSet Names => NameSet.Any;

    /// <summary>An empty mount, for each case another one.</summary>
    protected abstract MountedFileSystem Mount();

    [SetUp]
    public void StartServer() => _mount = Mount();
}
