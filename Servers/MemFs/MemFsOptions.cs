// What a mount was asked to be: the options of `mount -o`, as the supervisor passes them on.
//
// Rules: the supervisor refuses what nobody knows; here only what concerns this server is read.

using System;
using System.Globalization;

namespace Servers.MemFs;

internal enum Access { ReadWrite, ReadOnly }

/// <param name="DirectoriesAtStart">Made in the root before the first request.</param>
internal sealed record MemFsOptions(
    Access Access, ulong QuotaBytes, string[] DirectoriesAtStart)
{
    public const ulong DefaultQuotaBytes = 16 * 1024 * 1024;
    /// <summary>No more than this, whatever is asked: the tables are sized by it.</summary>
    public const ulong MaxQuotaBytes = 1024 * 1024 * 1024;
    /// <summary>Where a fresh system mounts other things, or puts its files.</summary>
    private static readonly string[] s_skeleton = ["mnt", "tmp", "proc", "home", "etc"];

    public static readonly MemFsOptions Default = new(
        Access.ReadWrite, DefaultQuotaBytes, []);

    /// <summary>Reads "ro,skeleton,size=BYTES"; a size may end in K or M.</summary>
    public static MemFsOptions Parse(string text)
    {
        MemFsOptions options = Default;
        foreach (string option in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            options = option switch
            {
                "ro" => options with { Access = Access.ReadOnly },
                "skeleton" => options with { DirectoriesAtStart = s_skeleton },
                _ when option.StartsWith("size=", StringComparison.Ordinal) =>
                    options with { QuotaBytes = ParseBytes(option[5..]) },
                _ => options,
            };
        }
        return options;
    }

    private static ulong ParseBytes(string text)
    {
        ulong unit = 1;
        if (text.EndsWith('K')) unit = 1024;
        if (text.EndsWith('M')) unit = 1024 * 1024;
        string digits = unit == 1 ? text : text[..^1];
        bool isNumber = ulong.TryParse(
            digits, NumberStyles.None, CultureInfo.InvariantCulture, out ulong count);
        if (!isNumber || count > MaxQuotaBytes) return DefaultQuotaBytes;
        return Math.Min(count * unit, MaxQuotaBytes);
    }
}
