// What the boot shim found: memory, images and the command line. Filled once, before the kernel.
//
// On the host a test makes its own; nothing here knows how it was learnt (see HandOver.cs).

namespace CosmosKernel.Boot;

/// <summary>
/// RAM that the kernel's frame table may own. Both numbers are multiples of a page.
/// </summary>
public readonly record struct RamRange(ulong PhysicalFirst, ulong LengthBytes)
{
    public ulong PhysicalEnd => PhysicalFirst + LengthBytes;
}

/// <summary>
/// One file of the boot archive. Its frames lie outside every <see cref="RamRange"/>, start at a
/// page boundary, and are never reused, so its text can be mapped in place.
/// </summary>
public sealed class BootImage(byte[] name, ulong physicalFirst, ulong lengthBytes)
{
    /// <summary>UTF-8, without path.</summary>
    public readonly byte[] Name = name;
    public readonly ulong PhysicalFirst = physicalFirst;
    public readonly ulong LengthBytes = lengthBytes;
}

public sealed class BootInfo(RamRange[] ram, BootImage[] images, byte[] commandLine)
{
    /// <summary>What the frame table owns. Ascending, without overlap.</summary>
    public readonly RamRange[] Ram = ram;
    /// <summary>All RAM, also what kernel and archive lie in. Ascending, without overlap.</summary>
    public RamRange[] Installed { get; init; } = ram;
    /// <summary>The kernel's own image is not among them; the first is the first process.</summary>
    public readonly BootImage[] Images = images;
    /// <summary>UTF-8; words are separated by spaces.</summary>
    public readonly byte[] CommandLine = commandLine;

    /// <summary>Physical address after the last byte of RAM.</summary>
    public ulong RamEnd => Installed.Length == 0 ? 0 : Installed[^1].PhysicalEnd;
}
