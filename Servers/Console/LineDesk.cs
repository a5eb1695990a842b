// Brings keys and readers together: feeds what was typed to the line that the foreground edits, and
// answers its reader when the line has ended.
//
// Rules: keys typed while nobody reads are kept; a line whose reader is gone goes to the next one;
// Ctrl-C counts at once where no line is being read, and drops what was typed before it. An answer
// and what it takes away are committed together, before the answer is given.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using Servers.Console.Devices;
using Servers.Console.Editing;
using Servers.Console.Keeping;
using Servers.Console.Screens;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;

namespace Servers.Console;

public sealed class LineDesk
{
    private readonly Terminal _terminal;
    private readonly Sessions _sessions;
    private readonly KeyQueue _typed;
    private readonly Answers _answers;
    private readonly StateKeeper _keeper;
    private readonly Action<Handle> _signal;
    private readonly LineEditor _editor = new();
    private readonly KeyDecoder _decoder = new();
    private readonly List<Key> _decoded = [];
    private readonly List<byte> _echo = [];

    /// <param name="signal">Tells a session of a Ctrl-C.</param>
    public LineDesk(
        ConsoleVault vault, Terminal terminal, Keyboard? keyboard, Sessions sessions,
        Action<Handle> signal)
    {
        _terminal = terminal;
        _sessions = sessions;
        _typed = vault.Typed;
        _answers = vault.Answers;
        _signal = signal;
        _keeper = new StateKeeper(vault, _editor, _decoder, terminal, keyboard);
        _keeper.Restore();
    }

    /// <summary>What has happened outlives this process from now on.</summary>
    public void Commit() => _keeper.Commit();

    /// <summary>Bytes from a keyboard or the serial line.</summary>
    public void Type(ReadOnlySpan<byte> bytes)
    {
        _decoded.Clear();
        foreach (byte value in bytes) _decoder.Feed(value, _decoded);
        foreach (Key key in _decoded)
        {
            if (key.Kind == KeyKind.Interrupt && !IsReadingLine()) Interrupt();
            else _typed.Add(key);
        }
        Serve();
    }

    private bool IsReadingLine()
    {
        _sessions.DropCancelled();
        return _sessions.HasLineReader;
    }

    /// <summary>
    /// Shows text of a program; a line that is being edited is drawn again after it.
    /// </summary>
    public void Print(ReadOnlySpan<byte> text)
    {
        _editor.Hide(_echo);
        FlushEcho();
        _terminal.WriteText(text);
    }

    /// <summary>Gives what was typed to who reads, as long as there are both.</summary>
    public void Serve()
    {
        _sessions.DropCancelled();
        while (_sessions.Foreground() is { } reader)
        {
            TabMeaning tab = reader.IsLine ? TabMeaning.Completes : TabMeaning.IsText;
            _editor.Begin(reader.Prompt, tab, _terminal.Column, _echo);
            EditorEvent happened = EditorEvent.None;
            while (happened == EditorEvent.None && _typed.TryTake(out Key key))
            {
                happened = _editor.Press(key, _echo);
            }
            FlushEcho();
            if (happened == EditorEvent.None) break;
            _sessions.Remove(reader);
            Finish(reader, happened);
        }
    }

    /// <summary>The foreground's answer to Tab. BadArgument when no line is being edited.</summary>
    public Status Complete(uint wordOffset, string candidates)
    {
        if (!_editor.IsShown || wordOffset > LineBuffer.MaxBytes) return Status.BadArgument;
        string[] words = candidates.Length == 0 ? [] : candidates.Split('\n');
        bool isGood = _editor.Complete((int)wordOffset, words, _echo);
        FlushEcho();
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
                Answer(reader, answer, LineKind.Line, default);
                break;
        }
    }

    private void FinishLine(Reader reader)
    {
        byte[] line = _editor.Line.ToArray();
        _editor.Clear();
        if (reader.IsLine) _editor.History.Add(line);
        Status status = reader.IsLine ? AnswerLine(reader, line) : AnswerBytes(reader, line);
        if (status != Status.CallerGone) return;
        // Nobody has it: as if it were typed again, before all that was typed since.
        List<Key> keys = Keys(line);
        keys.Add(new Key(KeyKind.Enter));
        _typed.PutBack(keys);
    }

    private Status AnswerLine(Reader reader, byte[] line) => line.Length > reader.Target.LengthBytes
        ? Answer(reader, Status.TooLarge, LineKind.Line, default)
        : Answer(reader, Status.Ok, LineKind.Line, line);

    /// <summary>
    /// The line with its end; what does not fit is kept for the session's next read.
    /// </summary>
    private Status AnswerBytes(Reader reader, byte[] line)
    {
        Session session = reader.Session;
        session.Line = [.. line, (byte)'\n'];
        session.ReadBytes = 0;
        Status status = AnswerRest(reader);
        if (status != Status.CallerGone) return status;
        session.Line = [];
        session.ReadBytes = 0;
        _sessions.Put(session);
        return status;
    }

    /// <summary>What is left of the session's line, or as much of it as fits.</summary>
    public Status AnswerRest(Reader reader)
    {
        Session session = reader.Session;
        byte[] line = session.Line;
        int before = session.ReadBytes;
        int count = (int)Math.Min((uint)session.Rest.Length, reader.Target.LengthBytes);
        byte[] bytes = session.Rest[..count].ToArray();
        session.ReadBytes += count;
        if (session.Rest.IsEmpty)
        {
            session.Line = [];
            session.ReadBytes = 0;
        }
        _sessions.Put(session);
        Status status = Answer(reader, Status.Ok, LineKind.Line, bytes);
        if (status != Status.CallerGone) return status;
        session.Line = line;
        session.ReadBytes = before;
        _sessions.Put(session);
        return status;
    }

    /// <summary>
    /// Commits what has happened together with the answer, and gives it. CallerGone when nobody is
    /// there to take it.
    /// </summary>
    public Status Answer(Reader reader, Status status, LineKind kind, ReadOnlySpan<byte> bytes)
    {
        RequestId id = reader.Request.Id;
        _answers.Put(id, status, kind, bytes);
        Commit();
        Status given = Give(reader, status, kind, bytes);
        _answers.Remove(id);
        return given;
    }

    /// <summary>Gives an answer that is in the vault.</summary>
    public static Status Give(
        Reader reader, Status status, LineKind kind, ReadOnlySpan<byte> bytes)
    {
        Status copied = reader.Target.CopyFrom(0, bytes);
        if (copied != Status.Ok)
        {
            reader.Request.Complete(copied);
            return copied;
        }
        if (!reader.IsLine) return reader.Request.Complete(new Result<uint>(status, Count(bytes)));
        Result<LineRead> line = new(status, new LineRead(Count(bytes), kind));
        return reader.Request.Complete(line);
    }

    private static uint Count(ReadOnlySpan<byte> bytes) => (uint)bytes.Length;

    private void AskForCompletion(Reader reader)
    {
        ReadOnlySpan<byte> word = _editor.BeforeCursor;
        if (word.Length > reader.Target.LengthBytes)
        {
            Answer(reader, Status.TooLarge, LineKind.Complete, default);
            return;
        }
        Answer(reader, Status.Ok, LineKind.Complete, word);
    }

    /// <summary>
    /// Ctrl-C while a program runs: it may be reading, and the shell wants to know.
    /// </summary>
    private void Interrupt()
    {
        _typed.Clear();
        _editor.Clear();
        _terminal.Write("^C\r\n"u8);
        List<Reader> readers = [];
        foreach (Session session in _sessions.All) readers.AddRange(_sessions.ReadersOf(session));
        foreach (Reader reader in readers)
        {
            _sessions.Remove(reader);
            _answers.Put(reader.Request.Id, Status.Interrupted, LineKind.Line, default);
        }
        _keeper.IsInterruptOwed = true;
        Commit();
        foreach (Reader reader in readers)
        {
            reader.Request.Complete(Status.Interrupted);
            _answers.Remove(reader.Request.Id);
        }
        TellOfInterrupt();
    }

    /// <summary>Also for a Ctrl-C of an earlier incarnation that has not told everybody.</summary>
    public void TellOfInterrupt()
    {
        if (!_keeper.IsInterruptOwed) return;
        foreach (Session session in _sessions.All)
        {
            if (!session.Interrupt.IsNone) _signal(session.Interrupt);
        }
        _keeper.IsInterruptOwed = false;
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
        _terminal.Write(CollectionsMarshal.AsSpan(_echo));
        _echo.Clear();
    }
}
