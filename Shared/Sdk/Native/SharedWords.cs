// The words of a page that several processes have mapped.
//
// Owned by who mapped it; nobody may use it after Dispose.

using System;
using System.Runtime.CompilerServices;
using System.Threading;
using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Native;

// Safety: an index is that of a word of the page, which stays mapped until Dispose.
public sealed unsafe class SharedWords : IDisposable
{
    public const int Count = Limits.PageBytes / sizeof(ulong);

    private readonly IKernel _kernel;
    private readonly ulong _address;
    private readonly ulong* _first;

    private SharedWords(IKernel kernel, ulong address)
    {
        _kernel = kernel;
        _address = address;
        // Safety: where the kernel has mapped a page.
        _first = (ulong*)kernel.PlaceOf(address);
    }

    /// <summary>Maps the first page of a Memory.</summary>
    public static Result<SharedWords> Map(IKernel kernel, Handle memory, Rights rights)
    {
        Result<ulong> address = kernel.MemoryMap(memory, 0, Limits.PageBytes, rights);
        return address.IsOk ? new SharedWords(kernel, address.Value) : address.Status;
    }

    /// <summary>Reads that come first in the program are made first; so with writes.</summary>
    // Safety: see the type.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Read(int index)
    {
        if ((uint)index >= Count) Refuse();
        return Volatile.Read(ref _first[index]);
    }

    // Safety: as above.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(int index, ulong value)
    {
        if ((uint)index >= Count) Refuse();
        Volatile.Write(ref _first[index], value);
    }

    private static void Refuse() => throw new ArgumentOutOfRangeException("index");

    public void Dispose() => _kernel.MemoryUnmap(_address, Limits.PageBytes);
}
