// What stands on the screen after which bytes.

using System.Text;
using NUnit.Framework;
using Servers.Console;

namespace Tests.Unit.Servers.Console;

[TestFixture]
public sealed class VgaScreenTests
{
    private static VgaScreen Write(string text)
    {
        VgaScreen screen = new();
        screen.Write(Encoding.UTF8.GetBytes(text));
        return screen;
    }

    [TestCase("abc", "abc", 0, 3)]
    [TestCase("abc\rX", "Xbc", 0, 1)]
    [TestCase("abc\bX", "abX", 0, 3)]
    [TestCase("a\tb", "a       b", 0, 9)]
    [TestCase("abc\e[2DX", "aXc", 0, 2)]
    [TestCase("abc\e[D\e[K", "ab", 0, 2)]
    [TestCase("abc\e[1K", "", 0, 3)]
    [TestCase("abc\e[2J", "", 0, 3)]
    [TestCase("abc\r\e[5CX", "abc  X", 0, 6)]
    [TestCase("\e[3;4HX\e[A\e[2DY\e[Hab", "ab", 0, 2)]
    [TestCase("a\e[99;99Hb\e[1;2Hc", "ac", 0, 2)]
    [TestCase("a\e[5Gb", "a   b", 0, 5)]
    [TestCase("a\aX\0Y", "aXY", 0, 3)]
    [TestCase("a\u00E9\u4E2Db", "a\u00E9?b", 0, 4)]
    [TestCase("a\e[?25hb\e[>1;2cx", "abx", 0, 3)]
    public void Bytes_make_the_first_row(string text, string row, int cursorRow, int column)
    {
        VgaScreen screen = Write(text);
        Assert.That(ScreenText.Row(screen, 0), Is.EqualTo(row));
        Assert.That((screen.Row, screen.Column), Is.EqualTo((cursorRow, column)));
    }

    [Test]
    public void Line_wraps_when_the_next_character_comes()
    {
        VgaScreen screen = Write(new string('x', VgaScreen.Columns));
        Assert.That(screen.Row, Is.Zero);
        screen.Write("y"u8);
        Assert.That((screen.Row, screen.Column), Is.EqualTo((1, 1)));
        screen.Write("\b\b"u8);
        Assert.That((screen.Row, screen.Column), Is.EqualTo((0, VgaScreen.Columns - 1)));
    }

    [Test]
    public void Last_line_scrolls()
    {
        StringBuilder text = new();
        for (int i = 0; i < VgaScreen.Rows + 5; i++) text.Append($"line {i}\r\n");
        VgaScreen screen = Write(text.ToString());
        Assert.That(ScreenText.Row(screen, 0), Is.EqualTo("line 6"));
        Assert.That(ScreenText.Row(screen, VgaScreen.Rows - 2), Is.EqualTo("line 29"));
        Assert.That(ScreenText.Row(screen, VgaScreen.Rows - 1), Is.Empty);
    }

    [TestCase("x", 0x07)]
    [TestCase("\e[31mx", 0x04)]
    [TestCase("\e[1;32mx", 0x0A)]
    [TestCase("\e[44;97mx", 0x1F)]
    [TestCase("\e[7mx", 0x70)]
    [TestCase("\e[31m\e[mx", 0x07)]
    [TestCase("\e[31;42;39;49mx", 0x07)]
    public void Colours_are_the_cards(string text, int colour) =>
        Assert.That(Write(text).Cells[0] >> 8, Is.EqualTo(colour));

    [Test]
    public void Only_touched_rows_are_dirty()
    {
        VgaScreen screen = new();
        screen.MarkClean();
        screen.Write("\e[3;1Hab\e[7;1Hc"u8);
        Assert.That(screen.DirtyRows, Is.EqualTo(1u << 2 | 1u << 6));
    }

    [Test]
    public void New_screen_goes_on_where_the_card_is()
    {
        ushort[] cells = new ushort[VgaScreen.Columns * VgaScreen.Rows];
        System.Array.Fill(cells, (ushort)0x0720);
        cells[0] = 0x0700 | 'k';
        VgaScreen screen = new();
        screen.Adopt(cells, VgaScreen.Columns + 3);
        screen.Write("x"u8);
        Assert.That(ScreenText.Row(screen, 0), Is.EqualTo("k"));
        Assert.That(ScreenText.Row(screen, 1), Is.EqualTo("   x"));
        screen.Adopt(cells, 9999);
        Assert.That((screen.Row, screen.Column), Is.EqualTo((VgaScreen.Rows - 1, 0)));
    }

    [Test]
    public void Random_bytes_never_fault()
    {
        System.Random random = new(11);
        VgaScreen screen = new();
        byte[] bytes = new byte[64];
        byte[] interesting = "\e[;0129mHJKABCD\b\r\n\t"u8.ToArray();
        for (int round = 0; round < 5000; round++)
        {
            random.NextBytes(bytes);
            for (int i = 0; i < bytes.Length; i += 2)
            {
                bytes[i] = interesting[random.Next(interesting.Length)];
            }
            screen.Write(bytes);
            Assert.That(screen.Row, Is.InRange(0, VgaScreen.Rows - 1));
            Assert.That(screen.Column, Is.InRange(0, VgaScreen.Columns));
        }
    }
}
