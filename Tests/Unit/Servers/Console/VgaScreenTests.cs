// What stands on the screen after which bytes.

using System.Text;
using NUnit.Framework;
using Servers.Console.Screens;

namespace Tests.Unit.Servers.Console;

[TestFixture]
public sealed class VgaScreenTests
{
    private static VgaScreen Write(string text)
    {
        VgaScreen screen = new();
        screen.Write(Keystrokes.Bytes(text));
        return screen;
    }

    [TestCase("abc", "abc", 0, 3)]
    [TestCase("abc{cr}X", "Xbc", 0, 1)]
    [TestCase("abc{bs}X", "abX", 0, 3)]
    [TestCase("a{tab}b", "a       b", 0, 9)]
    [TestCase("abc{esc}[2DX", "aXc", 0, 2)]
    [TestCase("abc{esc}[D{esc}[K", "ab", 0, 2)]
    [TestCase("abc{esc}[1K", "", 0, 3)]
    [TestCase("abc{esc}[2J", "", 0, 3)]
    [TestCase("abc{cr}{esc}[5CX", "abc  X", 0, 6)]
    [TestCase("{esc}[3;4HX{esc}[A{esc}[2DY{esc}[Hab", "ab", 0, 2)]
    [TestCase("a{esc}[99;99Hb{esc}[1;2Hc", "ac", 0, 2)]
    [TestCase("a{esc}[5Gb", "a   b", 0, 5)]
    [TestCase("a{bel}X{nul}Y", "aXY", 0, 3)]
    [TestCase("a\u00E9\u4E2Db", "a\u00E9?b", 0, 4)]
    [TestCase("a{esc}[?25hb{esc}[>1;2cx", "abx", 0, 3)]
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
    [TestCase("{esc}[31mx", 0x04)]
    [TestCase("{esc}[1;32mx", 0x0A)]
    [TestCase("{esc}[44;97mx", 0x1F)]
    [TestCase("{esc}[7mx", 0x70)]
    [TestCase("{esc}[31m{esc}[mx", 0x07)]
    [TestCase("{esc}[31;42;39;49mx", 0x07)]
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
