// What the next shell goes on with when this one dies: directory, `$?`, and the last lines.
//
// Rules: each change is in the vault before the command that comes next. A shell that ends by
// itself starts the next one afresh, but for the lines.

using System;
using System.Collections.Generic;
using System.Text;
using Shared.Abi;
using Shared.Sdk.Vaults;

namespace Servers.Shell.Running;

public sealed class ShellVault
{
    public const ulong VaultBytes = 1024 * 1024;
    public const int MaxLines = 100;
    /// <summary>The last digit is the format.</summary>
    private const string Name = "CKSHELL2";
    private const ulong PlaceKey = 1;
    private const int PlaceBytes = 2 * sizeof(ulong) + Limits.MaxPathBytes;

    private readonly SmallVault _vault;
    private readonly RecordTable _place;
    private readonly RecordTable _lines;
    private readonly byte[] _scratch = new byte[PlaceBytes];
    private ulong _firstLine = 1;
    private ulong _endLine = 1;

    public ShellVault(IVaultMemory memory)
    {
        _vault = new SmallVault(memory, Name, LogWords);
        _place = new RecordTable(_vault, slots: 1, PlaceBytes);
        _lines = new RecordTable(_vault, MaxLines, Limits.MaxPathBytes);
        _vault.Publish();
        foreach (ulong number in _lines.Keys)
        {
            if (_firstLine == _endLine) _firstLine = number;
            _endLine = number + 1;
            _lines.TryGet(number, out ReadOnlySpan<byte> line);
            Lines.Add(Encoding.UTF8.GetString(line));
        }
    }

    /// <summary>What earlier shells have left, oldest first.</summary>
    public List<string> Lines { get; } = [];

    private static int LogWords =>
        RecordTable.LogWordsFor(PlaceBytes) + RecordTable.LogWordsFor(Limits.MaxPathBytes) + 1;

    /// <summary>False when there was no shell before, or it has ended by itself.</summary>
    public bool TryGetPlace(out string directory, out int lastStatus)
    {
        directory = "/";
        lastStatus = 0;
        if (!_place.TryGet(PlaceKey, out ReadOnlySpan<byte> record)) return false;
        RecordReader reader = new(record);
        lastStatus = (int)reader.Number();
        directory = reader.Text();
        return true;
    }

    public void SetPlace(string directory, int lastStatus)
    {
        RecordWriter writer = new(_scratch);
        writer.Number((ulong)lastStatus);
        writer.Text(directory);
        _place.Put(PlaceKey, writer.Bytes);
        _vault.Commit();
    }

    public void ForgetPlace()
    {
        _place.Remove(PlaceKey);
        _vault.Commit();
    }

    public void AddLine(string line)
    {
        if (_lines.IsFull) _lines.Remove(_firstLine++);
        _lines.Put(_endLine++, Encoding.UTF8.GetBytes(line));
        _vault.Commit();
    }
}
