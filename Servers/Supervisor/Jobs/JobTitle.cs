// What a job is called: by its program, or by the first word of the line that a shell runs for it.
// Pure.

using System;
using System.Collections.Generic;
using System.Text;
using Shared.Sdk.Tasks;

namespace Servers.Supervisor.Jobs;

public readonly record struct JobTitle(string Name, string Command)
{
    private const string Shell = "shell";
    private const string LineOption = "-c";
    private const string Ending = ".elf";
    private const int MaxNameLength = 24;
    /// <summary>More of a command than this is not kept.</summary>
    private const int MaxCommandBytes = 480;

    public static JobTitle Of(string image, IReadOnlyList<string> arguments)
    {
        bool isLine = image == Shell && arguments.Count >= 2 && arguments[0] == LineOption;
        if (!isLine)
        {
            string words = string.Join(' ', arguments);
            string name = NameOf(image);
            return new JobTitle(name, Cut(words.Length == 0 ? image : $"{image} {words}"));
        }
        string line = arguments[1].Trim();
        int length = 0;
        while (length < Math.Min(line.Length, MaxNameLength) && IsOfName(line[length])) length++;
        return new JobTitle(length == 0 ? image : line[..length], Cut(line));
    }

    /// <summary>Of a path its last part, without the ending of a program.</summary>
    private static string NameOf(string image)
    {
        string name = image[(image.LastIndexOf('/') + 1)..];
        bool hasEnding = name.Length > Ending.Length
            && name.EndsWith(Ending, StringComparison.Ordinal);
        name = hasEnding ? name[..^Ending.Length] : name;
        return name.Length == 0 ? "program" : name;
    }

    private static string Cut(string command)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(command);
        int length = TextCut.Utf8(bytes, MaxCommandBytes);
        return length == bytes.Length ? command : $"{Encoding.UTF8.GetString(bytes, 0, length)}...";
    }

    private static bool IsOfName(char character) =>
        char.IsAsciiLetterOrDigit(character) || character is '-' or '_';
}
