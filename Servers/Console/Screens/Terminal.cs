// Everything the user sees: the serial line, and the screen when there is one. Both show the same.

using System;
using System.Collections.Generic;

namespace Servers.Console.Screens;

public sealed class Terminal(Action<ReadOnlySpan<byte>> send, VgaDevice? screen)
{
    private readonly ColumnTracker _tracker = new();
    private readonly List<byte> _text = [];
    private bool _wasReturn;
    private bool _isUnknown;

    /// <summary>0 when the cursor is on a fresh line.</summary>
    public int Column => _isUnknown ? 1 : _tracker.Column;

    /// <summary>An earlier incarnation may have left the cursor anywhere.</summary>
    public void ForgetColumn() => _isUnknown = true;

    /// <summary>Bytes as they are: echo, sequences.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        _isUnknown = false;
        _tracker.Write(bytes);
        send(bytes);
        screen?.Write(bytes);
    }

    /// <summary>Text of programs: a line feed goes to the start of the next line.</summary>
    public void WriteText(ReadOnlySpan<byte> text)
    {
        _text.Clear();
        foreach (byte value in text)
        {
            if (value == '\n' && !_wasReturn) _text.Add((byte)'\r');
            _wasReturn = value == '\r';
            _text.Add(value);
        }
        Write(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_text));
    }

    public void Flush() => screen?.Flush();
}
