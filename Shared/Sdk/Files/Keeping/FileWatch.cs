// The words that a file's server has for it, for as long as the same process serves the mount.

using System.Runtime.CompilerServices;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Native;

namespace Shared.Sdk.Files.Keeping;

internal sealed class FileWatch(IKernel kernel)
{
    /// <summary>Null: not asked for, or the server has none.</summary>
    private SharedWords? _words;
    private int _word;

    /// <summary>Of the mounts, before it was asked; 0: it was not.</summary>
    public ulong Generation { get; private set; }

    /// <summary>There are words, and who has told them still serves.</summary>
    public bool IsOf(ulong generation) => Generation == generation && _words is not null;

    /// <summary>Another number after each change of the file's bytes or length.</summary>
    public ulong Change
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _words!.Read(_word);
    }

    /// <summary>Another number after each name that leads elsewhere than before.</summary>
    public ulong Names
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _words!.Read(FileWords.Names);
    }

    /// <summary>Asks once of each process that serves the mount. False: it has none.</summary>
    public bool Ask(FileSystemClient file, MountWords mounts)
    {
        ulong generation = mounts.Generation;
        if (generation == Generation) return _words is not null;
        Forget();
        // Whatever comes of it, it is asked for again only when somebody else serves.
        Generation = generation;
        Result<WatchedFile> watched = file.Watch();
        if (!watched.IsOk) return false;
        Handle page = watched.Value.Page.Handle;
        if (watched.Value.Word < SharedWords.Count)
        {
            Result<SharedWords> mapped = SharedWords.Map(kernel, page, Rights.Read);
            if (mapped.IsOk) _words = mapped.Value;
            _word = (int)watched.Value.Word;
        }
        kernel.Close(page);
        return _words is not null;
    }

    /// <summary>Lets go of the page.</summary>
    public void Forget()
    {
        Generation = 0;
        _words?.Dispose();
        _words = null;
    }
}
