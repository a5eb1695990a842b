// What was asked for.

using System.Collections.Generic;

namespace Servers.Programs.Tar;

internal enum Verb { Create, List, Extract }

internal sealed record Arguments(
    Verb Verb, string Archive, string Directory, IReadOnlyList<string> Files)
{
    public const string Usage =
        "usage: tar -c|-t|-x -f ARCHIVE [-C DIRECTORY] [FILE...]";

    /// <summary>Null when they make no sense. Letters may stand together: -cf.</summary>
    public static Arguments? Parse(string[] words)
    {
        string letters = "", archive = "", directory = ".";
        List<string> files = [];
        for (int i = 0; i < words.Length; i++)
        {
            string word = words[i];
            if (word.Length < 2 || word[0] != '-')
            {
                files.Add(word);
                continue;
            }
            foreach (char letter in word[1..])
            {
                if (letter is 'c' or 't' or 'x') letters += letter;
                else if (letter is not ('f' or 'C') || i + 1 == words.Length) return null;
                else if (letter == 'f') archive = words[++i];
                else directory = words[++i];
            }
        }
        Verb? verb = letters switch
        {
            "c" when files.Count > 0 => Verb.Create,
            "t" => Verb.List,
            "x" when files.Count == 0 => Verb.Extract,
            _ => null,
        };
        bool isWhole = verb is not null && archive.Length > 0;
        return isWhole ? new Arguments(verb!.Value, archive, directory, files) : null;
    }
}
