// The bytes of the line that is being edited, and where the cursor is in them.
//
// Pure. The cursor is always between characters: a valid UTF-8 sequence is one character, any
// other byte is one by itself. One character takes one column.

using System;
using System.Buffers;
using System.Collections.Generic;
using System.Text;

namespace Servers.Console.Editing;

public sealed class LineBuffer
{
    public const int MaxBytes = 4096;

    private static readonly byte[] Unprintable = [0xEF, 0xBF, 0xBD];

    private readonly byte[] _bytes = new byte[MaxBytes];

    public int Length { get; private set; }
    public int Cursor { get; private set; }

    public ReadOnlySpan<byte> All => _bytes.AsSpan(0, Length);
    public ReadOnlySpan<byte> BeforeCursor => _bytes.AsSpan(0, Cursor);
    public ReadOnlySpan<byte> AfterCursor => _bytes.AsSpan(Cursor, Length - Cursor);

    public void Clear() => Length = Cursor = 0;

    public void MoveTo(int position) => Cursor = position;

    /// <summary>
    /// Inserts at the cursor and moves it behind; false when the line would be too long.
    /// </summary>
    public bool Insert(ReadOnlySpan<byte> text)
    {
        if (text.Length > MaxBytes - Length) return false;
        AfterCursor.CopyTo(_bytes.AsSpan(Cursor + text.Length));
        text.CopyTo(_bytes.AsSpan(Cursor));
        Length += text.Length;
        Cursor += text.Length;
        return true;
    }

    /// <summary>
    /// Removes what lies between a position at or before the cursor, and the cursor.
    /// </summary>
    public void RemoveBack(int from)
    {
        AfterCursor.CopyTo(_bytes.AsSpan(from));
        Length -= Cursor - from;
        Cursor = from;
    }

    /// <summary>Removes what lies between the cursor and a position at or after it.</summary>
    public void RemoveForward(int to)
    {
        _bytes.AsSpan(to, Length - to).CopyTo(_bytes.AsSpan(Cursor));
        Length -= to - Cursor;
    }

    /// <summary>Position of the character before the cursor.</summary>
    public int Previous()
    {
        if (Cursor == 0) return 0;
        OperationStatus status = Rune.DecodeLastFromUtf8(BeforeCursor, out _, out int length);
        return Cursor - (status == OperationStatus.Done ? length : 1);
    }

    /// <summary>Position behind the character at the cursor.</summary>
    public int Next() => Cursor == Length ? Length : Cursor + CharacterLength(AfterCursor);

    /// <summary>Start of the word before the cursor; words are separated by spaces.</summary>
    public int PreviousWord()
    {
        int position = Cursor;
        while (position > 0 && _bytes[position - 1] == ' ') position--;
        while (position > 0 && _bytes[position - 1] != ' ') position--;
        return position;
    }

    public int NextWord()
    {
        int position = Cursor;
        while (position < Length && _bytes[position] == ' ') position++;
        while (position < Length && _bytes[position] != ' ') position++;
        return position;
    }

    /// <summary>Columns that the text takes on the screen.</summary>
    public static int Columns(ReadOnlySpan<byte> text)
    {
        int columns = 0;
        for (; !text.IsEmpty; columns++) text = text[CharacterLength(text)..];
        return columns;
    }

    /// <summary>Adds the text as the screen may see it: no controls, no broken UTF-8.</summary>
    public static void Show(ReadOnlySpan<byte> text, List<byte> echo)
    {
        while (!text.IsEmpty)
        {
            OperationStatus status = Rune.DecodeFromUtf8(text, out Rune rune, out int length);
            if (status != OperationStatus.Done)
            {
                echo.AddRange(Unprintable);
                length = 1;
            }
            else if (Rune.IsControl(rune))
            {
                if (rune.Value == '\t') echo.Add((byte)' ');
                else echo.AddRange(Unprintable);
            }
            else
            {
                echo.AddRange(text[..length]);
            }
            text = text[length..];
        }
    }

    private static int CharacterLength(ReadOnlySpan<byte> text) =>
        Rune.DecodeFromUtf8(text, out _, out int length) == OperationStatus.Done ? length : 1;
}
