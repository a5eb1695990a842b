// Candidates for the Tab key: commands for the first word, paths for the others.
//
// Rules: offsets are in bytes of the line. Any failure is no candidate.

using System;
using System.Collections.Generic;
using System.Text;
using Servers.Shell.Commands;
using Servers.Shell.Files;
using Servers.Shell.Running;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Shell;

public sealed class Completion(ShellState shell)
{
    private const int MaxCandidates = 200;

    /// <summary>Where the word starts, and what may replace it, joined by ends of line.</summary>
    public (uint WordOffset, string Candidates) Complete(string line)
    {
        int start = line.LastIndexOfAny([' ', '\t', ';', '|', '&', '>', '<']) + 1;
        string word = line[start..];
        bool isCommand = IsCommandPlace(line.AsSpan(0, start)) && !word.Contains('/');
        List<string> candidates = isCommand ? CommandsLike(word) : PathsLike(word);
        return ((uint)Encoding.UTF8.GetByteCount(line.AsSpan(0, start)), Join(candidates));
    }

    private static bool IsCommandPlace(ReadOnlySpan<char> before)
    {
        before = before.TrimEnd();
        return before.IsEmpty || before[^1] is ';' or '|' or '&';
    }

    private List<string> CommandsLike(string word)
    {
        List<string> names = [];
        foreach (Command command in shell.Commands.All)
        {
            bool isLike = command.Name.StartsWith(word, StringComparison.Ordinal);
            if (isLike) names.Add(command.Name + " ");
        }
        return names;
    }

    private List<string> PathsLike(string word)
    {
        int slash = word.LastIndexOf('/');
        string before = word[..(slash + 1)];
        string prefix = word[(slash + 1)..];
        string directory = PathName.Canonical(shell.Directory, before.Length == 0 ? "." : before);
        Result<List<DirectoryEntry>> listed = shell.Files.List(directory);
        List<string> paths = [];
        if (!listed.IsOk) return paths;
        foreach (DirectoryEntry entry in listed.Value)
        {
            if (!entry.Name.StartsWith(prefix, StringComparison.Ordinal)) continue;
            if (paths.Count == MaxCandidates) break;
            bool isDirectory = entry.Type == FileType.Directory;
            paths.Add(before + Quoted(entry.Name) + (isDirectory ? "/" : " "));
        }
        return paths;
    }

    /// <summary>As it must be typed to be one word.</summary>
    private static string Quoted(string name)
    {
        StringBuilder text = new();
        foreach (char character in name)
        {
            if (" \t\\'\"#$;&|<>".Contains(character)) text.Append('\\');
            text.Append(character);
        }
        return text.ToString();
    }

    private static string Join(List<string> candidates)
    {
        string joined = string.Join('\n', candidates);
        // Beyond what a message takes there is nothing to choose from anyway.
        return Encoding.UTF8.GetByteCount(joined) > Limits.MaxPathBytes ? "" : joined;
    }
}
