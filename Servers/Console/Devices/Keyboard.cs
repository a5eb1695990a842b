// Turns scan codes (set 1, as the controller translates them) of a US keyboard into the bytes that
// a terminal would send. Pure; Ps2Port.cs fetches the codes.

using System;
using System.Collections.Generic;

namespace Servers.Console.Devices;

public sealed class Keyboard
{
    private const byte Extended = 0xE0;
    private const byte PauseFirst = 0xE1;
    private const byte Released = 0x80;
    private const byte LeftShift = 0x2A;
    private const byte RightShift = 0x36;
    private const byte Control = 0x1D;
    private const byte CapsLock = 0x3A;

    // Index is the scan code; a space stands for keys that make no character.
    private const string Plain =
        "  1234567890-=\b\tqwertyuiop[]\r asdfghjkl;'` \\zxcvbnm,./ *  ";
    private const string Shifted =
        "  !@#$%^&*()_+\b\tQWERTYUIOP{}\r ASDFGHJKL:\"~ |ZXCVBNM<>? *  ";
    private const byte Escape = 0x01;
    private const byte SpaceBar = 0x39;

    /// <summary>Which keys are held, and what a prefix has announced; for a vault.</summary>
    public ulong State
    {
        get => (_isExtended ? 1UL : 0) | (_isShift ? 2UL : 0) | (_isControl ? 4UL : 0)
            | (_isCapsLock ? 8UL : 0) | (ulong)_pauseCodesLeft << 4;
        set
        {
            _isExtended = (value & 1) != 0;
            _isShift = (value & 2) != 0;
            _isControl = (value & 4) != 0;
            _isCapsLock = (value & 8) != 0;
            _pauseCodesLeft = (int)(value >> 4) & 3;
        }
    }

    private bool _isExtended;
    private bool _isShift;
    private bool _isControl;
    private bool _isCapsLock;
    private int _pauseCodesLeft;

    /// <summary>Adds the bytes that the code means: none for releases and modifiers.</summary>
    public void Feed(byte code, List<byte> bytes)
    {
        if (_pauseCodesLeft > 0)
        {
            _pauseCodesLeft--;
            return;
        }
        if (code == PauseFirst)
        {
            _pauseCodesLeft = 2;
            return;
        }
        if (code == Extended)
        {
            _isExtended = true;
            return;
        }
        bool isExtended = _isExtended;
        _isExtended = false;
        byte key = (byte)(code & ~Released);
        bool isPressed = (code & Released) == 0;
        if (SetModifier(key, isPressed, isExtended) || !isPressed) return;
        if (isExtended) bytes.AddRange(ExtendedKey(key));
        else AddCharacter(key, bytes);
    }

    private bool SetModifier(byte key, bool isPressed, bool isExtended)
    {
        switch (key)
        {
            // With 0xE0 before it, a shift is an artefact of the arrow keys.
            case LeftShift or RightShift:
                if (!isExtended) _isShift = isPressed;
                return true;
            case Control:
                _isControl = isPressed;
                return true;
            case CapsLock:
                if (isPressed) _isCapsLock = !_isCapsLock;
                return true;
            default:
                return false;
        }
    }

    private void AddCharacter(byte key, List<byte> bytes)
    {
        if (key == Escape) bytes.Add(0x1B);
        else if (key == SpaceBar) bytes.Add((byte)' ');
        if (key >= Plain.Length || Plain[key] == ' ') return;
        bool isShift = _isShift ^ (_isCapsLock && char.IsAsciiLetter(Plain[key]));
        char character = isShift ? Shifted[key] : Plain[key];
        if (character == '\b') character = '\x7F';
        if (_isControl && char.ToUpperInvariant(character) is >= '@' and <= '_')
        {
            character = (char)(char.ToUpperInvariant(character) & 0x1F);
        }
        bytes.Add((byte)character);
    }

    private static ReadOnlySpan<byte> ExtendedKey(byte key) => key switch
    {
        0x48 => "\e[A"u8,
        0x50 => "\e[B"u8,
        0x4D => "\e[C"u8,
        0x4B => "\e[D"u8,
        0x47 => "\e[H"u8,
        0x4F => "\e[F"u8,
        0x53 => "\e[3~"u8,
        0x1C => "\r"u8,
        0x35 => "/"u8,
        _ => [],
    };
}
