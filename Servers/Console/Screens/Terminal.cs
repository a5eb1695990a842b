// Everything the user sees: the serial line, and the screen when there is one. Both show the same.

using System;
using System.Collections.Generic;
using Shared.Sdk.Vaults;

namespace Servers.Console.Screens;

public sealed class Terminal(Action<ReadOnlySpan<byte>> send, VgaDevice? screen)
{
    private readonly ColumnTracker _tracker = new();
    private readonly List<byte> _text = [];
    private bool _wasReturn;
    private bool _isUnknown;

    /// <summary>0 when the cursor is on a fresh line.</summary>
    public int Column => _isUnknown ? 1 : _tracker.Column;

    /// <summary>Somebody without a vault may have left the cursor anywhere.</summary>
    public void ForgetColumn() => _isUnknown = true;

    public void Keep(ref RecordWriter writer)
    {
        _tracker.Keep(ref writer);
        writer.Number((_wasReturn ? 1UL : 0) | (_isUnknown ? 2UL : 0));
    }

    public void Restore(ref RecordReader reader)
    {
        _tracker.Restore(ref reader);
        ulong flags = reader.Number();
        _wasReturn = (flags & 1) != 0;
        _isUnknown = (flags & 2) != 0;
    }

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
