// Memory that MemoryMap has put into this process: an image's bytes, a device's memory.
//
// Owned by who mapped it; nobody may use Bytes after Dispose.

using System;
using Shared.Abi;
using Shared.Contracts;

namespace Shared.Sdk.Native;

// Safety: see each method.
public sealed unsafe class MappedMemory : IDisposable
{
    private readonly IKernel _kernel;
    private readonly ulong _address;
    private readonly int _lengthBytes;
    private bool _isUnmapped;

    private MappedMemory(IKernel kernel, ulong address, int lengthBytes)
    {
        _kernel = kernel;
        _address = address;
        _lengthBytes = lengthBytes;
    }

    /// <summary>Maps the first bytes of a Memory or DeviceMemory.</summary>
    public static Result<MappedMemory> Map(
        IKernel kernel, Handle memory, int lengthBytes, Rights rights)
    {
        Result<ulong> address = kernel.MemoryMap(memory, 0, (ulong)lengthBytes, rights);
        return address.IsOk ? new MappedMemory(kernel, address.Value, lengthBytes) : address.Status;
    }

    public Span<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isUnmapped, this);
            // Safety: the kernel has mapped this many bytes there, until Dispose.
            return new Span<byte>((void*)_address, _lengthBytes);
        }
    }

    public void Dispose()
    {
        if (_isUnmapped) return;
        _isUnmapped = true;
        _kernel.MemoryUnmap(_address, (ulong)_lengthBytes);
    }
}
