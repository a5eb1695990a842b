// What a job is called: by its program, or by the first word of the line that a shell runs for it.
// Pure.

using System;
using System.Collections.Generic;

namespace Servers.Supervisor.Jobs;

public readonly record struct JobTitle(string Name, string Command)
{
    private const string Shell = "shell";
    private const string LineOption = "-c";
    private const int MaxNameLength = 24;

    public static JobTitle Of(string image, IReadOnlyList<string> arguments)
    {
        bool isLine = image == Shell && arguments.Count >= 2 && arguments[0] == LineOption;
        if (!isLine)
        {
            string words = string.Join(' ', arguments);
            return new JobTitle(image, words.Length == 0 ? image : $"{image} {words}");
        }
        string line = arguments[1].Trim();
        int length = 0;
        while (length < Math.Min(line.Length, MaxNameLength) && IsOfName(line[length])) length++;
        return new JobTitle(length == 0 ? image : line[..length], line);
    }

    private static bool IsOfName(char character) =>
        char.IsAsciiLetterOrDigit(character) || character is '-' or '_';
}
