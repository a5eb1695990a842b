// Memory that several tasks map: all of them find it at the same place of the host.

using System;
using System.Runtime.CompilerServices;
using Shared.Abi;
using Shared.Sdk;

namespace Tests.Loopback;

/// <summary>Lasts as long as anybody has its capability, or the test that has made it.</summary>
internal sealed class LoopbackMemory(int lengthBytes)
{
    private readonly byte[] _bytes = GC.AllocateArray<byte>(lengthBytes, pinned: true);

    public ulong LengthBytes => (ulong)_bytes.Length;

    // Safety: the array is pinned, and the machine keeps it.
    public unsafe ulong Address => (ulong)Unsafe.AsPointer(ref _bytes[0]);
}

public sealed partial class LoopbackKernel
{
    private CallResult MakeMemory(ref Registers registers)
    {
        LoopbackMemory made = new(checked((int)registers.A0));
        _machine.Memories.Add(made);
        return Made(ref registers, ObjectType.Memory, made);
    }

    private CallResult Map(ref Registers registers)
    {
        Rights wanted = (Rights)registers.A3;
        Status status = Check(registers.A0, ObjectType.Memory, wanted, out var record);
        if (status == Status.Ok && _machine.IsOutOfMemory) status = Status.NoMemory;
        if (status != Status.Ok) return new CallResult(status);
        LoopbackMemory shown = (LoopbackMemory)record.Target;
        if (registers.A1 != 0 || registers.A2 > shown.LengthBytes)
            return new CallResult(Status.BadArgument);
        registers.A0 = shown.Address;
        return new CallResult(Status.Ok);
    }
}
