// Control characters in test cases, written so that test names stay printable: {esc} {cr} {^A}.
//
// Test adapters lose cases whose names hold control characters.

using System.Text;
using System.Text.RegularExpressions;

namespace Tests.Unit.Servers.Console;

internal static class Keystrokes
{
    public static string Text(string notation) => Regex.Replace(
        notation, @"\{(\^.|[a-z]+)\}", match => match.Groups[1].Value switch
        {
            "esc" => "\e",
            "cr" => "\r",
            "lf" => "\n",
            "tab" => "\t",
            "bs" => "\b",
            "bel" => "\a",
            "nul" => "\0",
            ['^', char letter] => ((char)(letter ^ 0x40)).ToString(),
            _ => match.Value,
        });

    public static byte[] Bytes(string notation) => Encoding.UTF8.GetBytes(Text(notation));
}
