// What the processor must know while no C# runs. Lives in the shim; there is one.
//
// Arch/X64/Trap.h has the same offsets; a unit test compares the two.

using System.Runtime.InteropServices;

namespace CosmosKernel.Arch;

/// <summary>The fields that C# uses; the others belong to Trap.S.</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
public unsafe struct Cpu
{
    [FieldOffset(32)] public ulong Root;
    [FieldOffset(40)] public uint PendingInterrupts;
    [FieldOffset(44)] public uint Features;
    [FieldOffset(56)] public ulong HeapNext;
    [FieldOffset(64)] public ulong HeapEnd;
}
