// One number for all files that something is built from, so that nothing is built twice.
//
// Rules: a file's bytes and place count, its times do not (a fresh clone has new ones).

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace Tests.Rig.Images;

public static class InputHash
{
    /// <summary>The folder of an imported file, as that file says it.</summary>
    private const string ThisFolder = "$(MSBuildThisFileDirectory)";

    private static readonly string[] EveryBuild =
        ["Directory.Build.props", "Directory.Build.targets", "global.json", "nuget.config"];

    /// <summary>Hashes the files of the project and of every project that it refers to.</summary>
    public static string OfProject(string projectFile)
    {
        var files = new SortedSet<string>(StringComparer.Ordinal);
        AddProject(projectFile, files, []);
        files.UnionWith(EveryBuild.Select(name => Repository.At(name)).Where(File.Exists));
        return OfFiles(files, Environment.Version.ToString());
    }

    public static string OfFiles(IEnumerable<string> files, string salt = "")
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(salt));
        foreach (string file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes('\n' + Repository.Relative(file) + '\n'));
            hash.AppendData(File.ReadAllBytes(file));
        }
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>All files below a folder but what builds leave there.</summary>
    public static IEnumerable<string> FilesBelow(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder)) yield return file;
        foreach (string child in Directory.EnumerateDirectories(folder))
        {
            if (Path.GetFileName(child) is "bin" or "obj" or "artifacts" or ".git") continue;
            foreach (string file in FilesBelow(child)) yield return file;
        }
    }

    private static void AddProject(string project, SortedSet<string> files, HashSet<string> seen)
    {
        if (!seen.Add(project) || !File.Exists(project)) return;
        string folder = Path.GetDirectoryName(project)!;
        if (IsProject(project)) files.UnionWith(FilesBelow(folder));
        else files.Add(project);
        foreach (XElement element in XDocument.Load(project).Descendants())
        {
            string? value = (element.Attribute("Include") ?? element.Attribute("Project"))?.Value
                .Replace(ThisFolder, "../" + Path.GetFileName(folder) + "/");
            if (value is null || !value.StartsWith("..", StringComparison.Ordinal)) continue;
            string target = Path.GetFullPath(Path.Combine(folder, value.Replace('\\', '/')));
            if (IsProject(target) || target.EndsWith(".props", StringComparison.Ordinal))
            {
                AddProject(target, files, seen);
            }
            else
            {
                AddLinked(target, files);
            }
        }
    }

    private static bool IsProject(string file) =>
        file.EndsWith(".csproj", StringComparison.Ordinal);

    /// <summary>A linked file, or every file below the folder before the first wildcard.</summary>
    private static void AddLinked(string target, SortedSet<string> files)
    {
        if (File.Exists(target))
        {
            files.Add(target);
            return;
        }
        int wildcard = target.IndexOf('*', StringComparison.Ordinal);
        string? folder = wildcard < 0 ? null : Path.GetDirectoryName(target[..wildcard]);
        if (folder is not null && Directory.Exists(folder)) files.UnionWith(FilesBelow(folder));
    }
}
