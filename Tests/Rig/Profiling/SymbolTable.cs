// Names of an image's functions, from the table that its crash reports use.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace Tests.Rig.Profiling;

public sealed class SymbolTable
{
    private readonly ulong[] _starts;
    private readonly string[] _names;

    /// <param name="file">Lines of an address in hexadecimal and a name, ascending.</param>
    public SymbolTable(string file)
    {
        Image = Path.GetFileNameWithoutExtension(file);
        List<(ulong Start, string Name)> symbols = [];
        foreach (string line in File.ReadLines(file))
        {
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            if (space < 0 || !ulong.TryParse(line.AsSpan(0, space), NumberStyles.HexNumber,
                CultureInfo.InvariantCulture, out ulong start)) continue;
            symbols.Add((start, line[(space + 1)..]));
        }
        _starts = [.. symbols.Select(symbol => symbol.Start)];
        _names = [.. symbols.Select(symbol => symbol.Name)];
    }

    public string Image { get; }

    public bool IsStart(ulong address) => Array.BinarySearch(_starts, address) >= 0;

    /// <summary>Index of the function that the address lies in, or -1.</summary>
    public int Find(ulong address)
    {
        int at = Array.BinarySearch(_starts, address);
        return at >= 0 ? at : ~at - 1;
    }

    public IEnumerable<ulong> StartsOf(string name) =>
        Enumerable.Range(0, _names.Length).Where(index => _names[index] == name)
            .Select(index => _starts[index]);

    public string Name(int index) => index < 0 ? "?" : _names[index];
}
