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
        Assert.That(Offenders(line => line.Length > MaxColumns), Is.Empty);

    [Test]
    public void Line_has_no_tab_and_no_space_at_its_end() =>
        Assert.That(Offenders(line => line.Contains('\t') || line.EndsWith(' ')), Is.Empty);

    [Test]
    public void Line_is_ascii() =>
        Assert.That(Offenders(line => line.Any(character => character > '~')), Is.Empty);

    [Test]
    public void File_ends_in_one_line_feed_and_has_no_carriage_return() => Assert.That(
        SourceTree.Code.Concat(SourceTree.Documents)
            .Where(file => file.Text.Contains('\r') || !file.Text.EndsWith('\n')
                || file.Text.EndsWith("\n\n"))
            .Select(file => file.Path), Is.Empty);

    private static IEnumerable<string> Offenders(System.Func<string, bool> isBad) =>
        from file in SourceTree.Code
        from entry in file.Lines.Select((line, index) => (Line: line, Number: index + 1))
        where isBad(entry.Line)
        select $"{file.Path}:{entry.Number}: {entry.Line.Trim()}";
}
