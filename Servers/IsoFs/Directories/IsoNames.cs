// From the bytes of a record to the name that a path can say. Pure.

using System;
using System.Globalization;
using System.Text;
using Servers.IsoFs.Volumes;
using Shared.Abi;
using Shared.Contracts.Paths;

namespace Servers.IsoFs.Directories;

internal static class IsoNames
{
    /// <summary>
    /// Null for a name that no path can say, such as one that is too long. A '/' in it is shown as
    /// '_', as is a NUL.
    /// </summary>
    public static string? Of(DirectoryRecord record, SystemUse use, NameStyle style)
    {
        string name = style switch
        {
            NameStyle.RockRidge when !use.Name.IsEmpty => Encoding.UTF8.GetString(use.Name),
            NameStyle.Joliet =>
                WithoutVersion(Encoding.BigEndianUnicode.GetString(record.Name)),
            _ => Plain(record),
        };
        name = name.Replace('/', '_').Replace('\0', '_');
        return PathRules.CheckName(name) == Status.Ok ? name : null;
    }

    /// <summary>NAME.EXT;1 is name.ext; a file without extension has a dot too.</summary>
    private static string Plain(DirectoryRecord record)
    {
        string name = WithoutVersion(Encoding.Latin1.GetString(record.Name));
        if (name.EndsWith('.')) name = name[..^1];
        return name.ToLowerInvariant();
    }

    private static string WithoutVersion(string name)
    {
        int mark = name.LastIndexOf(';');
        bool isVersion = mark > 0 && int.TryParse(
            name.AsSpan(mark + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _);
        return isVersion ? name[..mark] : name;
    }
}
