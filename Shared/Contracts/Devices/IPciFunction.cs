// Configuration of one PCI function. The capability says which.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Shared.Abi;
using Shared.Contracts;

namespace Shared.Contracts.Devices;

/// <summary>
/// What the PCI task does for the driver of a function. PCI Local Bus Specification 3.0, 6.1.
/// </summary>
[Contract(id: 8, version: 1)]
public interface IPciFunction
{
    /// <summary>
    /// Four bytes at 0, 4, ... 252. BadArgument for another offset, NotFound without the function.
    /// </summary>
    [Op(1), Idempotent] Result<uint> ReadConfig(uint offset);

    /// <summary>What the function answers to, and whether it moves data by itself.</summary>
    [Op(2), Idempotent] Status SetAccess(PciAccess access);
}

/// <summary>Bits of the command register; section 6.2.2.</summary>
[Flags]
public enum PciAccess : uint
{
    None = 0,
    Ports = 1,
    Memory = 2,
    /// <summary>Only after the device was reset: it goes on where it was.</summary>
    BusMaster = 4,
    All = 7,
}

public enum PciBarKind : byte { None = 0, Ports = 1, Memory = 2 }

/// <summary>A base address register, decoded.</summary>
[StructLayout(LayoutKind.Sequential, Size = 24)]
public record struct PciBar
{
    /// <summary>First port, or physical address.</summary>
    public ulong First;
    public ulong LengthBytes;
    public PciBarKind Kind;
}

/// <summary>What the supervisor must know of a function to give its driver what it needs.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16 + PciBars.Count * 24)]
public record struct PciFunctionInfo
{
    public const byte NoLine = 0xFF;

    /// <summary>Bus in bits 8 to 15, device in bits 3 to 7, function in bits 0 to 2.</summary>
    public ushort Address;
    public ushort Vendor;
    public ushort Device;
    public byte BaseClass;
    public byte Subclass;
    public byte Interface;
    /// <summary>Of the interrupt controller, as the firmware has wired it; or NoLine.</summary>
    public byte InterruptLine;
    public PciBars Bars;

    public override readonly string ToString() =>
        $"{Address >> 8:x2}:{Address >> 3 & 31:x2}.{Address & 7}";
}

[InlineArray(Count)]
public struct PciBars
{
    public const int Count = 6;
    private PciBar _first;
}
