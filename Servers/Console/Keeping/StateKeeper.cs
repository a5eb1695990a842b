// Puts line, history and terminal into the vault, and back where the next incarnation goes on.
//
// Rules: Commit is one transaction of everything that has changed since the last one; the console
// calls it before anything of the change is seen outside.

using System;
using Servers.Console.Devices;
using Servers.Console.Editing;
using Servers.Console.Screens;
using Shared.Sdk.Vaults;

namespace Servers.Console.Keeping;

public sealed class StateKeeper(
    ConsoleVault vault, LineEditor editor, KeyDecoder decoder, Terminal terminal,
    Keyboard? keyboard)
{
    private const ulong LinePart = 1;
    private const ulong PromptPart = 2;
    private const ulong UnfinishedPart = 3;
    private const ulong TerminalPart = 4;

    /// <summary>A Ctrl-C that not everybody may have heard of.</summary>
    public bool IsInterruptOwed { get; set; }

    private readonly byte[] _scratch = new byte[ConsoleVault.PartBytes];
    private ulong _keptFirst = 1;
    private ulong _keptEnd = 1;

    /// <summary>Once, before the first key.</summary>
    public void Restore()
    {
        foreach (ulong number in vault.HistoryTable.Keys)
        {
            vault.HistoryTable.TryGet(number, out ReadOnlySpan<byte> line);
            editor.History.Restore(number, line);
        }
        _keptFirst = editor.History.FirstNumber;
        _keptEnd = editor.History.EndNumber;
        if (!vault.PartTable.TryGet(LinePart, out ReadOnlySpan<byte> kept)) return;
        RecordReader reader = new(kept);
        vault.PartTable.TryGet(PromptPart, out ReadOnlySpan<byte> prompt);
        vault.PartTable.TryGet(UnfinishedPart, out ReadOnlySpan<byte> unfinished);
        editor.Restore(ref reader, prompt, unfinished);
        if (!vault.PartTable.TryGet(TerminalPart, out kept)) return;
        reader = new RecordReader(kept);
        decoder.Restore(ref reader);
        terminal.Restore(ref reader);
        ulong keys = reader.Number();
        if (keyboard is not null) keyboard.State = keys;
        IsInterruptOwed = reader.Number() != 0;
    }

    public void Commit()
    {
        RecordWriter writer = new(_scratch);
        editor.KeepLine(ref writer);
        vault.PartTable.Put(LinePart, writer.Bytes);
        vault.PartTable.Put(PromptPart, editor.Prompt);
        vault.PartTable.Put(UnfinishedPart, editor.History.Unfinished);
        writer = new RecordWriter(_scratch);
        decoder.Keep(ref writer);
        terminal.Keep(ref writer);
        writer.Number(keyboard?.State ?? 0);
        writer.Number(IsInterruptOwed ? 1UL : 0);
        vault.PartTable.Put(TerminalPart, writer.Bytes);
        KeepHistory();
        vault.Commit();
    }

    private void KeepHistory()
    {
        History history = editor.History;
        while (_keptFirst < history.FirstNumber) vault.HistoryTable.Remove(_keptFirst++);
        for (; _keptEnd < history.EndNumber; _keptEnd++)
        {
            vault.HistoryTable.Put(_keptEnd, history.Line(_keptEnd));
        }
    }
}
