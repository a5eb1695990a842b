// Path names as text: always absolute and canonical once they have passed through here.

using System;
using System.Collections.Generic;

namespace Servers.Shell.Files;

public static class PathName
{
    public const string Root = "/";

    /// <summary>
    /// Absolute, without '.', '..', '//' or a last '/'. '..' is of the text, not of the tree, and
    /// stops at the root.
    /// </summary>
    public static string Canonical(string directory, string path)
    {
        List<string> names = [];
        if (!path.StartsWith('/')) AddNames(names, directory);
        AddNames(names, path);
        return Root + string.Join('/', names);
    }

    public static string Join(string directory, string name)
        => directory == Root ? Root + name : directory + "/" + name;

    /// <summary>The last name, or "/".</summary>
    public static string NameOf(string path)
        => path == Root ? Root : path[(path.LastIndexOf('/') + 1)..];

    public static string ParentOf(string path)
    {
        int slash = path.LastIndexOf('/');
        return slash <= 0 ? Root : path[..slash];
    }

    /// <summary>True when inner is outer or lies somewhere below it.</summary>
    public static bool IsWithin(string inner, string outer)
        => outer == Root || inner == outer
            || inner.StartsWith(outer + "/", StringComparison.Ordinal);

    private static void AddNames(List<string> names, string path)
    {
        foreach (string name in path.Split('/'))
        {
            if (name.Length == 0 || name == ".") continue;
            if (name != "..") names.Add(name);
            else if (names.Count > 0) names.RemoveAt(names.Count - 1);
        }
    }
}
