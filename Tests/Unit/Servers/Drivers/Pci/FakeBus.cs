// Configuration space of a machine that a test has put together.

using System.Collections.Generic;
using Servers.Drivers.Pci;

namespace Tests.Unit.Servers.Drivers.Pci;

/// <summary>A register of a function: which of its bits can be written.</summary>
internal sealed class FakeFunction
{
    private readonly uint[] _words = new uint[64];
    private readonly uint[] _writable = new uint[64];

    public FakeFunction(uint identity, uint classCode, byte headerType = 0, byte line = 11)
    {
        this[0x00] = identity;
        this[0x08] = classCode << 8;
        this[0x0C] = (uint)headerType << 16;
        this[0x3C] = line;
        _writable[1] = 0x407;
    }

    public uint this[uint offset]
    {
        get => _words[offset / 4];
        set => _words[offset / 4] = value;
    }

    /// <summary>A register of so many bytes at the address; kind in the low bits.</summary>
    public FakeFunction WithBar(int number, uint value, uint lengthBytes)
    {
        uint flags = (value & 1) != 0 ? 3u : 15u;
        _writable[4 + number] = ~(lengthBytes - 1) & ~flags;
        this[(uint)(0x10 + 4 * number)] = value;
        return this;
    }

    /// <summary>The register above one of 64 bits.</summary>
    public FakeFunction WithUpperHalf(int number, uint value)
    {
        _writable[4 + number] = uint.MaxValue;
        return With((uint)(0x10 + 4 * number), value);
    }

    public FakeFunction With(uint offset, uint value)
    {
        this[offset] = value;
        return this;
    }

    public void Write(uint offset, uint value)
    {
        uint mask = _writable[offset / 4];
        this[offset] = this[offset] & ~mask | value & mask;
    }
}

internal sealed class FakeBus : IConfigSpace
{
    public Dictionary<ushort, FakeFunction> Functions { get; } = [];
    /// <summary>Places that were written, in order.</summary>
    public List<(ushort Function, uint Offset, uint Value)> Writes { get; } = [];

    public void Add(int bus, int device, int function, FakeFunction added) =>
        Functions[(ushort)(bus << 8 | device << 3 | function)] = added;

    public uint Read(ushort function, uint offset) =>
        Functions.TryGetValue(function, out FakeFunction? found) ? found[offset] : uint.MaxValue;

    public void Write(ushort function, uint offset, uint value)
    {
        Writes.Add((function, offset, value));
        if (Functions.TryGetValue(function, out FakeFunction? found)) found.Write(offset, value);
    }
}
