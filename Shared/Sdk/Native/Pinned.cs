// Kernel calls that name memory: pins it, puts its address in a register, makes the call.
//
// Managed arrays may move between any two instructions; an address is good only inside `fixed`.

using System;
using Shared.Abi;

namespace Shared.Sdk.Native;

/// <summary>The only place of the SDK that turns spans into addresses.</summary>
// Safety: no address outlives the call for which its span is pinned.
public static unsafe class Pinned
{
    /// <summary>Calls with the buffer's address in one of the registers.</summary>
    public static CallResult Invoke(
        IKernel kernel, ref Registers registers, ref ulong address, ReadOnlySpan<byte> buffer)
    {
        ulong empty = 0;
        // Safety: the buffer is pinned for the call; an empty one gets the address of a local, so
        // that the kernel sees memory of this process there too.
        fixed (byte* pinned = buffer)
        {
            address = pinned is null ? (ulong)&empty : (ulong)pinned;
            return kernel.Invoke(ref registers);
        }
    }

    /// <summary>As above, with two buffers.</summary>
    public static CallResult Invoke(
        IKernel kernel, ref Registers registers, ref ulong address, ReadOnlySpan<byte> buffer,
        ref ulong secondAddress, ReadOnlySpan<byte> second)
    {
        // Safety: as above.
        fixed (byte* pinned = buffer)
        {
            ulong empty = 0;
            address = pinned is null ? (ulong)&empty : (ulong)pinned;
            return Invoke(kernel, ref registers, ref secondAddress, second);
        }
    }

    /// <summary>Calls with an extras block in A3, and up to four leases pinned.</summary>
    internal static CallResult InvokeMessage(
        IKernel kernel, ref Registers registers, ref MessageExtras extras, in LeaseSpans leases)
    {
        ulong empty = 0;
        // Safety: extras and leased spans are pinned until the reply is there, and the kernel ends
        // the leases with it. The callee may write only those lent with LeaseRights.Write.
        fixed (MessageExtras* block = &extras)
        fixed (byte* first = leases.First, second = leases.Second)
        fixed (byte* third = leases.Third, fourth = leases.Fourth)
        {
            if (leases.Count != 0)
            {
                ulong nothing = (ulong)&empty;
                block->LeaseWords[0] = first is null ? nothing : (ulong)first;
                block->LeaseWords[1] = Word(leases.First.Length, leases.FirstRights);
                block->LeaseWords[2] = second is null ? nothing : (ulong)second;
                block->LeaseWords[3] = Word(leases.Second.Length, leases.SecondRights);
                block->LeaseWords[4] = third is null ? nothing : (ulong)third;
                block->LeaseWords[5] = Word(leases.Third.Length, leases.ThirdRights);
                block->LeaseWords[6] = fourth is null ? nothing : (ulong)fourth;
                block->LeaseWords[7] = Word(leases.Fourth.Length, leases.FourthRights);
            }
            registers.A3 = (ulong)block;
            return kernel.Invoke(ref registers);
        }
    }

    /// <summary>Calls with one lease, which lies in the last two words.</summary>
    internal static CallResult InvokeLease(
        IKernel kernel, ref Registers registers, ReadOnlySpan<byte> lease, LeaseRights rights)
    {
        ulong empty = 0;
        registers.Number = (ulong)SystemCall.Call;
        registers.A10 = Word(lease.Length, rights);
        // Safety: as in InvokeMessage.
        fixed (byte* pinned = lease)
        {
            registers.A9 = pinned is null ? (ulong)&empty : (ulong)pinned;
            return kernel.Invoke(ref registers);
        }
    }

    /// <summary>Calls with the address of an extras block in the register.</summary>
    internal static CallResult InvokeExtras(
        IKernel kernel, ref Registers registers, ref ulong address, ref MessageExtras extras)
    {
        // Safety: the block is pinned for the call; the kernel reads and writes within its size.
        fixed (MessageExtras* block = &extras)
        {
            address = (ulong)block;
            return kernel.Invoke(ref registers);
        }
    }

    private static ulong Word(int lengthBytes, LeaseRights rights) =>
        (uint)lengthBytes | (ulong)rights << 32;
}

/// <summary>Up to four spans to lend with one call.</summary>
internal ref struct LeaseSpans
{
    public ReadOnlySpan<byte> First, Second, Third, Fourth;
    public LeaseRights FirstRights, SecondRights, ThirdRights, FourthRights;
    public int Count;

    /// <summary>Adds one; the caller has counted them (the generator does).</summary>
    public void Add(ReadOnlySpan<byte> span, LeaseRights rights)
    {
        switch (Count++)
        {
            case 0: First = span; FirstRights = rights; break;
            case 1: Second = span; SecondRights = rights; break;
            case 2: Third = span; ThirdRights = rights; break;
            case 3: Fourth = span; FourthRights = rights; break;
            default: throw new InvalidOperationException("a call lends at most four leases");
        }
    }
}
