// The words behind `mkfs.fat`. Pure.

using System;
using System.Collections.Generic;
using Shared.Fat;

namespace Servers.Programs.Mkfs.Fat;

internal enum WholeDisk
{
    RefusedIfPartitioned,
    Allowed,
}

internal sealed record MkfsOptions
{
    public const string Usage =
        "usage: mkfs.fat [-F 12|16|32] [-n LABEL] [-I] /dev/DISK or /dev/DISKpN";

    /// <summary>Null: by the size.</summary>
    public FatKind? Kind { get; private init; }
    public string Label { get; private init; } = "";
    public WholeDisk WholeDisk { get; private init; }
    public string Disk { get; private init; } = "";
    /// <summary>Empty: all is well.</summary>
    public string Problem { get; private init; } = "";

    public static MkfsOptions Parse(IReadOnlyList<string> words)
    {
        MkfsOptions options = new();
        for (int i = 0; i < words.Count; i++)
        {
            string word = words[i];
            bool hasValue = word is "-F" or "-n";
            if (hasValue && ++i == words.Count) return Wrong(Usage);
            if (word == "-F")
            {
                if (KindOf(words[i]) is not { } kind) return Wrong($"-F {words[i]}: no such FAT");
                options = options with { Kind = kind };
            }
            else if (word == "-n") options = options with { Label = words[i] };
            else if (word == "-I") options = options with { WholeDisk = WholeDisk.Allowed };
            else if (word.StartsWith('-') || options.Disk.Length != 0) return Wrong(Usage);
            else options = options with { Disk = word };
        }
        return options.Disk.Length == 0 ? Wrong(Usage) : options;
    }

    private static MkfsOptions Wrong(string problem) => new() { Problem = problem };

    private static FatKind? KindOf(string bits) => bits switch
    {
        "12" => FatKind.Fat12,
        "16" => FatKind.Fat16,
        "32" => FatKind.Fat32,
        _ => null,
    };
}
