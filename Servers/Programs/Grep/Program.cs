// `grep [-cinv] PATTERN [FILE...]`: prints the lines that match a regular expression of .NET.
//
// Without a file it reads its input. 0 when a line was found, 1 when none, 2 for an error.

using System;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

const string Usage = "usage: grep [-cinv] PATTERN [FILE...]";
const int Found = 0, NothingFound = 1, Error = 2;
const string Letters = "cinv";

string options = string.Concat(args.TakeWhile(IsOption).Select(option => option[1..]));
string[] words = [.. args.SkipWhile(IsOption)];
if (words.Length == 0 || options.Any(letter => !Letters.Contains(letter))) return Fail(Usage);
Regex pattern;
try
{
    RegexOptions rule = RegexOptions.CultureInvariant
        | (options.Contains('i') ? RegexOptions.IgnoreCase : RegexOptions.None);
    pattern = new Regex(words[0], rule);
}
catch (ArgumentException exception)
{
    return Fail($"{words[0]}: {exception.Message.ReplaceLineEndings(" ")}");
}

int code = NothingFound;
if (words.Length == 1) Search(Console.In, "");
foreach (string file in words[1..])
{
    try
    {
        using StreamReader reader = new(file);
        Search(reader, words.Length > 2 ? file + ":" : "");
    }
    catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
    {
        Fail(exception.Message);
        code = Error;
    }
}
Console.Out.Flush();
return code;

void Search(TextReader reader, string prefix)
{
    int number = 0, count = 0;
    while (reader.ReadLine() is { } line)
    {
        number++;
        if (pattern.IsMatch(line) == options.Contains('v')) continue;
        count++;
        if (options.Contains('c')) continue;
        Console.WriteLine(prefix + (options.Contains('n') ? $"{number}:" : "") + line);
    }
    if (options.Contains('c')) Console.WriteLine($"{prefix}{count}");
    if (count > 0 && code != Error) code = Found;
}

static bool IsOption(string word) => word.Length > 1 && word[0] == '-';

static int Fail(string reason)
{
    Console.Error.WriteLine($"grep: {reason}");
    return Error;
}
