// The vault of a simulated task: the kernel's own vault, in the simulated machine's frames, reached
// through the page tables of the process as its own instructions would reach it.
//
// So it is as old, as long and as charged as the kernel says, and the next incarnation finds what
// this one has stored. Every store is a point at which the process may die: then it is not there,
// and of a Write or Clear a part is. The door of a dead incarnation is fenced (decision 0002).

using CosmosKernel;
using CosmosKernel.Processes;
using Shared.Abi;
using Shared.Sdk;
using Shared.Sdk.Vaults;
using System;
using System.Globalization;

namespace Tests.Simulation;

sealed class SimulatedVault : IVaultMemory
{
    readonly Kernel kernel;
    readonly SimulatedTask task;
    readonly Process process;

    SimulatedVault(Kernel kernel, SimulatedTask task, ulong lengthBytes)
    {
        this.kernel = kernel;
        this.task = task;
        process = task.Process;
        LengthBytes = lengthBytes;
    }

    /// <summary>The vault that the kernel has given to the task, as its environment says.</summary>
    public static SimulatedVault Claim(Kernel kernel, SimulatedTask task, TaskContext context)
    {
        bool isThere = ulong.TryParse(
            context.Environment("VAULT_BYTES"), NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture, out ulong lengthBytes);
        return isThere ? new SimulatedVault(kernel, task, lengthBytes)
            : throw new InvalidOperationException("the task was given no vault");
    }

    public ulong LengthBytes { get; }

    public ulong Load(ulong offset)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        Read(Aligned(offset), word);
        return BitConverter.ToUInt64(word);
    }

    public void Store(ulong offset, ulong value)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        BitConverter.TryWriteBytes(word, value);
        if (task.VaultPoint(sizeof(ulong)) is not null) task.DieHere();
        Put(Aligned(offset), word);
    }

    public void Read(ulong offset, Span<byte> target)
    {
        task.RequireLife();
        if (!kernel.UserMemory.TryRead(process, At(offset, (ulong)target.Length), target))
            throw new InvalidOperationException($"vault cannot be read at {offset}");
    }

    public void Write(ulong offset, ReadOnlySpan<byte> source)
    {
        if (task.VaultPoint(source.Length) is { } cut)
        {
            Put(offset, source[..cut]);
            task.DieHere();
        }

        Put(offset, source);
    }

    public void Clear(ulong offset, ulong lengthBytes)
    {
        byte[] zeros = new byte[lengthBytes];
        Write(offset, zeros);
    }

    /// <summary>A kernel call, and a point as each of them is.</summary>
    public void Discard(ulong offset, ulong lengthBytes)
    {
        if (lengthBytes == 0) return;
        Status status = ((IKernel)task).VaultDiscard(offset, lengthBytes);
        if (status == Status.NoMemory) throw new OutOfMemoryException("discard: no memory");
        if (status != Status.Ok) throw new InvalidOperationException($"discard: {status}");
    }

    void Put(ulong offset, ReadOnlySpan<byte> source)
    {
        task.RequireLife();
        if (!kernel.UserMemory.TryWrite(process, At(offset, (ulong)source.Length), source))
            throw new InvalidOperationException($"vault cannot be written at {offset}");
    }

    static ulong Aligned(ulong offset) => offset % sizeof(ulong) == 0
        ? offset : throw new ArgumentException("not the offset of a word");

    ulong At(ulong offset, ulong lengthBytes) =>
        lengthBytes <= LengthBytes && offset <= LengthBytes - lengthBytes
            ? AddressMap.VaultFirst + offset
            : throw new ArgumentOutOfRangeException(nameof(offset));
}
