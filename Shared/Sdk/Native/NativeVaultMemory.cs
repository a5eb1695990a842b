// The vault that the kernel has mapped into this process, at AddressMap.VaultFirst.
//
// Rules: one for each process, which has the vault to itself. A process dies between two
// instructions of its own, so the order of its stores is the order that the next process finds;
// Volatile keeps the compiler from changing it.

using System;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading;
using Shared.Abi;
using Shared.Sdk.Vaults;

namespace Shared.Sdk.Native;

// Safety: every access is checked against the length of the vault, which the kernel has mapped for
// the whole life of the process.
public sealed unsafe class NativeVaultMemory : IVaultMemory
{
    private readonly IKernel _kernel;

    private NativeVaultMemory(IKernel kernel, ulong lengthBytes)
    {
        _kernel = kernel;
        LengthBytes = lengthBytes;
    }

    /// <summary>The vault that this task was started with, or null.</summary>
    public static NativeVaultMemory? Find(TaskContext task)
    {
        bool isThere = ulong.TryParse(
            task.Environment("VAULT_BYTES"), NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture, out ulong lengthBytes);
        return isThere && lengthBytes != 0
            ? new NativeVaultMemory(task.Kernel, lengthBytes)
            : null;
    }

    public ulong LengthBytes { get; }

    // Safety: At has checked the address.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Load(ulong offset) => Volatile.Read(ref *(ulong*)At(offset, sizeof(ulong)));

    // Safety: At has checked the address.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ulong offset, ulong value) =>
        Volatile.Write(ref *(ulong*)At(offset, sizeof(ulong)), value);

    // Safety: Bytes has checked the address.
    public void Read(ulong offset, Span<byte> target) =>
        Bytes(offset, (ulong)target.Length).CopyTo(target);

    // Safety: Bytes has checked the address.
    public void Write(ulong offset, ReadOnlySpan<byte> source) =>
        source.CopyTo(Bytes(offset, (ulong)source.Length));

    // Safety: Bytes has checked the address.
    public Span<byte> Window(ulong offset, int lengthBytes) => Bytes(offset, (ulong)lengthBytes);

    // Safety: At has checked the address; the vault stays where it is.
    public FixedBytes Fixed(ulong offset, int lengthBytes) =>
        new((byte*)At(offset, (ulong)lengthBytes), lengthBytes);

    // Safety: Bytes has checked the address.
    public void Clear(ulong offset, ulong lengthBytes) => Bytes(offset, lengthBytes).Clear();

    public void Discard(ulong offset, ulong lengthBytes)
    {
        Status status = _kernel.VaultDiscard(offset, lengthBytes);
        // Some pages are zero and some are not: whoever goes on from here trusts old bytes.
        if (status == Status.NoMemory) throw new OutOfMemoryException("discard: no memory");
        if (status != Status.Ok) throw new InvalidOperationException($"discard: {status}");
    }

    // Safety: At has checked the address; the vault is mapped from its first byte to its last.
    private Span<byte> Bytes(ulong offset, ulong lengthBytes) =>
        new((void*)At(offset, lengthBytes), checked((int)lengthBytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong At(ulong offset, ulong lengthBytes)
    {
        if (lengthBytes > LengthBytes || offset > LengthBytes - lengthBytes) Refuse();
        return AddressMap.VaultFirst + offset;
    }

    private static void Refuse() => throw new ArgumentOutOfRangeException("offset");
}
