// Lines that were entered before.

using System.Text;
using NUnit.Framework;
using Servers.Console.Editing;

namespace Tests.Unit.Servers.Console;

[TestFixture]
public sealed class HistoryTests
{
    private static string? Text(byte[]? line) =>
        line is null ? null : Encoding.UTF8.GetString(line);

    [Test]
    public void History_skips_empty_lines_and_repetitions()
    {
        History history = new();
        history.Add("a"u8);
        history.Add(""u8);
        history.Add("a"u8);
        history.Add("b"u8);
        Assert.That(Text(history.Older(""u8)), Is.EqualTo("b"));
        Assert.That(Text(history.Older("b"u8)), Is.EqualTo("a"));
        Assert.That(history.Older("a"u8), Is.Null);
    }

    [Test]
    public void Newest_comes_first_again_after_a_line_was_entered()
    {
        History history = new();
        history.Add("a"u8);
        history.Add("b"u8);
        history.Older(""u8);
        history.Older("b"u8);
        history.Add("c"u8);
        Assert.That(Text(history.Older(""u8)), Is.EqualTo("c"));
        Assert.That(Text(history.Newer()), Is.Empty);
        Assert.That(history.Newer(), Is.Null);
    }

    [Test]
    public void Full_history_forgets_the_oldest()
    {
        History history = new();
        for (int i = 0; i < History.Capacity + 2; i++) history.Add(Encoding.UTF8.GetBytes($"{i}"));
        string? oldest = null;
        while (history.Older(""u8) is { } line) oldest = Text(line);
        Assert.That(oldest, Is.EqualTo("2"));
    }
}
