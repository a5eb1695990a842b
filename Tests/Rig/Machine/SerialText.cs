// Turns the bytes of a serial line into the text that a person would see on a terminal.
//
// Rules: knows carriage return, backspace, and the few escape sequences of line editing (cursor
// left and right, erase); drops all others. Finished lines never change again.

using System;
using System.Collections.Generic;
using System.Text;

namespace Tests.Rig.Machine;

public sealed class SerialText
{
    private enum State { Text, Escape, Sequence }

    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly List<string> _lines = [];
    private readonly StringBuilder _current = new();
    private readonly StringBuilder _parameters = new();
    private int _column;
    private State _state;

    /// <summary>Lines that ended in a line feed.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>The line in which the cursor is.</summary>
    public string Current => _current.ToString();

    public void Add(ReadOnlySpan<byte> bytes)
    {
        char[] characters = new char[bytes.Length + 1];
        int count = _decoder.GetChars(bytes, characters, flush: false);
        foreach (char character in characters.AsSpan(0, count)) Add(character);
    }

    private void Add(char character)
    {
        switch (_state)
        {
            case State.Escape:
                _state = character == '[' ? State.Sequence : State.Text;
                _parameters.Clear();
                break;
            case State.Sequence when character is >= '@' and <= '~':
                _state = State.Text;
                Obey(character);
                break;
            case State.Sequence:
                _parameters.Append(character);
                break;
            default:
                Show(character);
                break;
        }
    }

    private void Show(char character)
    {
        switch (character)
        {
            case '\e':
                _state = State.Escape;
                break;
            case '\r':
                _column = 0;
                break;
            case '\b':
                _column = Math.Max(0, _column - 1);
                break;
            case '\n':
                _lines.Add(_current.ToString());
                _current.Clear();
                _column = 0;
                break;
            case '\t':
            case >= ' ' and not '\x7f':
                Put(character);
                break;
        }
    }

    private void Put(char character)
    {
        if (_column < _current.Length) _current[_column] = character;
        else _current.Append(' ', _column - _current.Length).Append(character);
        _column++;
    }

    private void Obey(char command)
    {
        int.TryParse(_parameters.ToString(), out int number);
        int step = Math.Max(1, number);
        switch (command)
        {
            case 'C':
                _column += step;
                break;
            case 'D':
                _column = Math.Max(0, _column - step);
                break;
            case 'G':
                _column = step - 1;
                break;
            case 'K' when number == 2:
                _current.Clear();
                break;
            case 'K' or 'J' when number == 0 && _column < _current.Length:
                _current.Length = _column;
                break;
        }
    }
}
