// What Boot/Shim.c leaves for the kernel, at the address that is Main's only argument.
//
// Layout is the shim's `hand_over`; Version changes with it. What the boot loader found is read
// here, from its own records (multiboot 1, 3.3), once: they lie in RAM that is given out later.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Runtime.InteropServices;
using CosmosKernel.Arch;
using Shared.Abi;

namespace CosmosKernel.Boot;

[StructLayout(LayoutKind.Sequential)]
public unsafe struct HandOver
{
    public const ulong ExpectedVersion = 0x434F534D4F530005;
    private const int CommandLineWord = 4, ModuleCountWord = 5, ModulesWord = 6;
    private const int MapBytesWord = 11, MapWord = 12, WordsOfModule = 4;
    private const uint UsableRam = 1;

    public ulong Version;
    public delegate* unmanaged[SuppressGCTransition]<UserFrame*, uint> Resume;
    public delegate* unmanaged[SuppressGCTransition]<void> Idle;
    public delegate* unmanaged[SuppressGCTransition]<ulong> ReadTsc;
    /// <summary>Nanoseconds since TscFirst.</summary>
    public delegate* unmanaged[SuppressGCTransition]<ulong> ReadNs;
    public delegate* unmanaged[SuppressGCTransition]<ulong> Random;
    /// <summary>Port, width in bytes (and <see cref="PortWrite"/>), value.</summary>
    public delegate* unmanaged[SuppressGCTransition]<uint, uint, uint, uint> UsePort;
    public delegate* unmanaged[SuppressGCTransition]<ulong, void> Invalidate;
    public delegate* unmanaged[SuppressGCTransition]<ulong, void> LoadRoot;
    public delegate* unmanaged[SuppressGCTransition]<ulong, void> AddCr4;
    /// <summary>From, to and number of blocks of 256 bytes; null without AVX.</summary>
    public delegate* unmanaged[SuppressGCTransition]<byte*, byte*, ulong, void> CopyBlocks;
    public delegate* unmanaged[SuppressGCTransition]<byte*, ulong, void> ClearBlocks;
    /// <summary>For ReadNs; the clock sets them. The second is times 2^32.</summary>
    public ulong TscFirst, NsPerTick;
    public Cpu* Cpu;
    public ulong Root;
    /// <summary>Page directory pointers of the direct map, one entry a GiB.</summary>
    internal ulong* DirectMap;
    private uint* _multiboot;
    private ulong _shimEnd, _heapFirst;

    /// <summary>To be added to the width.</summary>
    public const uint PortWrite = 8;

    /// <summary>Safety: the shim's only argument is the address of its record.</summary>
    public static HandOver* Find(string[] arguments) =>
        (HandOver*)ulong.Parse(arguments[0], NumberStyles.HexNumber);

    /// <summary>The kernel's own image comes first and is not listed.</summary>
    public BootInfo ToBootInfo()
    {
        // Safety: the boot loader has filled these tables, and nobody writes to them.
        var images = new BootImage[_multiboot[ModuleCountWord] - 1];
        for (int i = 0; i < images.Length; i++)
        {
            uint* module = (uint*)Direct(_multiboot[ModulesWord]) + WordsOfModule * (i + 1);
            images[i] = new BootImage(NameOf(TextAt(module[2])), module[0], module[1] - module[0]);
        }
        RamRange[] installed = ReadRam();
        RamRange[] ram = RamMap.Without(installed, Taken());
        return new BootInfo(ram, images, TextAt(_multiboot[CommandLineWord]).ToArray())
        {
            Installed = installed,
        };
    }

    /// <summary>Never C#'s: the firmware's low memory, shim, kernel, heap, archive.</summary>
    private RamRange[] Taken()
    {
        // Safety: as above.
        var taken = new List<RamRange>
        {
            new(0, _shimEnd),
            new(_heapFirst, Cpu->HeapEnd - _heapFirst),
        };
        uint* module = (uint*)Direct(_multiboot[ModulesWord]);
        for (uint i = 0; i < _multiboot[ModuleCountWord]; i++, module += WordsOfModule)
        {
            taken.Add(new RamRange(module[0], module[1] - module[0]));
        }
        return [.. taken];
    }

    private RamRange[] ReadRam()
    {
        // Safety: as above; each row says how long it is, without that word.
        var ram = new List<RamRange>();
        byte* row = Direct(_multiboot[MapWord]), end = row + _multiboot[MapBytesWord];
        for (; row < end; row += *(uint*)row + sizeof(uint))
        {
            if (*(uint*)(row + 20) != UsableRam) continue;
            ram.Add(new RamRange(*(ulong*)(row + 4), *(ulong*)(row + 12)));
        }
        return RamMap.WholePages(ram);
    }

    // Safety: the first 4 GiB of physical memory are mapped from the start.
    private static byte* Direct(uint physical) => (byte*)AddressMap.DirectMap + physical;

    // Safety: the boot loader ends its texts with a zero.
    private static ReadOnlySpan<byte> TextAt(uint physical) =>
        MemoryMarshal.CreateReadOnlySpanFromNullTerminated(Direct(physical));

    /// <summary>
    /// A module's string is a path and arguments; the file's own name is the image's.
    /// </summary>
    private static byte[] NameOf(ReadOnlySpan<byte> text)
    {
        int space = text.IndexOf((byte)' ');
        if (space >= 0) text = text[..space];
        return text[(text.LastIndexOf((byte)'/') + 1)..].ToArray();
    }
}
