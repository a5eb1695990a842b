// Some pages of memory that several processes have mapped, as words and bytes.
//
// Owned by who mapped them; nobody may use them after Dispose. Whoever else has them may change
// them at any time: what is read twice may differ.

using System;
using System.Runtime.CompilerServices;
using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Native;

// Safety: an index is that of one of the pages, which stay mapped until Dispose.
public sealed unsafe class SharedPages : IDisposable
{
    private readonly IKernel _kernel;
    private readonly ulong _address;
    /// <summary>Page for page: simulated memory does not lie together.</summary>
    private readonly ulong[] _places;
    private readonly ulong* _first;
    private readonly bool _isWhole = true;

    private SharedPages(IKernel kernel, ulong address, int pages)
    {
        _kernel = kernel;
        _address = address;
        _places = new ulong[pages];
        for (int i = 0; i < pages; i++)
        {
            ulong offset = (ulong)i * Limits.PageBytes;
            _places[i] = kernel.PlaceOf(address + offset);
            _isWhole &= _places[i] == _places[0] + offset;
        }
        // Safety: where the kernel has mapped the first page.
        _first = (ulong*)_places[0];
    }

    /// <summary>Maps the first pages of a Memory. BadArgument when it has fewer.</summary>
    public static Result<SharedPages> Map(
        IKernel kernel, Handle memory, int pages, Rights rights)
    {
        Result<ulong> address = kernel.MemoryMap(
            memory, 0, (ulong)pages * Limits.PageBytes, rights);
        return address.IsOk ? new SharedPages(kernel, address.Value, pages) : address.Status;
    }

    /// <summary>A word of the first page.</summary>
    // Safety: see the type.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref ulong Word(int index)
    {
        if ((uint)index >= SharedWords.Count) Refuse();
        return ref _first[index];
    }

    private static void Refuse() => throw new ArgumentOutOfRangeException("index");

    /// <summary>Copies to where the pages have so many bytes from a place on.</summary>
    public void Write(int place, ReadOnlySpan<byte> source)
    {
        if (_isWhole) source.CopyTo(Whole[place..]);
        else WriteByPage(place, source);
    }

    /// <summary>Fills the target from a place on.</summary>
    public void Read(int place, Span<byte> target)
    {
        if (_isWhole) Whole.Slice(place, target.Length).CopyTo(target);
        else ReadByPage(place, target);
    }

    // Safety: the pages lie together.
    private Span<byte> Whole => new(_first, _places.Length * Limits.PageBytes);

    private void WriteByPage(int place, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            Span<byte> page = RestOfPage(place);
            int step = Math.Min(page.Length, source.Length);
            source[..step].CopyTo(page);
            source = source[step..];
            place += step;
        }
    }

    private void ReadByPage(int place, Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            ReadOnlySpan<byte> page = RestOfPage(place);
            int step = Math.Min(page.Length, target.Length);
            page[..step].CopyTo(target);
            target = target[step..];
            place += step;
        }
    }

    // Safety: see the type.
    private Span<byte> RestOfPage(int place) =>
        new Span<byte>((void*)_places[place / Limits.PageBytes], Limits.PageBytes)
            [(place % Limits.PageBytes)..];

    public void Dispose() =>
        _kernel.MemoryUnmap(_address, (ulong)_places.Length * Limits.PageBytes);
}
