// Lines that were entered before, newest last, and where the user is in them. Pure.

using System;
using System.Collections.Generic;

namespace Servers.Console.Editing;

public sealed class History
{
    public const int Capacity = 200;

    private readonly List<byte[]> _lines = [];
    private byte[] _unfinished = [];
    private int _position;

    /// <summary>Number of the oldest line that is kept; numbers grow from 1.</summary>
    public ulong FirstNumber { get; private set; } = 1;
    public ulong EndNumber => FirstNumber + (ulong)_lines.Count;
    /// <summary>The line that was being typed when browsing began.</summary>
    public ReadOnlySpan<byte> Unfinished => _unfinished;
    public int Position => _position;

    public ReadOnlySpan<byte> Line(ulong number) => _lines[(int)(number - FirstNumber)];

    /// <summary>Puts back what an earlier incarnation has kept, oldest first.</summary>
    public void Restore(ulong number, ReadOnlySpan<byte> line)
    {
        if (_lines.Count == 0) FirstNumber = number;
        _lines.Add(line.ToArray());
    }

    /// <summary>Puts back where the user was; after the lines.</summary>
    public void Restore(int position, ReadOnlySpan<byte> unfinished)
    {
        _position = Math.Clamp(position, 0, _lines.Count);
        _unfinished = unfinished.ToArray();
    }

    /// <summary>
    /// Keeps a line, unless it is empty or the same as the newest; ends browsing.
    /// </summary>
    public void Add(ReadOnlySpan<byte> line)
    {
        bool isRepeated = _lines.Count != 0 && line.SequenceEqual(_lines[^1]);
        if (!line.IsEmpty && !isRepeated)
        {
            if (_lines.Count == Capacity)
            {
                _lines.RemoveAt(0);
                FirstNumber++;
            }
            _lines.Add(line.ToArray());
        }
        _position = _lines.Count;
    }

    /// <summary>The line before; the one that is being typed is kept for the way back.</summary>
    public byte[]? Older(ReadOnlySpan<byte> current)
    {
        if (_position == 0) return null;
        if (_position == _lines.Count) _unfinished = current.ToArray();
        return _lines[--_position];
    }

    public byte[]? Newer()
    {
        if (_position == _lines.Count) return null;
        _position++;
        return _position == _lines.Count ? _unfinished : _lines[_position];
    }
}
