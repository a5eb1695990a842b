// `sort [-nru] [-o TARGET] [FILE...]`: sorts lines by their characters, or by the number at their
// start.
//
// Without a file it reads its input. The target may be one of the files. 2 for an error.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

const string Usage = "usage: sort [-nru] [-o TARGET] [FILE...]";
const int Error = 2;

string options = "";
string? target = null;
List<string> files = [];
for (int i = 0; i < args.Length; i++)
{
    if (args[i] == "-o" && i + 1 < args.Length) target = args[++i];
    else if (args[i].Length > 1 && args[i][0] == '-') options += args[i][1..];
    else files.Add(args[i]);
}
if (options.Any(letter => !"nru".Contains(letter))) return Fail(Usage);

try
{
    List<string> lines = [];
    foreach (string file in files) lines.AddRange(File.ReadLines(file));
    if (files.Count == 0)
    {
        while (Console.ReadLine() is { } line) lines.Add(line);
    }
    IEnumerable<string> sorted = options.Contains('n')
        ? lines.OrderBy(NumberOf).ThenBy(line => line, StringComparer.Ordinal)
        : lines.Order(StringComparer.Ordinal);
    if (options.Contains('r')) sorted = sorted.Reverse();
    if (options.Contains('u')) sorted = sorted.Distinct();
    if (target is not null) File.WriteAllLines(target, sorted);
    else Print(sorted);
    return 0;
}
catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
{
    return Fail(exception.Message);
}

static void Print(IEnumerable<string> lines)
{
    using StreamWriter output = new(Console.OpenStandardOutput());
    foreach (string line in lines) output.WriteLine(line);
}

static decimal NumberOf(string line)
{
    string text = line.TrimStart();
    int length = 0;
    while (length < text.Length && (char.IsAsciiDigit(text[length]) || text[length] is '-' or '.'))
    {
        length++;
    }
    decimal.TryParse(
        text[..length], NumberStyles.Number, CultureInfo.InvariantCulture, out decimal number);
    return number;
}

static int Fail(string reason)
{
    Console.Error.WriteLine($"sort: {reason}");
    return Error;
}
