// Files that a program opens again and again: what it has closed a moment ago it has back without a
// call, while words in shared memory say that its path leads there still (decision 0058).
//
// Rules: any thread; one that would have to wait for another opens the file. The kernel closes what
// nobody wants back at its next tick: nothing is held for a program that does other things.

using System.Threading;
using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Files.Keeping;

internal sealed class KeptFiles(IKernel kernel)
{
    /// <summary>Modes that do something to the file, or do not want what is there.</summary>
    private const OpenMode NotKept = OpenMode.Exclusive | OpenMode.Truncate;
    private const int Paths = 4;

    private readonly Lock _lock = new();
    private readonly KeptPath?[] _paths = new KeptPath?[Paths];
    private int _next;
    private MountWords? _words;
    private bool _isDisposed;

    /// <summary>
    /// A file that is open, or one that may be kept and is to be opened now; null: it is not kept.
    /// </summary>
    public KeptFile? Begin(MountWords words, string path, OpenMode mode)
    {
        // What is relative to a directory that changes is not kept.
        bool isKept = (mode & NotKept) == 0 && IsWhole(path);
        if (!isKept || !_lock.TryEnter()) return null;
        try
        {
            if (_isDisposed) return null;
            _words = words;
            if (Find(path, mode) is { } found) return found.Begin(this, words);
            _next = (_next + 1) % Paths;
            if (_paths[_next]?.TryBecome(path, mode) == true) return null;
            End(_next);
            _paths[_next] = new KeptPath(kernel);
            _paths[_next]!.TryBecome(path, mode);
            return null;
        }
        finally
        {
            _lock.Exit();
        }
    }

    /// <summary>Asks the file's server for words, for the next time that it is opened.</summary>
    public void Watch(KeptFile file)
    {
        lock (_lock)
        {
            if (_words is { } words) file.Path.Watch(file, words);
        }
    }

    public bool TryClose(KeptFile file)
    {
        if (!_lock.TryEnter()) return false;
        try
        {
            return _words is { } words && file.Path.TryClose(file, words);
        }
        finally
        {
            _lock.Exit();
        }
    }

    /// <summary>The program removes or replaces it: it is not to be held for that.</summary>
    public void Forget(string name)
    {
        // Of a relative one nobody knows here what it is.
        bool isAny = !IsWhole(name);
        lock (_lock)
        {
            for (int i = 0; i < Paths; i++)
            {
                if (isAny || _paths[i]?.Is(name) == true) End(i);
            }
        }
    }

    /// <summary>Before the words of the mounts; nothing is kept any more.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _words = null;
            for (int i = 0; i < Paths; i++) End(i);
        }
    }

    private void End(int index)
    {
        _paths[index]?.End();
        _paths[index] = null;
    }

    private static bool IsWhole(string path) => path.Length > 0 && path[0] == '/';

    private KeptPath? Find(string name, OpenMode mode)
    {
        foreach (KeptPath? path in _paths)
        {
            if (path is not null && path.Mode == mode && path.Is(name)) return path;
        }
        return null;
    }
}
