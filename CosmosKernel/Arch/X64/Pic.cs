// The two 8259 interrupt controllers: lines 0..15 as vectors 32..47, all masked at first.
//
// A line is masked when it fires and acknowledged at once; its driver unmasks it when it is done.
// So an edge that comes meanwhile is kept by the controller, and a level cannot storm.

namespace CosmosKernel.Arch.X64;

public sealed class Pic
{
    private const ushort PrimaryCommand = 0x20, PrimaryData = 0x21;
    private const ushort SecondaryCommand = 0xA0, SecondaryData = 0xA1;
    private const uint ReadInService = 0x0B, SpecificEnd = 0x60, CascadeLine = 2;

    private readonly X64Machine _machine;
    private uint _masked = 0xFFFF & ~(1u << (int)CascadeLine);

    public Pic(X64Machine machine)
    {
        _machine = machine;
        // Initialisation words of the 8259A: edge, cascade, base vector, wiring, 8086 mode.
        Write(PrimaryCommand, 0x11);
        Write(PrimaryData, 32);
        Write(PrimaryData, 1 << (int)CascadeLine);
        Write(PrimaryData, 1);
        Write(SecondaryCommand, 0x11);
        Write(SecondaryData, 40);
        Write(SecondaryData, CascadeLine);
        Write(SecondaryData, 1);
        WriteMasks();
    }

    public void Mask(int line)
    {
        if ((_masked >> line & 1) != 0) return;
        _masked |= 1u << line;
        WriteMask(line);
    }

    public void Unmask(int line)
    {
        if (line == CascadeLine) return;
        _masked &= ~(1u << line);
        WriteMask(line);
    }

    /// <summary>Of the lines that fired, those that are real; they are masked now.</summary>
    public uint Acknowledge(uint lines)
    {
        uint real = 0;
        for (int line = 0; lines >> line != 0; line++)
        {
            if ((lines >> line & 1) == 0 || IsSpurious(line)) continue;
            real |= 1u << line;
            Mask(line);
            if (line >= 8) Write(SecondaryCommand, SpecificEnd | (uint)line - 8);
            Write(PrimaryCommand, SpecificEnd | (line >= 8 ? CascadeLine : (uint)line));
        }
        return real;
    }

    /// <summary>A line that went away too early shows as 7 or 15 and is not in service.</summary>
    private bool IsSpurious(int line)
    {
        if (line != 7 && line != 15) return false;
        ushort command = line == 7 ? PrimaryCommand : SecondaryCommand;
        Write(command, ReadInService);
        if ((_machine.ReadPort(command, 1) & 0x80) != 0) return false;
        if (line == 15) Write(PrimaryCommand, SpecificEnd | CascadeLine);
        return true;
    }

    private void WriteMasks()
    {
        WriteMask(0);
        WriteMask(8);
    }

    private void WriteMask(int line)
    {
        if (line < 8) Write(PrimaryData, _masked & 0xFF);
        else Write(SecondaryData, _masked >> 8);
    }

    private void Write(ushort port, uint value) => _machine.WritePort(port, 1, value);
}
