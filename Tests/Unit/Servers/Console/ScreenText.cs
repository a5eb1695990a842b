// Reads a screen as text.

using System.Text;
using Servers.Console.Screens;

namespace Tests.Unit.Servers.Console;

internal static class ScreenText
{
    /// <summary>A row without its trailing blanks.</summary>
    public static string Row(VgaScreen screen, int row)
    {
        StringBuilder text = new();
        for (int column = 0; column < VgaScreen.Columns; column++)
        {
            byte glyph = (byte)screen.Cells[row * VgaScreen.Columns + column];
            text.Append(glyph switch { 0x82 => '\u00E9', 0x8A => '\u00E8', _ => (char)glyph });
        }
        return text.ToString().TrimEnd();
    }
}
