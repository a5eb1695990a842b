// One running machine, QEMU's or Bochs': types at its serial line, reads what it says, waits for it
// to stop.
//
// Rules: every wait has a time-out, and a machine that stops ends every wait. Disposing kills it,
// by its own process id. One thread uses a machine at a time; a reader thread of its own fills the
// text.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading;

namespace Tests.Rig.Machine;

/// <summary>Who hears the machine as it speaks; called from the reader's thread.</summary>
public readonly record struct MachineListener(
    Action<string>? Line, MachineListener.BytesHandler? Bytes)
{
    public delegate void BytesHandler(ReadOnlySpan<byte> bytes);
}

public sealed partial class QemuMachine : IDisposable
{
    public static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(30);

    /// <summary>After its exit the line's last bytes are still on their way.</summary>
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(5);

    private const string Stopped = "(stopped)";

    private readonly GuestProcess _guest;
    private readonly Process _process;
    private readonly TimeSpan _bootTimeout;
    private readonly Thread _reader;
    private readonly Lock _lockOfText = new();
    private readonly SerialText _text = new();
    private readonly AutoResetEvent _changed = new(initialState: false);
    private readonly MachineListener _listener;
    private volatile bool _isAtEnd;
    private int _linesRead;
    private int _linesAtTyping = -1;

    private QemuMachine(GuestProcess guest, TimeSpan bootTimeout, MachineListener listener)
    {
        _guest = guest;
        _process = guest.Process;
        _bootTimeout = bootTimeout;
        _listener = listener;
        _reader = new Thread(Read) { IsBackground = true, Name = "serial line" };
        _reader.Start();
    }

    /// <summary>Everything since power-on, as seen on a terminal.</summary>
    public string Transcript
    {
        get
        {
            lock (_lockOfText) return string.Join('\n', [.. _text.Lines, _text.Current]);
        }
    }

    /// <summary>The line in which the cursor is.</summary>
    public string CurrentLine
    {
        get
        {
            lock (_lockOfText) return _text.Current;
        }
    }

    public bool IsRunning => !_process.HasExited;

    public static QemuMachine Start(IMachineOptions options, MachineListener listener = default) =>
        new(options.Start(), options.BootTimeout, listener);

    /// <summary>Waits for the first prompt and returns what came before it.</summary>
    public string WaitForPrompt(TimeSpan? timeout = null) => Await("the prompt",
        timeout ?? _bootTimeout, from => AtPrompt() ? Lines(from, _text.Lines.Count) : null);

    /// <summary>
    /// Types a line, waits for the next prompt, returns the answer without either.
    /// </summary>
    public string Send(string line, TimeSpan? timeout = null)
    {
        int before = LineCount();
        _linesRead = before;
        Type(line + "\n");
        // The typed line itself becomes a finished line when the guest has taken it.
        return Await($"the prompt after '{Shorten(line)}'", timeout ?? AnswerTimeout,
            _ => AtPrompt() ? Lines(before + 1, _text.Lines.Count) : null);
    }

    /// <summary>As Send, but false when the machine stops instead of answering.</summary>
    public bool SendOrExit(string line, TimeSpan timeout)
    {
        Type(line + "\n");
        return Await($"the prompt after '{Shorten(line)}'", timeout, _ =>
            AtPrompt() ? "" : _isAtEnd ? Stopped : null) != Stopped;
    }

    /// <summary>
    /// Sends characters as they are, without waiting; for control keys and half lines.
    /// </summary>
    public void Type(string text) => TypeBytes(Encoding.UTF8.GetBytes(text));

    public void TypeBytes(ReadOnlySpan<byte> bytes)
    {
        lock (_lockOfText) _linesAtTyping = _text.Lines.Count;
        try
        {
            _guest.Input.Write(bytes);
            _guest.Input.Flush();
        }
        catch (IOException)
        {
            throw Dead("typing");
        }
    }

    /// <summary>
    /// Waits until a line that was not read before contains the text; returns that line.
    /// </summary>
    public string WaitFor(string text, TimeSpan? timeout = null) => Await($"'{text}'",
        timeout ?? AnswerTimeout, from =>
        {
            for (int i = from; i < _text.Lines.Count; i++)
            {
                if (!_text.Lines[i].Contains(text, StringComparison.Ordinal)) continue;
                _linesRead = i + 1;
                return _text.Lines[i];
            }
            return _text.Current.Contains(text, StringComparison.Ordinal) ? _text.Current : null;
        }, keepPlace: true);

    public bool HasStopped(TimeSpan timeout) => _process.WaitForExit(timeout);

    /// <summary>Waits for the machine to stop by itself; see GuestExit for the result.</summary>
    public int WaitForExit(TimeSpan? timeout = null)
    {
        if (!_process.WaitForExit(timeout ?? AnswerTimeout))
        {
            throw new RigException("the machine did not power off" + Tail());
        }
        _reader.Join(DrainTimeout);
        return _guest.ExitStatus;
    }

    /// <summary>Pulls the plug.</summary>
    public void Kill() => _guest.Kill(DrainTimeout);

    public void Dispose()
    {
        _guest.Kill(DrainTimeout);
        _reader.Join(DrainTimeout);
        _guest.Dispose();
    }

    /// <summary>A prompt counts once something has come after what was typed last.</summary>
    private bool AtPrompt() =>
        _text.Lines.Count > _linesAtTyping && Prompt().IsMatch(_text.Current);

    private int LineCount()
    {
        lock (_lockOfText) return _text.Lines.Count;
    }

    private string Lines(int first, int end) =>
        string.Join('\n', _text.Lines.Skip(first).Take(end - first));

    private string Await(string what, TimeSpan timeout, Func<int, string?> find,
        bool keepPlace = false)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            bool wasAtEnd = _isAtEnd;
            lock (_lockOfText)
            {
                if (find(_linesRead) is { } found)
                {
                    if (!keepPlace) _linesRead = _text.Lines.Count;
                    return found;
                }
            }
            if (wasAtEnd) throw Dead($"waiting for {what}");
            TimeSpan left = timeout - Stopwatch.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                throw new RigException(
                    $"no sign of {what} in {timeout.TotalSeconds:F0} s" + Tail());
            }
            _changed.WaitOne(left);
        }
    }

    private RigException Dead(string during)
    {
        string code = _process.WaitForExit(DrainTimeout) ? $"{_process.ExitCode}" : "unknown";
        return new RigException(
            $"the machine stopped with exit code {code} while {during}. {_guest.Errors}{Tail()}");
    }

    /// <summary>The last lines, so that a failed test explains itself.</summary>
    private string Tail()
    {
        string[] last = [.. Transcript.Split('\n').TakeLast(12)];
        return "\n  | " + string.Join("\n  | ", last);
    }

    private static string Shorten(string text) =>
        text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 57), "...");

    private void Read()
    {
        Span<byte> buffer = stackalloc byte[4096];
        int shown = 0;
        for (int count = ReadSome(buffer); count > 0; count = ReadSome(buffer))
        {
            var finished = new List<string>();
            lock (_lockOfText)
            {
                _text.Add(buffer[..count]);
                for (; shown < _text.Lines.Count; shown++) finished.Add(_text.Lines[shown]);
            }
            _listener.Bytes?.Invoke(buffer[..count]);
            foreach (string line in finished) _listener.Line?.Invoke(line);
            _changed.Set();
        }
        if (CurrentLine is { Length: > 0 } rest) _listener.Line?.Invoke(rest);
        _isAtEnd = true;
        _changed.Set();
    }

    /// <summary>0 at the end; a socket's may be an error.</summary>
    private int ReadSome(Span<byte> buffer)
    {
        try
        {
            return _guest.Output.Read(buffer);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    [GeneratedRegex(@"^cosmos:.*\$ $")]
    private static partial Regex Prompt();
}
