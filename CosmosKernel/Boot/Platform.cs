// What the shim leaves to C# when the machine starts: the whole direct map, and what the processor
// has beyond x86-64-v2.
//
// Runs once, before anything touches memory above the first GiB or leaves ring 0.

using System;
using System.Runtime.Intrinsics.X86;
using CosmosKernel.Memory;
using Shared.Abi;

namespace CosmosKernel.Boot;

// Safety: pointers are the shim's record and page tables in the direct map; both stay.
public static unsafe class Platform
{
    private const ulong LargePageBytes = 2ul << 20, GiB = 1ul << 30, LeastEnd = 4 * GiB;
    private const ulong PhysicalEnd = RamMap.PhysicalEnd;
    private const ulong TableFlags = 0x003, LargeFlags = 0x183, Uncached = 0x018;
    private const int EntriesOfTable = 512;

    // Arch/X64/Trap.h has the same bits.
    private const uint FeatureSmap = 1, FeatureRdRand = 2;

    /// <summary>
    /// All RAM, and the first 4 GiB for the devices in it, at AddressMap.DirectMap. What is not RAM
    /// is uncached. Tables come from the kernel's own heap; no-execute is in the top-level entry.
    /// </summary>
    public static void MapAllMemory(HandOver* shim, BootInfo boot)
    {
        // Safety: the shim's tables, and frames of the heap, which lie in the first GiB: its table
        // is changed in place. Entries that were in use change neither address nor rights.
        ulong end = Math.Min(Math.Max(boot.RamEnd, LeastEnd), PhysicalEnd);
        for (ulong at = 0; at < end; at += GiB)
        {
            if (at != 0)
            {
                shim->DirectMap[at / GiB] = shim->Cpu->HeapNext | TableFlags;
                shim->Cpu->HeapNext += EntriesOfTable * sizeof(ulong);
            }
            ulong table = shim->DirectMap[at / GiB] & ~0xFFFul;
            ulong* entries = (ulong*)(AddressMap.DirectMap + table);
            for (ulong i = 0; i < EntriesOfTable; i++)
            {
                ulong first = at + i * LargePageBytes;
                entries[i] = first | LargeFlags | (HasRam(boot, first) ? 0 : Uncached);
            }
        }
        shim->LoadRoot(shim->Root);
    }

    private static bool HasRam(BootInfo boot, ulong first)
    {
        foreach (RamRange range in boot.Installed)
        {
            if (range.PhysicalFirst < first + LargePageBytes
                && range.PhysicalEnd > first) return true;
        }
        return false;
    }

    /// <summary>Intel SDM Vol. 3, 2.5, and Vol. 2, CPUID: leaves 1 and 7.</summary>
    public static void EnableFeatures(HandOver* shim)
    {
        // Safety: the shim's record; a bit of CR4 is set only if the processor has it.
        (_, int ebx, int ecx, _) = X86Base.CpuId(7, 0);
        ulong cr4 = 1 << 7;                                     // global pages
        cr4 |= 1 << 16;                                         // FSGSBASE: Boot.S demands it
        if ((ebx & 1 << 7) != 0) cr4 |= 1 << 20;                // SMEP
        if ((ebx & 1 << 20) != 0) cr4 |= 1 << 21;               // SMAP
        if ((ecx & 1 << 2) != 0) cr4 |= 1 << 11;                // UMIP
        shim->AddCr4(cr4);
        uint features = (ebx & 1 << 20) != 0 ? FeatureSmap : 0;
        if ((X86Base.CpuId(1, 0).Ecx & 1 << 30) != 0) features |= FeatureRdRand;
        shim->Cpu->Features |= features;
        FrameTable.UseWideBlocks(shim->CopyBlocks, shim->ClearBlocks);
    }
}
