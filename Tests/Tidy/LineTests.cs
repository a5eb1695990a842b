// Rules that one line can break.

using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;

namespace Tests.Tidy;

public sealed class LineTests
{
    private const int MaxColumns = 100;

    [Test]
    public void Line_has_at_most_100_columns() =>
        Offenders.None(BadLines(line => line.Length > MaxColumns));

    [Test]
    public void Line_has_no_tab_and_no_space_at_its_end() =>
        Offenders.None(BadLines(line => line.Contains('\t') || line.EndsWith(' ')));

    [Test]
    public void Line_is_ascii() =>
        Offenders.None(BadLines(line => line.Any(character => character > '~')));

    [Test]
    public void File_ends_in_one_line_feed_and_has_no_carriage_return() => Offenders.None(
        SourceTree.Code.Concat(SourceTree.Documents)
            .Where(file => file.Text.Contains('\r') || !file.Text.EndsWith('\n')
                || file.Text.EndsWith("\n\n"))
            .Select(file => file.Path));

    private static IEnumerable<string> BadLines(System.Func<string, bool> isBad) =>
        from file in SourceTree.Code.Where(file => !file.IsMarkup)
        from entry in file.Lines.Select((line, index) => (Line: line, Number: index + 1))
        where isBad(entry.Line)
        select $"{file.Path}:{entry.Number}: {entry.Line.Trim()}";
}
