// The memory that registers name, on the host: what the kernel reaches by page tables.

using System;
using System.Runtime.CompilerServices;
using Shared.Abi;

namespace Tests.Loopback;

public static unsafe class HostMemory
{
    /// <summary>Bytes that the caller keeps pinned while its call is under way.</summary>
    public static Span<byte> Bytes(ulong address, ulong lengthBytes)
    {
        if (lengthBytes == 0) return default;
        if (address == 0) throw new InvalidOperationException("malformed call: null pointer");
        // Safety: SDK code pins what it names in registers until Invoke returns, and the machine
        // forgets the address of a lease when its call ends.
        return new Span<byte>((void*)address, checked((int)lengthBytes));
    }

    public static ref MessageExtras Extras(ulong address)
    {
        if (address == 0) throw new InvalidOperationException("malformed call: no extras");
        // Safety: as above; SDK code passes a whole MessageExtras.
        return ref Unsafe.AsRef<MessageExtras>((void*)address);
    }
}
