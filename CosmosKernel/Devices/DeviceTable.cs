// Port ranges and interrupt lines that drivers hold. Made at boot; freed with the last capability.
//
// Device memory is a Memory object (Memory/MemoryObjectTable.cs).

using Shared.Abi;

namespace CosmosKernel.Devices;

public struct PortRange
{
    public ushort First;
    public uint Count;
    public int References;
}

public sealed class DeviceTable
{
    public const int LineCount = 16;

    private readonly PortRange[] _ports = new PortRange[Limits.PortRanges];
    private readonly InterruptLine[] _lines = new InterruptLine[LineCount];

    public DeviceTable(Kernel kernel)
    {
        for (int line = 0; line < LineCount; line++) _lines[line] = new InterruptLine(kernel, line);
    }

    public InterruptLine Line(int number) => _lines[number];

    public ref readonly PortRange Ports(int index) => ref _ports[index];

    /// <summary>Index of a new range that nothing holds yet, or -1.</summary>
    public int CreatePorts(ushort first, uint count)
    {
        for (int index = 0; index < _ports.Length; index++)
        {
            if (_ports[index].References > 0) continue;
            _ports[index] = new PortRange { First = first, Count = count };
            return index;
        }
        return -1;
    }

    /// <summary>Whether an access of that width lies within the range.</summary>
    public bool Allows(int index, ulong port, ulong widthBytes) =>
        widthBytes is 1 or 2 or 4 && port >= _ports[index].First
        && port + widthBytes <= _ports[index].First + (ulong)_ports[index].Count;

    /// <summary>Lines that fired; the machine has masked them.</summary>
    public void Fired(uint lines)
    {
        for (int line = 0; lines >> line != 0; line++)
        {
            if (line < LineCount && (lines >> line & 1) != 0) _lines[line].Fired();
        }
    }

    /// <summary>The process is dead: no line waits for it.</summary>
    public void Forget(ProcessId process)
    {
        foreach (InterruptLine line in _lines) line.Forget(process);
    }

    public void AddReference(ObjectType type, int index)
    {
        if (type == ObjectType.IoPorts) _ports[index].References++;
        else if (type == ObjectType.Interrupt) _lines[index].References++;
    }

    public void ReleaseReference(ObjectType type, int index)
    {
        if (type == ObjectType.IoPorts) _ports[index].References--;
        else if (type == ObjectType.Interrupt && --_lines[index].References == 0)
            _lines[index].Clear();
    }
}
