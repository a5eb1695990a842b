// The name of a disk or partition, as users type it: /dev/virtio0, /dev/ata2p1. Pure.

using System;
using System.Globalization;
using Shared.Contracts;
using Shared.Contracts.Devices;

namespace Servers.Supervisor.Devices;

/// <param name="Ordinal">Which driver of the kind: 0 is the first.</param>
public readonly record struct DiskName(DriverSpec Kind, uint Ordinal, DiskBadge Badge)
{
    private const string Folder = "/dev/";
    private const uint MaxNumber = 65_535;

    /// <summary>Names a disk, whether there is such a one or not.</summary>
    public static bool IsPath(string source) =>
        source.StartsWith(Folder, StringComparison.Ordinal);

    /// <summary>Null for what names no disk of a kind that there is.</summary>
    public static DiskName? Parse(string path)
    {
        if (!IsPath(path)) return null;
        string name = path[Folder.Length..];
        foreach (DriverSpec kind in DriverTable.All)
        {
            if (!name.StartsWith(kind.DiskName, StringComparison.Ordinal)) continue;
            if (Parse(kind, name.AsSpan(kind.DiskName.Length)) is { } parsed) return parsed;
        }
        return null;
    }

    /// <summary>As Parse reads it; null when the task is no driver.</summary>
    public static string? Of(string driver, DiskBadge? badge)
    {
        if (badge is not { } disk) return null;
        foreach (DriverSpec kind in DriverTable.All)
        {
            string name = kind.Task.Name;
            uint ordinal = 0;
            bool isFirst = driver == name;
            bool isLater = !isFirst && driver.StartsWith(name + "-", StringComparison.Ordinal)
                && uint.TryParse(driver.AsSpan(name.Length + 1), out ordinal) && ordinal > 1;
            if (!isFirst && !isLater) continue;
            uint number = (isFirst ? 0 : ordinal - 1) * kind.Units + disk.Unit;
            string part = disk.Partition == 0 ? "" : $"p{disk.Partition}";
            return $"{Folder}{kind.DiskName}{number}{part}";
        }
        return null;
    }

    /// <summary>Whether a block of the one is a block of the other.</summary>
    public bool Overlaps(DiskName other) =>
        Kind == other.Kind && Ordinal == other.Ordinal && Badge.Unit == other.Badge.Unit
        && (Badge.Partition == other.Badge.Partition
            || Badge.Partition == 0 || other.Badge.Partition == 0);

    private static DiskName? Parse(DriverSpec kind, ReadOnlySpan<char> rest)
    {
        int mark = rest.IndexOf('p');
        ReadOnlySpan<char> disk = mark < 0 ? rest : rest[..mark];
        uint partition = 0;
        if (Number(disk) is not { } number) return null;
        if (mark >= 0)
        {
            if (Number(rest[(mark + 1)..]) is not { } found) return null;
            if (found is 0 or > DiskBadge.MaxPartition) return null;
            partition = found;
        }
        return new DiskName(
            kind, number / kind.Units, new DiskBadge(number % kind.Units, partition));
    }

    /// <summary>Digits alone, without a zero in front.</summary>
    private static uint? Number(ReadOnlySpan<char> text)
    {
        bool isPlain = text.Length > 0 && !text.ContainsAnyExceptInRange('0', '9')
            && (text[0] != '0' || text.Length == 1);
        return isPlain && uint.TryParse(text, CultureInfo.InvariantCulture, out uint number)
            && number <= MaxNumber ? number : null;
    }
}
