// Port ranges and interrupt lines that drivers hold. Made at boot; freed with the last capability.
//
// Device memory is a Memory object (Memory/MemoryObjectTable.cs).

using CosmosKernel.Ipc;
using Shared.Abi;

namespace CosmosKernel.Devices;

public struct PortRange
{
    public ushort First;
    public uint Count;
    public int References;
}

public struct InterruptLine
{
    public int References;
    public Notification? Notification;
    public ulong Bits;
}

public sealed class DeviceTable(Kernel kernel)
{
    public const int LineCount = 16;

    private readonly PortRange[] _ports = new PortRange[Limits.PortRanges];
    private readonly InterruptLine[] _lines = new InterruptLine[LineCount];

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

    /// <summary>Signals the notification from now on; the line is unmasked.</summary>
    public void Bind(int line, Notification notification, ulong bits)
    {
        kernel.Notifications.AddReference(notification);
        Unbind(line);
        _lines[line].Notification = notification;
        _lines[line].Bits = bits;
        kernel.Machine.UnmaskInterrupt(line);
    }

    /// <summary>The driver has seen to its device: the next interrupt may come.</summary>
    public void Acknowledge(int line)
    {
        if (_lines[line].Notification is not null) kernel.Machine.UnmaskInterrupt(line);
    }

    /// <summary>Lines that fired; the machine has masked them.</summary>
    public void Fired(uint lines)
    {
        for (int line = 0; lines >> line != 0; line++)
        {
            if ((lines >> line & 1) == 0) continue;
            if (_lines[line].Notification is { } notification)
                kernel.Notifications.Signal(notification, _lines[line].Bits);
        }
    }

    public void AddReference(ObjectType type, int index)
    {
        if (type == ObjectType.IoPorts) _ports[index].References++;
        else if (type == ObjectType.Interrupt) _lines[index].References++;
    }

    public void ReleaseReference(ObjectType type, int index)
    {
        if (type == ObjectType.IoPorts) _ports[index].References--;
        else if (type == ObjectType.Interrupt && --_lines[index].References == 0) Unbind(index);
    }

    private void Unbind(int line)
    {
        if (_lines[line].Notification is not { } notification) return;
        kernel.Machine.MaskInterrupt(line);
        _lines[line] = new InterruptLine { References = _lines[line].References };
        kernel.Notifications.Release(notification);
    }
}
