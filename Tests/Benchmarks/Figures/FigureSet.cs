// What guests of one clock have printed, by name, over all rounds.

using System;
using System.Collections.Generic;
using System.Linq;

namespace Tests.Benchmarks.Figures;

internal sealed class FigureSet
{
    private readonly Dictionary<string, List<Figure>> _rounds = new(StringComparer.Ordinal);

    public IEnumerable<string> Names => _rounds.Keys;

    public void Add(string name, Figure figure)
    {
        if (!_rounds.TryGetValue(name, out List<Figure>? rounds)) _rounds[name] = rounds = [];
        rounds.Add(figure);
    }

    /// <summary>Takes every line that is a figure, and returns how many there were.</summary>
    public int AddText(string text)
    {
        int count = 0;
        foreach (string line in text.Split('\n'))
        {
            if (Figure.Parse(line) is not var (name, figure)) continue;
            Add(name, figure);
            count++;
        }
        return count;
    }

    public Figure? Find(string name) =>
        _rounds.TryGetValue(name, out List<Figure>? rounds) ? Figure.Over(rounds) : null;

    /// <summary>The one with the lowest median, or null where none of them is there.</summary>
    public NamedFigure? Best(IEnumerable<string> names) => names
        .Select(name => Find(name) is { } figure ? new NamedFigure(name, figure) : null)
        .Where(found => found is not null)
        .MinBy(found => found!.Figure.Median);
}

internal sealed record NamedFigure(string Name, Figure Figure);
