// What Boot/Shim.c leaves for the kernel, at the address that is Main's only argument.
//
// Layout is the shim's `hand_over`; Version changes with it.

using System;
using System.Runtime.InteropServices;
using CosmosKernel.Arch;

namespace CosmosKernel.Boot;

[StructLayout(LayoutKind.Sequential)]
public unsafe struct HandOver
{
    public const ulong ExpectedVersion = 0x434F534D4F530002;
    private const int MaxRam = 32;

    public ulong Version;
    public delegate* unmanaged[SuppressGCTransition]<UserFrame*, uint> Resume;
    public delegate* unmanaged[SuppressGCTransition]<void> Idle;
    public delegate* unmanaged[SuppressGCTransition]<ulong> ReadTsc;
    /// <summary>Nanoseconds since TscFirst.</summary>
    public delegate* unmanaged[SuppressGCTransition]<ulong> ReadNs;
    public delegate* unmanaged[SuppressGCTransition]<ulong> Random;
    public delegate* unmanaged[SuppressGCTransition]<uint, uint, uint> ReadPort;
    public delegate* unmanaged[SuppressGCTransition]<uint, uint, uint, void> WritePort;
    public delegate* unmanaged[SuppressGCTransition]<ulong, void> Invalidate;
    public delegate* unmanaged[SuppressGCTransition]<ulong, void> LoadRoot;
    /// <summary>For ReadNs; the clock sets them. The second is times 2^32.</summary>
    public ulong TscFirst, NsPerTick;
    public Cpu* Cpu;
    public ulong Root;
    private byte* _commandLine;
    private ulong _commandLineBytes;
    private ulong _ramCount, _imageCount;
    private fixed ulong _ram[MaxRam * 2];
    /// <summary>The first of the rows name, length of name, first, length; more follow.</summary>
    private ulong _firstImage;

    /// <summary>The kernel's own image comes first and is not listed.</summary>
    public BootInfo ToBootInfo()
    {
        // Safety: the shim has filled these tables, and nobody writes to them again.
        var ram = new RamRange[_ramCount];
        for (int i = 0; i < ram.Length; i++) ram[i] = new RamRange(_ram[2 * i], _ram[2 * i + 1]);
        var images = new BootImage[_imageCount - 1];
        fixed (ulong* first = &_firstImage)
        {
            for (int i = 0; i < images.Length; i++)
            {
                ulong* row = first + 4 * (i + 1);
                images[i] = new BootImage(NameOf((byte*)row[0], (int)row[1]), row[2], row[3]);
            }
        }
        var commandLine = new ReadOnlySpan<byte>(_commandLine, (int)_commandLineBytes);
        return new BootInfo(ram, images, commandLine.ToArray());
    }

    /// <summary>
    /// A module's string is a path and arguments; the file's own name is the image's.
    /// </summary>
    private static byte[] NameOf(byte* text, int lengthBytes)
    {
        // Safety: the shim measured the string.
        var name = new ReadOnlySpan<byte>(text, lengthBytes);
        int space = name.IndexOf((byte)' ');
        if (space >= 0) name = name[..space];
        return name[(name.LastIndexOf((byte)'/') + 1)..].ToArray();
    }
}
