// Pages of whole lines.

using System.Collections.Generic;
using System.Text;
using NUnit.Framework;
using Servers.Supervisor.Answering;
using Servers.Supervisor;
using Shared.Contracts;

namespace Tests.Unit.Servers.Supervisor;

[TestFixture]
public sealed class TextPagesTests
{
    private static string ReadAll(IReadOnlyList<string> lines, int pageBytes)
    {
        StringBuilder text = new();
        byte[] page = new byte[pageBytes];
        ulong line = 0;
        do
        {
            TextPage filled = TextPages.Fill(lines, line, page);
            text.Append(Encoding.UTF8.GetString(page, 0, (int)filled.LengthBytes));
            line = filled.NextLine;
        }
        while (line != 0);
        return text.ToString();
    }

    [TestCase(5)]
    [TestCase(8)]
    [TestCase(100)]
    public void Pages_of_any_size_hold_every_line_once(int pageBytes) => Assert.That(
        ReadAll(["one", "two", "tree"], pageBytes), Is.EqualTo("one\ntwo\ntree\n"));

    [Test]
    public void Line_longer_than_a_page_is_cut_between_characters() =>
        Assert.That(ReadAll(["aaaa\u00E9b", "c"], 6), Is.EqualTo("aaaa\nc\n"));

    [Test]
    public void Nothing_is_an_empty_last_page() =>
        Assert.That(TextPages.Fill([], 0, new byte[8]), Is.EqualTo(new TextPage(0, 0)));

    [Test]
    public void Line_after_the_end_is_an_empty_last_page() =>
        Assert.That(TextPages.Fill(["a"], 9, new byte[8]), Is.EqualTo(new TextPage(0, 0)));
}
