// Remembers in which column the terminal's cursor is, so that a prompt can start on a fresh line.
//
// Pure. It only has to be right about column 0: sequences are skipped, wide characters count one.

using System;
using Shared.Sdk.Vaults;

namespace Servers.Console.Screens;

public sealed class ColumnTracker
{
    private bool _isEscape;
    private bool _isBracket;

    public int Column { get; private set; }

    public void Keep(ref RecordWriter writer)
    {
        writer.Number((ulong)Column);
        writer.Number((_isEscape ? 1UL : 0) | (_isBracket ? 2UL : 0));
    }

    public void Restore(ref RecordReader reader)
    {
        Column = (int)reader.Number();
        ulong flags = reader.Number();
        _isEscape = (flags & 1) != 0;
        _isBracket = (flags & 2) != 0;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes) Write(value);
    }

    private void Write(byte value)
    {
        if (_isBracket)
        {
            if (value >= 0x40) _isBracket = false;
            if (value == 'H') Column = 0;
            return;
        }
        if (_isEscape)
        {
            _isEscape = false;
            _isBracket = value == '[';
            return;
        }
        switch (value)
        {
            case 0x1B: _isEscape = true; break;
            case (byte)'\r' or (byte)'\n': Column = 0; break;
            case (byte)'\b': Column = Math.Max(Column - 1, 0); break;
            case >= 0x20 and < 0x80 or >= 0xC0: Column++; break;
        }
    }
}
