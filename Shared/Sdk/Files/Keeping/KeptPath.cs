// A path that a program has opened lately, with the file that it had there, and the words that say
// that it would have the same one again.
//
// Rules: who uses it holds the lock of KeptFiles. The words are read before the file is opened. A
// file is kept from the third time on that its path is opened in the same way, and goes with its
// path: what was opened before End is closed as any other.

using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Files.Keeping;

internal sealed class KeptPath(IKernel kernel)
{
    private const int OpensBefore = 2;

    private string _name = "";
    private int _opens;
    private bool _isEnded;
    private readonly FileWatch _watch = new(kernel);
    /// <summary>What the kernel closes, unless it is opened before.</summary>
    private KeptFile? _closed;

    public OpenMode Mode { get; private set; }

    // Names of a directory differ in their ends, if at all; none is empty.
    public bool Is(string other) =>
        _name.Length == other.Length && _name[^1] == other[^1] && _name == other;

    /// <summary>
    /// It is for this path from now on, which is opened for the first time. False: it has files of
    /// another one.
    /// </summary>
    public bool TryBecome(string name, OpenMode mode)
    {
        if (_opens >= OpensBefore) return false;
        _name = name;
        Mode = mode;
        _opens = 1;
        return true;
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
        if (!_isEnded) _watch.Ask(file.Client!, mounts);
    }

    /// <summary>As of KeptFile.TryClose.</summary>
    public bool TryClose(KeptFile file, MountWords mounts)
    {
        bool isKept = !_isEnded && _closed is null && file.Generation == mounts.Generation;
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
        _isEnded = true;
    }

    private void Close(KeptFile file) => kernel.Close(file.Client!.Endpoint);
}
