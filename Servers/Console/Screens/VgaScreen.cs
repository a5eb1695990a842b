// An 80 by 25 text screen that understands the ANSI sequences our programs use.
//
// Pure: it keeps its cells and says which rows have changed; VgaDevice.cs copies them to the card.
// A backspace in the first column goes to the end of the row above: the line editor counts on it.

using System;
using System.Text;

namespace Servers.Console.Screens;

public sealed class VgaScreen
{
    public const int Columns = 80;
    public const int Rows = 25;

    private const byte UsualColour = 0x07;
    private const int MaxParameter = 999;

    private enum Escape { None, Started, Bracket }

    // Order of ANSI colours in the order of the card's.
    private static ReadOnlySpan<byte> CardColours => [0, 4, 2, 6, 1, 5, 3, 7];

    private readonly ushort[] _cells = new ushort[Columns * Rows];
    private readonly int[] _parameters = new int[8];
    private int _parameterCount;
    private Escape _escape;
    private byte _colour = UsualColour;
    private bool _isReverse;
    private readonly byte[] _sequence = new byte[4];
    private int _sequenceLength;

    public VgaScreen() => _cells.AsSpan().Fill(Blank);

    /// <summary>Character in the low byte, colours in the high one, row by row.</summary>
    public ReadOnlySpan<ushort> Cells => _cells;
    public int Row { get; private set; }
    public int Column { get; private set; }

    /// <summary>Rows that have changed since MarkClean, as bits.</summary>
    public uint DirtyRows { get; private set; } = (1u << Rows) - 1;

    public void MarkClean() => DirtyRows = 0;

    /// <summary>
    /// Goes on with what a card shows; a cursor that is nowhere goes to the last row.
    /// </summary>
    public void Adopt(ReadOnlySpan<ushort> cells, int cursor)
    {
        cells[.._cells.Length].CopyTo(_cells);
        bool isOnScreen = cursor >= 0 && cursor < _cells.Length;
        Row = isOnScreen ? cursor / Columns : Rows - 1;
        Column = isOnScreen ? cursor % Columns : 0;
    }

    private ushort Blank => (ushort)(' ' | Colour << 8);
    private byte Colour => _isReverse ? (byte)(_colour >> 4 & 7 | (_colour & 7) << 4) : _colour;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes) Write(value);
    }

    private void Write(byte value)
    {
        switch (_escape)
        {
            case Escape.Started:
                _escape = value == '[' ? Escape.Bracket : Escape.None;
                _parameterCount = 0;
                _parameters.AsSpan().Clear();
                return;
            case Escape.Bracket:
                WriteBracket(value);
                return;
        }
        if (value >= 0x80)
        {
            WriteUtf8(value);
            return;
        }
        _sequenceLength = 0;
        switch (value)
        {
            case 0x1B: _escape = Escape.Started; break;
            case (byte)'\r': Column = 0; break;
            case (byte)'\n': LineFeed(); break;
            case (byte)'\b': Backspace(); break;
            case (byte)'\t': Column = Math.Min((Column + 8) & ~7, Columns - 1); break;
            case >= 0x20 and < 0x7F: Put(value); break;
        }
    }

    private void WriteBracket(byte value)
    {
        int index = Math.Min(_parameterCount, _parameters.Length - 1);
        switch (value)
        {
            case >= (byte)'0' and <= (byte)'9':
                _parameters[index] = Math.Min(_parameters[index] * 10 + value - '0', MaxParameter);
                return;
            case (byte)';':
                _parameterCount++;
                return;
            case < 0x40:
                return;
        }
        _escape = Escape.None;
        _parameterCount = index + 1;
        Run(value);
    }

    private void Run(byte command)
    {
        int first = _parameters[0];
        int count = Math.Max(first, 1);
        switch (command)
        {
            case (byte)'A': MoveTo(Row - count, Column); break;
            case (byte)'B': MoveTo(Row + count, Column); break;
            case (byte)'C': MoveTo(Row, Column + count); break;
            case (byte)'D': MoveTo(Row, Column - count); break;
            case (byte)'G': MoveTo(Row, count - 1); break;
            case (byte)'H' or (byte)'f': MoveTo(count - 1, Math.Max(_parameters[1], 1) - 1); break;
            case (byte)'J': Erase(first, Columns * Rows, 0); break;
            case (byte)'K': Erase(first, (Row + 1) * Columns, Row * Columns); break;
            case (byte)'m': SetColours(); break;
        }
    }

    /// <summary>Mode 0 from the cursor to the end, 1 from the start to the cursor, 2 all.</summary>
    private void Erase(int mode, int end, int start)
    {
        int cursor = Row * Columns + Column;
        (int from, int to) = mode switch
        {
            0 => (cursor, end),
            1 => (start, cursor + 1),
            _ => (start, end),
        };
        _cells.AsSpan(from..to).Fill(Blank);
        for (int row = from / Columns; row * Columns < to; row++) DirtyRows |= 1u << row;
    }

    private void SetColours()
    {
        foreach (int parameter in _parameters.AsSpan(0, _parameterCount))
        {
            switch (parameter)
            {
                case 0: _colour = UsualColour; _isReverse = false; break;
                case 1: _colour |= 0x08; break;
                case 7: _isReverse = true; break;
                case 22: _colour &= 0xF7; break;
                case 27: _isReverse = false; break;
                case >= 30 and <= 37: SetForeground(CardColours[parameter - 30]); break;
                case 39: SetForeground(UsualColour); break;
                case >= 40 and <= 47: SetBackground(CardColours[parameter - 40]); break;
                case 49: SetBackground(0); break;
                case >= 90 and <= 97: SetForeground((byte)(CardColours[parameter - 90] | 8)); break;
            }
        }
    }

    // Intensity (1) is kept apart from colour, in bit 3.
    private void SetForeground(byte colour) => _colour = (byte)(_colour & 0xF8 | colour);

    private void SetBackground(byte colour) => _colour = (byte)(_colour & 0x0F | colour << 4);

    private void WriteUtf8(byte value)
    {
        if (value >= 0xC0 || _sequenceLength == _sequence.Length) _sequenceLength = 0;
        _sequence[_sequenceLength++] = value;
        System.Buffers.OperationStatus status = Rune.DecodeFromUtf8(
            _sequence.AsSpan(0, _sequenceLength), out Rune rune, out _);
        if (status == System.Buffers.OperationStatus.NeedMoreData) return;
        _sequenceLength = 0;
        bool isCharacter = status == System.Buffers.OperationStatus.Done;
        Put(isCharacter ? CardFont.Glyph(rune) : CardFont.Unknown);
    }

    private void Put(byte glyph)
    {
        if (Column == Columns)
        {
            Column = 0;
            LineFeed();
        }
        _cells[Row * Columns + Column++] = (ushort)(glyph | Colour << 8);
        DirtyRows |= 1u << Row;
    }

    private void Backspace()
    {
        if (Column > 0) Column--;
        else if (Row > 0) MoveTo(Row - 1, Columns - 1);
    }

    private void LineFeed()
    {
        if (Row < Rows - 1)
        {
            Row++;
            return;
        }
        _cells.AsSpan(Columns).CopyTo(_cells);
        _cells.AsSpan(Columns * (Rows - 1)).Fill(Blank);
        DirtyRows = (1u << Rows) - 1;
    }

    private void MoveTo(int row, int column)
    {
        Row = Math.Clamp(row, 0, Rows - 1);
        Column = Math.Clamp(column, 0, Columns - 1);
    }
}
