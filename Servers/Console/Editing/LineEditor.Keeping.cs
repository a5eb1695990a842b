// The half of the line editor that a vault is made of: the line, its prompt, and where the user is.

using System;
using Shared.Sdk.Vaults;

namespace Servers.Console.Editing;

public sealed partial class LineEditor
{
    private const ulong ShownBit = 1;
    private const ulong TooLongBit = 2;
    private const ulong TextTabBit = 4;

    public ReadOnlySpan<byte> Prompt => _prompt;

    public void KeepLine(ref RecordWriter writer)
    {
        writer.Number((_isShown ? ShownBit : 0) | (_isTooLong ? TooLongBit : 0)
            | (_tab == TabMeaning.IsText ? TextTabBit : 0));
        writer.Number((ulong)_line.Cursor);
        writer.Number((ulong)History.Position);
        writer.Run(_line.All);
    }

    /// <summary>What the next incarnation goes on with; after the lines of the history.</summary>
    public void Restore(
        ref RecordReader line, ReadOnlySpan<byte> prompt, ReadOnlySpan<byte> unfinished)
    {
        ulong flags = line.Number();
        int cursor = (int)line.Number();
        History.Restore((int)line.Number(), unfinished);
        _line.Clear();
        if (!_line.Insert(line.Run())) throw new VaultDamagedException("line that is edited");
        _line.MoveTo(Math.Clamp(cursor, 0, _line.Length));
        _prompt = prompt.ToArray();
        _isShown = (flags & ShownBit) != 0;
        _isTooLong = (flags & TooLongBit) != 0;
        _tab = (flags & TextTabBit) != 0 ? TabMeaning.IsText : TabMeaning.Completes;
    }
}
