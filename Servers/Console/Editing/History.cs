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

    /// <summary>
    /// Keeps a line, unless it is empty or the same as the newest; ends browsing.
    /// </summary>
    public void Add(ReadOnlySpan<byte> line)
    {
        bool isRepeated = _lines.Count != 0 && line.SequenceEqual(_lines[^1]);
        if (!line.IsEmpty && !isRepeated)
        {
            if (_lines.Count == Capacity) _lines.RemoveAt(0);
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
