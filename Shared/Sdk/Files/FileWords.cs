// What a file server tells programs of changes without being asked: a page of words, of which each
// file has one (decision 0056), and all names together have one (0058).
//
// Rules: whoever changes a file's bytes or length, or what a name leads to, counts it here before
// the answer; a name that led nowhere does not count. The page is the process's own and goes with
// it; programs know when another one serves (MountWords). Files share words: who reads one may be
// told of a change that was another's.

using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Native;

namespace Shared.Sdk.Files;

public sealed class FileWords
{
    /// <summary>The word of the names.</summary>
    public const int Names = 0;

    private Handle _pageForReading;
    private SharedWords? _words;

    /// <summary>For Watch: the page is made when somebody asks for the first time.</summary>
    public Result<WatchedFile> Watch(IKernel kernel, ulong fileNumber)
    {
        if (_words is null)
        {
            Status status = Make(kernel);
            if (status != Status.Ok) return status;
        }
        return new WatchedFile(new Capability(_pageForReading), (uint)WordOf(fileNumber));
    }

    /// <summary>The file has other bytes, or may have.</summary>
    public void NoteChange(ulong fileNumber) => Count(WordOf(fileNumber));

    /// <summary>A name leads elsewhere than before or nowhere, or may do so.</summary>
    public void NoteNames() => Count(Names);

    private void Count(int word)
    {
        if (_words is { } words) words.Write(word, words.Read(word) + 1);
    }

    private static int WordOf(ulong fileNumber) =>
        1 + (int)(fileNumber % (SharedWords.Count - 1));

    private Status Make(IKernel kernel)
    {
        Result<Handle> page = kernel.MemoryCreate(Limits.PageBytes);
        if (!page.IsOk) return page.Status;
        Result<Handle> copy = kernel.Copy(page.Value, Rights.Read | Rights.Pass);
        Result<SharedWords> words = copy.IsOk
            ? SharedWords.Map(kernel, page.Value, Rights.Read | Rights.Write) : copy.Status;
        kernel.Close(page.Value);
        if (words.IsOk)
        {
            _pageForReading = copy.Value;
            _words = words.Value;
        }
        else if (copy.IsOk)
        {
            kernel.Close(copy.Value);
        }
        return words.Status;
    }
}
