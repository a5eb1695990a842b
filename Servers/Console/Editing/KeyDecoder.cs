// Turns bytes of a terminal into keys: UTF-8 characters, control keys, escape sequences.
//
// Pure. A byte that is no valid UTF-8 becomes a Text key of that one byte, so that nothing typed is
// lost or altered; what it means is the reader's affair.

using System;
using System.Collections.Generic;
using System.Text;
using Shared.Sdk.Vaults;

namespace Servers.Console.Editing;

public enum KeyKind : byte
{
    Text, Enter, Tab, Backspace, Delete, Left, Right, WordLeft, WordRight, Up, Down, Home, End,
    KillToEnd, KillToStart, KillWord, ClearScreen, Interrupt, EndOfInput,
}

/// <summary>A key; Bytes holds the UTF-8 of a Text key, first byte lowest.</summary>
public readonly record struct Key(KeyKind Kind, uint Bytes = 0, int LengthBytes = 0)
{
    public int CopyTo(Span<byte> target)
    {
        for (int i = 0; i < LengthBytes; i++) target[i] = (byte)(Bytes >> (8 * i));
        return LengthBytes;
    }
}

public sealed class KeyDecoder
{
    private enum Escape { None, Started, Bracket, Single }

    private const int MaxParameter = 1000;

    private Escape _escape;
    private int _parameter;
    private int _lastParameter;
    private uint _pending;
    private int _pendingLength;
    private int _pendingExpected;
    private bool _wasReturn;

    /// <summary>How far a key has come whose bytes are not all there.</summary>
    public void Keep(ref RecordWriter writer)
    {
        writer.Number((ulong)_escape);
        writer.Number((ulong)_parameter);
        writer.Number((ulong)_lastParameter);
        writer.Number(_pending);
        writer.Number((ulong)_pendingLength);
        writer.Number((ulong)_pendingExpected);
        writer.Number(_wasReturn ? 1UL : 0);
    }

    public void Restore(ref RecordReader reader)
    {
        _escape = (Escape)reader.Number();
        _parameter = (int)reader.Number();
        _lastParameter = (int)reader.Number();
        _pending = (uint)reader.Number();
        _pendingLength = (int)reader.Number() & 3;
        _pendingExpected = (int)reader.Number();
        _wasReturn = reader.Number() != 0;
    }

    /// <summary>Adds the keys that the byte completes: none, one, or two.</summary>
    public void Feed(byte value, List<Key> keys)
    {
        bool wasReturn = _wasReturn;
        _wasReturn = false;
        if (_escape != Escape.None)
        {
            FeedEscape(value, keys);
            return;
        }
        if (value >= 0x80)
        {
            FeedUtf8(value, keys);
            return;
        }
        FlushPending(keys);
        switch (value)
        {
            case (byte)'\n' when wasReturn:
                return;
            case 0x1B:
                _escape = Escape.Started;
                _parameter = _lastParameter = 0;
                return;
            case >= 0x20 and < 0x7F:
                keys.Add(new Key(KeyKind.Text, value, 1));
                return;
            default:
                _wasReturn = value == '\r';
                if (Control(value) is { } kind) keys.Add(new Key(kind));
                return;
        }
    }

    private static KeyKind? Control(byte value) => value switch
    {
        (byte)'\r' or (byte)'\n' => KeyKind.Enter,
        (byte)'\t' => KeyKind.Tab,
        0x7F or 0x08 => KeyKind.Backspace,
        0x01 => KeyKind.Home,
        0x02 => KeyKind.Left,
        0x03 => KeyKind.Interrupt,
        0x04 => KeyKind.EndOfInput,
        0x05 => KeyKind.End,
        0x06 => KeyKind.Right,
        0x0B => KeyKind.KillToEnd,
        0x0C => KeyKind.ClearScreen,
        0x0E => KeyKind.Down,
        0x10 => KeyKind.Up,
        0x15 => KeyKind.KillToStart,
        0x17 => KeyKind.KillWord,
        _ => null,
    };

    private void FeedEscape(byte value, List<Key> keys)
    {
        switch (_escape)
        {
            case Escape.Started when value == '[':
                _escape = Escape.Bracket;
                return;
            case Escape.Started when value == 'O':
                _escape = Escape.Single;
                return;
            case Escape.Bracket when value is >= (byte)'0' and <= (byte)'9':
                _lastParameter = Math.Min(_lastParameter * 10 + value - '0', MaxParameter);
                return;
            case Escape.Bracket when value == ';':
                _parameter = _lastParameter;
                _lastParameter = 0;
                return;
            case Escape.Bracket when value is >= 0x20 and < 0x40:
                return;
            case Escape.Bracket or Escape.Single when value is >= 0x40 and < 0x7F:
                _escape = Escape.None;
                if (Final(value) is { } kind) keys.Add(new Key(kind));
                return;
            default:
                // Not a sequence after all. Escape itself means nothing here; the key after it does
                // (so that Ctrl-C and Enter are never swallowed), except for a letter (Alt-x).
                _escape = Escape.None;
                if (value is < 0x20 or >= 0x7F) Feed(value, keys);
                return;
        }
    }

    private KeyKind? Final(byte value)
    {
        bool isWord = _lastParameter == 5 && _parameter != 0;
        return value switch
        {
            (byte)'A' => KeyKind.Up,
            (byte)'B' => KeyKind.Down,
            (byte)'C' => isWord ? KeyKind.WordRight : KeyKind.Right,
            (byte)'D' => isWord ? KeyKind.WordLeft : KeyKind.Left,
            (byte)'H' => KeyKind.Home,
            (byte)'F' => KeyKind.End,
            (byte)'~' => _lastParameter switch
            {
                1 or 7 => KeyKind.Home,
                3 => KeyKind.Delete,
                4 or 8 => KeyKind.End,
                _ => null,
            },
            _ => null,
        };
    }

    private void FeedUtf8(byte value, List<Key> keys)
    {
        bool isContinuation = value < 0xC0;
        if (!isContinuation || _pendingLength == 0)
        {
            FlushPending(keys);
            _pendingExpected = value switch
            {
                >= 0xC2 and <= 0xDF => 2,
                >= 0xE0 and <= 0xEF => 3,
                >= 0xF0 and <= 0xF4 => 4,
                _ => 1,
            };
        }
        _pending |= (uint)value << (8 * _pendingLength++);
        if (_pendingLength == _pendingExpected) FlushPending(keys);
    }

    /// <summary>One key when the bytes are one character, else one key for each byte.</summary>
    private void FlushPending(List<Key> keys)
    {
        if (_pendingLength == 0) return;
        Key key = new(KeyKind.Text, _pending, _pendingLength);
        Span<byte> bytes = stackalloc byte[4];
        key.CopyTo(bytes);
        bool isCharacter = Rune.DecodeFromUtf8(bytes[.._pendingLength], out _, out int consumed)
            == System.Buffers.OperationStatus.Done && consumed == _pendingLength;
        if (isCharacter)
        {
            keys.Add(key);
        }
        else
        {
            foreach (byte value in bytes[.._pendingLength])
            {
                keys.Add(new Key(KeyKind.Text, value, 1));
            }
        }
        _pending = 0;
        _pendingLength = 0;
    }
}
