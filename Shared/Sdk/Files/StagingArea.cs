// Memory in which a program leaves writes for the server of one open file: each counts from one
// store on, whoever dies then, and is the file's before the server answers anybody about it
// (decision 0066).
//
// The first page: a word for how many writes there are and whether that has ended, one for the
// time of the last one, and two for each write. Behind it lie the bytes.
// Rules: the program adds, the server ends. Either may do so at any time, so both change the first
// word in one step. The server believes nothing of it: what a program spoils is its own.

using System;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Native;

namespace Shared.Sdk.Files;

public sealed class StagingArea : IDisposable
{
    public const int LengthBytes = 64 * 1024;
    /// <summary>Of all writes together.</summary>
    public const int RoomBytes = LengthBytes - Limits.PageBytes;
    public const int MaxWrites = Limits.PageBytes / WriteBytes - 1;
    /// <summary>
    /// Writes that neither go on where the one before them ends nor begin where it does: what each
    /// takes of the volume beside its bytes is bounded.
    /// </summary>
    public const int MaxPlaces = 16;

    private const int WriteBytes = 2 * sizeof(ulong);
    private const int StateWord = 0, TimeWord = 1, FirstWrite = 2;
    private const ulong Ended = 1UL << 63;
    private const int LengthShift = 32;

    private readonly SharedPages _pages;

    private StagingArea(SharedPages pages) => _pages = pages;

    public static Result<StagingArea> Map(IKernel kernel, Handle memory)
    {
        Result<SharedPages> pages = SharedPages.Map(
            kernel, memory, LengthBytes / Limits.PageBytes, Rights.Read | Rights.Write);
        return pages.IsOk ? new StagingArea(pages.Value) : pages.Status;
    }

    /// <summary>How many writes there are.</summary>
    public int Count => (int)Math.Min((uint)Volatile.Read(ref State), MaxWrites);

    /// <summary>Of the last write, in nanoseconds since boot.</summary>
    public ulong LastNs => Volatile.Read(ref _pages.Word(TimeWord));

    private ref ulong State => ref _pages.Word(StateWord);

    /// <summary>
    /// The program's: the write with this number, which is how many there are, at a place where it
    /// has room. False, and it does not count: the server has ended it.
    /// </summary>
    public bool TryAdd(int number, StagedWrite write, ReadOnlySpan<byte> bytes, ulong nowNs)
    {
        _pages.Write(Limits.PageBytes + write.Place, bytes);
        _pages.Word(FirstWrite + 2 * number) = write.Offset;
        _pages.Word(FirstWrite + 2 * number + 1) =
            (uint)write.Place | (ulong)write.LengthBytes << LengthShift;
        _pages.Word(TimeWord) = nowNs;
        ulong before = (uint)number;
        return Interlocked.CompareExchange(ref State, before + 1, before) == before;
    }

    /// <summary>
    /// The server's, while the program waits for it: none yet, whatever the memory was before.
    /// </summary>
    public void Begin() => Volatile.Write(ref State, 0);

    /// <summary>The server's: no write counts from now on.</summary>
    public void End() => Interlocked.Or(ref State, Ended);

    /// <summary>The server's, while the program waits for it: there are no writes.</summary>
    public void Empty() => Volatile.Write(ref State, State & Ended);

    /// <summary>A write that there is; false when it cannot be one.</summary>
    public bool TryGet(int number, out StagedWrite write)
    {
        ulong offset = _pages.Word(FirstWrite + 2 * number);
        ulong word = _pages.Word(FirstWrite + 2 * number + 1);
        uint place = (uint)word, lengthBytes = (uint)(word >> LengthShift);
        write = new StagedWrite(offset, (int)place, (int)lengthBytes);
        return place <= RoomBytes && lengthBytes - 1 < RoomBytes - place
            && offset <= long.MaxValue;
    }

    /// <summary>Bytes of a write, from a place on.</summary>
    public void Read(int place, Span<byte> target) =>
        _pages.Read(Limits.PageBytes + place, target);

    public void Dispose() => _pages.Dispose();
}
