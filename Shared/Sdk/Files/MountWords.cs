// Whether the mounts have changed since a program asked Vfs, at the price of three loads: words of
// a page that the supervisor and Vfs write and programs read (decision 0054).
//
// Rules: the supervisor counts a change after it is in its table and before it answers whoever
// asked for it. Vfs reads the count before it asks the supervisor for the mounts, and writes it
// down after their version; programs read the three the other way round. So a version that a
// program is told was Vfs's after the last change. A fourth word is another one after each change,
// and before any other process can serve a mount (0056). The words outlive all of them.

using System.Runtime.CompilerServices;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Native;

namespace Shared.Sdk.Files;

public sealed class MountWords
{
    private const int ChangesWord = 0, CaughtUpWord = 1, VersionWord = 2, GenerationWord = 3;

    private readonly SharedWords _words;

    private MountWords(SharedWords words) => _words = words;

    /// <summary>Null where there is no such page, or no shared memory.</summary>
    public static MountWords? Map(IKernel kernel, Handle page, Rights rights)
    {
        if (page.IsNone) return null;
        Result<SharedWords> words = SharedWords.Map(kernel, page, rights);
        return words.IsOk ? new MountWords(words.Value) : null;
    }

    /// <summary>How often the mounts have changed.</summary>
    public ulong Changes => _words.Read(ChangesWord);

    /// <summary>What Vfs would answer; 0 when it has to be asked.</summary>
    public ulong Version
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            ulong caughtUp = _words.Read(CaughtUpWord);
            ulong version = _words.Read(VersionWord);
            return _words.Read(ChangesWord) == caughtUp ? version : 0;
        }
    }

    /// <summary>The same: there are the same mounts, and the same processes serve them.</summary>
    public ulong Generation
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _words.Read(GenerationWord);
    }

    /// <summary>The supervisor's: they have changed, or may have.</summary>
    public void NoteChange()
    {
        _words.Write(ChangesWord, Changes + 1);
        NoteServer();
    }

    /// <summary>The supervisor's: somebody else is about to serve one of them.</summary>
    public void NoteServer() => _words.Write(GenerationWord, Generation + 1);

    /// <summary>Vfs's: what it answers from now on.</summary>
    public void Publish(ulong version) => _words.Write(VersionWord, version);

    /// <summary>Vfs's: the version has so many changes in it.</summary>
    public void CatchUp(ulong changes) => _words.Write(CaughtUpWord, changes);

    /// <summary>Nobody uses it any more.</summary>
    public void Unmap() => _words.Dispose();
}
