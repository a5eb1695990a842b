// Copies the screen's changed rows to the card, and moves the card's cursor.
//
// A new incarnation goes on with what the card shows.

using System;
using System.Runtime.InteropServices;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Native;

namespace Servers.Console.Screens;

public sealed class VgaDevice
{
    private const ushort Index = 0x3D4;
    private const ushort Value = 0x3D5;
    private const uint CursorHigh = 0x0E;
    private const uint CursorLow = 0x0F;
    /// <summary>What ports answer that nothing listens on.</summary>
    private const uint NoCard = 0xFFFF;

    private readonly IKernel _kernel;
    private readonly Handle _ports;
    private readonly MappedMemory _memory;
    private readonly VgaScreen _screen = new();
    private int _cursor = -1;

    private VgaDevice(IKernel kernel, Handle ports, MappedMemory memory)
    {
        _kernel = kernel;
        _ports = ports;
        _memory = memory;
    }

    /// <summary>Null when the machine has no screen.</summary>
    public static VgaDevice? Open(IKernel kernel, Handle ports, Handle memory)
    {
        if (ports.IsNone || memory.IsNone) return null;
        Result<MappedMemory> mapped = MappedMemory.Map(
            kernel, memory, Limits.PageBytes, Rights.Read | Rights.Write);
        if (!mapped.IsOk) return null;
        VgaDevice device = new(kernel, ports, mapped.Value);
        uint cursor = device.ReadCursor(CursorHigh) << 8 | device.ReadCursor(CursorLow);
        if (cursor == NoCard)
        {
            mapped.Value.Dispose();
            return null;
        }
        device._screen.Adopt(device.Cells, (int)cursor);
        return device;
    }

    public void Write(ReadOnlySpan<byte> bytes) => _screen.Write(bytes);

    public void Flush()
    {
        for (int row = 0; row < VgaScreen.Rows; row++)
        {
            if ((_screen.DirtyRows & 1u << row) == 0) continue;
            Range range = (row * VgaScreen.Columns)..((row + 1) * VgaScreen.Columns);
            _screen.Cells[range].CopyTo(Cells[range]);
        }
        _screen.MarkClean();
        int cursor = _screen.Row * VgaScreen.Columns
            + Math.Min(_screen.Column, VgaScreen.Columns - 1);
        if (cursor == _cursor) return;
        _cursor = cursor;
        WriteCursor(CursorHigh, (uint)cursor >> 8);
        WriteCursor(CursorLow, (uint)cursor & 0xFF);
    }

    private Span<ushort> Cells => MemoryMarshal.Cast<byte, ushort>(_memory.Bytes)
        [..(VgaScreen.Columns * VgaScreen.Rows)];

    private uint ReadCursor(uint register)
    {
        _kernel.PortWrite(_ports, Index, 1, register);
        return _kernel.PortRead(_ports, Value, 1).Value & 0xFF;
    }

    private void WriteCursor(uint register, uint value)
    {
        _kernel.PortWrite(_ports, Index, 1, register);
        _kernel.PortWrite(_ports, Value, 1, value);
    }
}
