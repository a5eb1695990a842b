// A path that a program has opened lately, with the file that it had there, and the words that say
// that it would have the same one again.
//
// Rules: who uses it holds the lock of KeptFiles. The words are read before the file is opened. A
// file is kept from the third time on that its path is opened in the same way.

using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Files.Keeping;

internal sealed class KeptPath(IKernel kernel)
{
    private const int OpensBefore = 2;

    private int _opens;
    private readonly FileWatch _watch = new(kernel);
    /// <summary>What the kernel closes, unless it is opened before.</summary>
    private KeptFile? _closed;

    /// <summary>Empty: there is none.</summary>
    public string Name { get; private set; } = "";
    public OpenMode Mode { get; private set; }

    // Names of a directory differ in their ends, if at all.
    public bool Is(string name) =>
        Name.Length == name.Length && (name.Length == 0 || Name[^1] == name[^1]) && Name == name;

    public void BeginPath(string name, OpenMode mode)
    {
        End();
        Name = name;
        Mode = mode;
        _opens = 1;
    }

    /// <summary>As of KeptFiles.Begin.</summary>
    public KeptFile? Begin(KeptFiles all, MountWords mounts)
    {
        if (_opens < OpensBefore)
        {
            _opens++;
            return null;
        }
        ulong generation = mounts.Generation;
        if (_closed is { } closed)
        {
            _closed = null;
            if (TryKeep(closed, generation)) return closed;
            Close(closed);
        }
        if (!_watch.IsOf(generation)) return new KeptFile(all, this);
        return new KeptFile(all, this) { Generation = generation, Names = _watch.Names };
    }

    private bool TryKeep(KeptFile closed, ulong generation)
    {
        if (closed.Generation != generation || closed.Names != _watch.Names) return false;
        return kernel.KeepOpen(closed.Client!.Endpoint) == Status.Ok;
    }

    /// <summary>Asks the server of the file for words.</summary>
    public void Watch(KeptFile file, MountWords mounts)
    {
        if (IsOf(file)) _watch.Ask(file.Client!, mounts);
    }

    /// <summary>As of KeptFile.TryClose.</summary>
    public bool TryClose(KeptFile file, MountWords mounts)
    {
        bool isKept = _closed is null && IsOf(file) && file.Generation == mounts.Generation;
        if (!isKept) return false;
        if (kernel.CloseLate(file.Client!.Endpoint) != Status.Ok) return false;
        _closed = file;
        return true;
    }

    public void End()
    {
        if (_closed is { } closed) Close(closed);
        _closed = null;
        _watch.Forget();
        Name = "";
    }

    private bool IsOf(KeptFile file) =>
        ReferenceEquals(file.Name, Name) && file.Mode == Mode;

    private void Close(KeptFile file) => kernel.Close(file.Client!.Endpoint);
}
