// Makes, lists and unpacks, entry by entry, so that an archive may be larger than the memory.

using System;
using System.Collections.Generic;
using System.Formats.Tar;
using System.IO;
using System.Linq;

namespace Servers.Programs.Tar;

internal sealed class Archive(Arguments arguments)
{
    private const string Standard = "-";

    public void Create()
    {
        using Stream target = arguments.Archive == Standard
            ? Console.OpenStandardOutput() : File.Create(arguments.Archive);
        string own = arguments.Archive == Standard ? "" : Path.GetFullPath(arguments.Archive);
        using TarWriter writer = new(target, TarEntryFormat.Pax, leaveOpen: true);
        foreach (string file in arguments.Files)
        {
            string path = Path.GetFullPath(Path.Combine(arguments.Directory, file));
            string name = file.Trim('/');
            if (!Directory.Exists(path))
            {
                writer.WriteEntry(path, name);
                continue;
            }
            foreach (string below in Below(path).Where(below => below != own))
            {
                string rest = Path.GetRelativePath(path, below);
                writer.WriteEntry(below, rest == "." ? name : $"{name}/{rest}");
            }
        }
    }

    public void List()
    {
        using Stream source = Source();
        using TarReader reader = new(source);
        using StreamWriter output = new(Console.OpenStandardOutput());
        while (reader.GetNextEntry() is { } entry) output.WriteLine(entry.Name);
    }

    public void Extract()
    {
        using Stream source = Source();
        using TarReader reader = new(source);
        string root = Path.GetFullPath(arguments.Directory);
        string inside = root.EndsWith('/') ? root : root + "/";
        while (reader.GetNextEntry() is { } entry)
        {
            if (entry.EntryType == TarEntryType.GlobalExtendedAttributes) continue;
            string path = Path.GetFullPath(Path.Combine(root, entry.Name)).TrimEnd('/');
            if (path != root.TrimEnd('/') && !path.StartsWith(inside, StringComparison.Ordinal))
            {
                throw new InvalidDataException($"{entry.Name}: leads out of the directory");
            }
            Extract(entry, path);
        }
    }

    private static void Extract(TarEntry entry, string path)
    {
        switch (entry.EntryType)
        {
            case TarEntryType.Directory:
                Directory.CreateDirectory(path);
                break;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile:
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                entry.ExtractToFile(path, overwrite: true);
                break;
            default:
                Console.Error.WriteLine($"tar: {entry.Name}: {entry.EntryType} is left out");
                break;
        }
    }

    private Stream Source() => arguments.Archive == Standard
        ? Console.OpenStandardInput() : File.OpenRead(arguments.Archive);

    /// <summary>The directory itself, then what is in it, by name.</summary>
    private static IEnumerable<string> Below(string directory) =>
        Directory.EnumerateFileSystemEntries(directory, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).Prepend(directory);
}
