// Edits one line: keys in, bytes for the screen out, and an event when the line has ended.
//
// Pure: it neither waits nor writes. The caller sends the echo to every screen there is. Echo moves
// the cursor with backspaces and erases with ESC [ J, so it needs to know no screen's width.

using System;
using System.Collections.Generic;
using System.Text;

namespace Servers.Console.Editing;

public enum EditorEvent { None, Line, Complete, Interrupt, EndOfInput, TooLong }

/// <summary>
/// Whether Tab asks for completion (a prompt) or is a character (input of a program).
/// </summary>
public enum TabMeaning { Completes, IsText }

public sealed partial class LineEditor
{
    /// <summary>No screen is narrower; a shorter line has not been wrapped.</summary>
    private const int MinScreenColumns = 80;

    private static readonly byte[] EraseToEnd = "\e[J"u8.ToArray();

    private readonly LineBuffer _line = new();
    private byte[] _prompt = [];
    private TabMeaning _tab;
    private bool _isTooLong;
    private bool _isShown;

    /// <summary>
    /// What Up and Down go through; whoever takes a line decides whether it is kept.
    /// </summary>
    public History History { get; } = new();
    public ReadOnlySpan<byte> Line => _line.All;
    public ReadOnlySpan<byte> BeforeCursor => _line.BeforeCursor;
    /// <summary>Prompt and line are on the screen, and the cursor is in them.</summary>
    public bool IsShown => _isShown;

    /// <summary>
    /// Shows prompt and line, unless they are there already (after a completion).
    /// </summary>
    public void Begin(ReadOnlySpan<byte> prompt, TabMeaning tab, int column, List<byte> echo)
    {
        _tab = tab;
        if (_isShown && prompt.SequenceEqual(_prompt)) return;
        Hide(echo);
        _prompt = prompt.ToArray();
        // Programs print their own prompts; what they have written stays beside the input.
        if (column != 0 && tab == TabMeaning.Completes) echo.AddRange("\r\n"u8);
        ShowAll(echo);
    }

    /// <summary>
    /// Takes prompt and line off the screen, for output of others; the line is kept.
    /// </summary>
    public void Hide(List<byte> echo)
    {
        if (!_isShown) return;
        int columns = LineBuffer.Columns(_line.BeforeCursor) + LineBuffer.Columns(_prompt);
        if (_prompt.Length != 0 && columns < MinScreenColumns) echo.Add((byte)'\r');
        else Back(columns, echo);
        echo.AddRange(EraseToEnd);
        _isShown = false;
    }

    /// <summary>The line has been read, or is dropped.</summary>
    public void Clear()
    {
        _line.Clear();
        _isTooLong = false;
        _isShown = false;
    }

    public EditorEvent Press(in Key key, List<byte> echo)
    {
        switch (key.Kind)
        {
            case KeyKind.Text:
                InsertText(key, echo);
                return EditorEvent.None;
            case KeyKind.Enter:
                echo.AddRange("\r\n"u8);
                _isShown = false;
                return _isTooLong ? EditorEvent.TooLong : EditorEvent.Line;
            case KeyKind.Tab when _tab == TabMeaning.Completes:
                return EditorEvent.Complete;
            case KeyKind.Tab:
                InsertText(new Key(KeyKind.Text, '\t', 1), echo);
                return EditorEvent.None;
            case KeyKind.Interrupt:
                echo.AddRange("^C\r\n"u8);
                _isShown = false;
                return EditorEvent.Interrupt;
            case KeyKind.EndOfInput when _line.Length == 0:
                if (_prompt.Length != 0) echo.AddRange("\r\n"u8);
                _isShown = false;
                return EditorEvent.EndOfInput;
            default:
                Edit(key.Kind, echo);
                return EditorEvent.None;
        }
    }

    private void Edit(KeyKind kind, List<byte> echo)
    {
        switch (kind)
        {
            case KeyKind.Backspace: RemoveBack(_line.Previous(), echo); break;
            case KeyKind.KillWord: RemoveBack(_line.PreviousWord(), echo); break;
            case KeyKind.KillToStart: RemoveBack(0, echo); break;
            case KeyKind.Delete or KeyKind.EndOfInput: RemoveForward(_line.Next(), echo); break;
            case KeyKind.KillToEnd: RemoveForward(_line.Length, echo); break;
            case KeyKind.Left: MoveTo(_line.Previous(), echo); break;
            case KeyKind.Right: MoveTo(_line.Next(), echo); break;
            case KeyKind.WordLeft: MoveTo(_line.PreviousWord(), echo); break;
            case KeyKind.WordRight: MoveTo(_line.NextWord(), echo); break;
            case KeyKind.Home: MoveTo(0, echo); break;
            case KeyKind.End: MoveTo(_line.Length, echo); break;
            case KeyKind.Up: Recall(History.Older(_line.All), echo); break;
            case KeyKind.Down: Recall(History.Newer(), echo); break;
            case KeyKind.ClearScreen:
                echo.AddRange("\e[H\e[2J"u8);
                ShowAll(echo);
                break;
        }
    }

    /// <summary>
    /// Replaces the word that starts at the offset by what the candidates have in common, or lists
    /// them when that brings nothing. False when the offset is not in the line before the cursor.
    /// </summary>
    public bool Complete(int wordOffset, IReadOnlyList<string> candidates, List<byte> echo)
    {
        if (wordOffset < 0 || wordOffset > _line.Cursor) return false;
        string common = CommonPrefix(candidates);
        bool isOne = candidates.Count == 1;
        byte[] text = Encoding.UTF8.GetBytes(
            isOne && !common.EndsWith('/') && !common.EndsWith(' ') ? common + " " : common);
        bool brings = candidates.Count != 0
            && (isOne || text.Length > _line.Cursor - wordOffset);
        if (brings && text.Length <= LineBuffer.MaxBytes - _line.Length)
        {
            RemoveBack(wordOffset, echo);
            Insert(text, echo);
        }
        else if (candidates.Count > 1)
        {
            CandidateList.Show(candidates, echo);
            ShowAll(echo);
        }
        else
        {
            echo.Add(0x07);
        }
        return true;
    }

    private static string CommonPrefix(IReadOnlyList<string> candidates)
    {
        if (candidates.Count == 0) return "";
        int length = candidates[0].Length;
        foreach (string candidate in candidates)
        {
            length = candidates[0].AsSpan(0, length).CommonPrefixLength(candidate);
        }
        if (length > 0 && char.IsHighSurrogate(candidates[0][length - 1])) length--;
        return candidates[0][..length];
    }

    private void InsertText(in Key key, List<byte> echo)
    {
        Span<byte> text = stackalloc byte[4];
        int length = key.CopyTo(text);
        if (!_isTooLong) Insert(text[..length], echo);
    }

    private void Insert(ReadOnlySpan<byte> text, List<byte> echo)
    {
        if (!_line.Insert(text))
        {
            _isTooLong = true;
            return;
        }
        LineBuffer.Show(text, echo);
        ShowAfterCursor(echo);
    }

    private void RemoveBack(int from, List<byte> echo)
    {
        if (from == _line.Cursor) return;
        MoveTo(from, echo, out int removedTo);
        _line.MoveTo(removedTo);
        _line.RemoveBack(from);
        echo.AddRange(EraseToEnd);
        ShowAfterCursor(echo);
    }

    private void RemoveForward(int to, List<byte> echo)
    {
        if (to == _line.Cursor) return;
        _line.RemoveForward(to);
        echo.AddRange(EraseToEnd);
        ShowAfterCursor(echo);
    }

    private void MoveTo(int position, List<byte> echo) => MoveTo(position, echo, out _);

    private void MoveTo(int position, List<byte> echo, out int from)
    {
        from = _line.Cursor;
        if (position < from) Back(LineBuffer.Columns(_line.All[position..from]), echo);
        else LineBuffer.Show(_line.All[from..position], echo);
        _line.MoveTo(position);
    }

    private void Recall(byte[]? text, List<byte> echo)
    {
        if (text is null) return;
        MoveTo(0, echo);
        if (_line.Length != 0) echo.AddRange(EraseToEnd);
        _line.Clear();
        Insert(text, echo);
    }

    private void ShowAll(List<byte> echo)
    {
        echo.AddRange(_prompt);
        LineBuffer.Show(_line.BeforeCursor, echo);
        ShowAfterCursor(echo);
        _isShown = true;
    }

    private void ShowAfterCursor(List<byte> echo)
    {
        if (_line.Cursor == _line.Length) return;
        LineBuffer.Show(_line.AfterCursor, echo);
        Back(LineBuffer.Columns(_line.AfterCursor), echo);
    }

    private static void Back(int columns, List<byte> echo)
    {
        for (; columns > 0; columns--) echo.Add((byte)'\b');
    }
}
