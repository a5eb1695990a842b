// Columns of text, as wide as their widest cell. The last column is never padded.

using System;
using System.Collections.Generic;
using System.Text;

namespace Servers.Shell.Formatting;

public enum Align { Left, Right }

public sealed class Table
{
    private readonly Align[] _aligns;
    private readonly List<string[]> _rows = [];

    /// <summary>Headers; one that starts with '>' is aligned to the right.</summary>
    public Table(params string[] headers)
    {
        _aligns = new Align[headers.Length];
        string[] names = new string[headers.Length];
        for (int column = 0; column < headers.Length; column++)
        {
            bool isRight = headers[column].StartsWith('>');
            _aligns[column] = isRight ? Align.Right : Align.Left;
            names[column] = isRight ? headers[column][1..] : headers[column];
        }
        _rows.Add(names);
    }

    public int Count => _rows.Count - 1;

    public void Add(params string[] cells)
    {
        if (cells.Length != _aligns.Length) throw new ArgumentException("cells and headers differ");
        _rows.Add(cells);
    }

    public IEnumerable<string> Lines()
    {
        int[] widths = new int[_aligns.Length];
        foreach (string[] row in _rows)
        {
            for (int column = 0; column < widths.Length; column++)
            {
                widths[column] = Math.Max(widths[column], row[column].Length);
            }
        }
        foreach (string[] row in _rows)
        {
            yield return Line(row, widths);
        }
    }

    private string Line(string[] row, int[] widths)
    {
        StringBuilder text = new();
        for (int column = 0; column < row.Length; column++)
        {
            if (column > 0) text.Append("  ");
            bool isLast = column == row.Length - 1;
            if (_aligns[column] == Align.Right) text.Append(row[column].PadLeft(widths[column]));
            else text.Append(isLast ? row[column] : row[column].PadRight(widths[column]));
        }
        return text.ToString().TrimEnd();
    }
}
