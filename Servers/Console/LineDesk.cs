// Brings keys and readers together: feeds what was typed to the line that the foreground edits, and
// answers its reader when the line has ended.
//
// Rules: keys typed while nobody reads are kept; a line whose reader is gone goes to the next one;
// Ctrl-C counts at once where no line is being read, and drops what was typed before it.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using Servers.Console.Editing;
using Servers.Console.Screens;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Console;

public sealed class LineDesk(Terminal terminal, Sessions sessions, Action<Handle> signal)
{
    /// <summary>Keys beyond this that nobody reads are dropped.</summary>
    public const int MaxTypedAhead = 32 * 1024;

    private readonly LineEditor _editor = new();
    private readonly KeyDecoder _decoder = new();
    private readonly List<Key> _decoded = [];
    private readonly List<byte> _echo = [];
    private LinkedList<Key> _typed = new();

    /// <summary>Bytes from a keyboard or the serial line.</summary>
    public void Type(ReadOnlySpan<byte> bytes)
    {
        _decoded.Clear();
        foreach (byte value in bytes) _decoder.Feed(value, _decoded);
        foreach (Key key in _decoded)
        {
            if (key.Kind == KeyKind.Interrupt && !sessions.HasLineReader) Interrupt();
            else if (_typed.Count < MaxTypedAhead) _typed.AddLast(key);
        }
        Serve();
    }

    /// <summary>
    /// Shows text of a program; a line that is being edited is drawn again after it.
    /// </summary>
    public void Print(ReadOnlySpan<byte> text)
    {
        _editor.Hide(_echo);
        FlushEcho();
        terminal.WriteText(text);
    }

    /// <summary>Gives what was typed to who reads, as long as there are both.</summary>
    public void Serve()
    {
        while (sessions.Foreground() is { } reader)
        {
            TabMeaning tab = reader.IsLine ? TabMeaning.Completes : TabMeaning.IsText;
            _editor.Begin(reader.Prompt, tab, terminal.Column, _echo);
            EditorEvent happened = EditorEvent.None;
            while (happened == EditorEvent.None && _typed.First is { } key)
            {
                _typed.RemoveFirst();
                happened = _editor.Press(key.Value, _echo);
            }
            FlushEcho();
            if (happened == EditorEvent.None) break;
            sessions.Remove(reader);
            Finish(reader, happened);
        }
        terminal.Flush();
    }

    /// <summary>The foreground's answer to Tab. BadArgument when no line is being edited.</summary>
    public Status Complete(uint wordOffset, string candidates)
    {
        if (!_editor.IsShown || wordOffset > LineBuffer.MaxBytes) return Status.BadArgument;
        string[] words = candidates.Length == 0 ? [] : candidates.Split('\n');
        bool isGood = _editor.Complete((int)wordOffset, words, _echo);
        FlushEcho();
        terminal.Flush();
        return isGood ? Status.Ok : Status.BadArgument;
    }

    private void Finish(Reader reader, EditorEvent happened)
    {
        switch (happened)
        {
            case EditorEvent.Line:
                FinishLine(reader);
                break;
            case EditorEvent.Complete:
                AskForCompletion(reader);
                break;
            default:
                _editor.Clear();
                Status answer = happened switch
                {
                    EditorEvent.Interrupt => Status.Interrupted,
                    EditorEvent.EndOfInput => Status.EndOfStream,
                    _ => Status.TooLarge,
                };
                reader.Request.Complete(answer);
                break;
        }
    }

    private void FinishLine(Reader reader)
    {
        byte[] line = _editor.Line.ToArray();
        _editor.Clear();
        Status status = reader.IsLine ? AnswerLine(reader, line) : AnswerBytes(reader, line);
        if (status != Status.CallerGone)
        {
            if (reader.IsLine) _editor.History.Add(line);
            return;
        }
        // Nobody has it: as if it were typed again, before all that was typed since.
        LinkedList<Key> typed = new(Keys(line));
        typed.AddLast(new Key(KeyKind.Enter));
        foreach (Key key in _typed) typed.AddLast(key);
        _typed = typed;
    }

    private static Status AnswerLine(Reader reader, byte[] line)
    {
        if (line.Length > reader.Target.LengthBytes)
        {
            return reader.Request.Complete(Status.TooLarge);
        }
        Status status = reader.Target.CopyFrom(0, line);
        if (status != Status.Ok)
        {
            reader.Request.Complete(status);
            return status;
        }
        Result<LineRead> answer = new LineRead((uint)line.Length, LineKind.Line);
        return reader.Request.Complete(answer);
    }

    /// <summary>
    /// The line with its end; what does not fit is kept for the session's next read.
    /// </summary>
    private static Status AnswerBytes(Reader reader, byte[] line)
    {
        byte[] bytes = [.. line, (byte)'\n'];
        int length = (int)Math.Min((uint)bytes.Length, reader.Target.LengthBytes);
        Status status = reader.Target.CopyFrom(0, bytes.AsSpan(0, length));
        if (status == Status.Ok)
        {
            Result<uint> answer = (uint)length;
            status = reader.Request.Complete(answer);
        }
        else
        {
            reader.Request.Complete(status);
        }
        if (status == Status.CallerGone) return status;
        foreach (byte value in bytes.AsSpan(length)) reader.Session.Rest.Enqueue(value);
        return status;
    }

    private void AskForCompletion(Reader reader)
    {
        ReadOnlySpan<byte> word = _editor.BeforeCursor;
        Status status = word.Length > reader.Target.LengthBytes
            ? Status.TooLarge
            : reader.Target.CopyFrom(0, word);
        Result<LineRead> answer = status == Status.Ok
            ? new LineRead((uint)word.Length, LineKind.Complete)
            : status;
        reader.Request.Complete(answer);
    }

    /// <summary>
    /// Ctrl-C while a program runs: it may be reading, and the shell wants to know.
    /// </summary>
    private void Interrupt()
    {
        _typed.Clear();
        _editor.Clear();
        terminal.Write("^C\r\n"u8);
        foreach (Session session in sessions.All)
        {
            foreach (Reader reader in sessions.ReadersOf(session))
            {
                sessions.Remove(reader);
                reader.Request.Complete(Status.Interrupted);
            }
            if (!session.Interrupt.IsNone) signal(session.Interrupt);
        }
    }

    private static List<Key> Keys(byte[] line)
    {
        List<Key> keys = [];
        KeyDecoder decoder = new();
        foreach (byte value in line) decoder.Feed(value, keys);
        return keys;
    }

    private void FlushEcho()
    {
        terminal.Write(CollectionsMarshal.AsSpan(_echo));
        _echo.Clear();
    }
}
