// What stands behind `-o` and in the other words of a mount, checked strictly.
//
// An option that is not known is an error: a mount that ignored `ro` would be worse than none.

using System;
using System.Text;
using Shared.Abi;
using Shared.Contracts;

namespace Servers.Supervisor.Mounts;

public enum Access { ReadWrite, ReadOnly }

public readonly record struct MountOptions(Access Access, OnDeath OnDeath)
{
    /// <summary>Null when an option is unknown, empty, or contradicts another.</summary>
    public static MountOptions? Parse(string text)
    {
        Access? access = null;
        OnDeath? onDeath = null;
        if (text.Length == 0) return new MountOptions(Access.ReadWrite, OnDeath.Hold);
        foreach (string word in text.Split(','))
        {
            Access? wordAccess = ParseAccess(word);
            OnDeath? wordOnDeath = ParseOnDeath(word);
            if (wordAccess is null && wordOnDeath is null) return null;
            if (Contradict(access, wordAccess) || Contradict(onDeath, wordOnDeath)) return null;
            access ??= wordAccess;
            onDeath ??= wordOnDeath;
        }
        return new MountOptions(access ?? Access.ReadWrite, onDeath ?? OnDeath.Hold);
    }

    /// <summary>As `mount` prints them.</summary>
    public override string ToString() =>
        $"{(Access == Access.ReadOnly ? "ro" : "rw")},ondeath={Name(OnDeath)}";

    /// <summary>
    /// Ok for a canonical absolute path that cannot break the line that shows it.
    /// </summary>
    public static Status CheckTarget(string target) =>
        target.AsSpan().ContainsAnyInRange('\0', '\x1F')
            ? Status.BadArgument
            : PathRules.CheckAbsolute(target);

    private static bool Contradict<T>(T? before, T? now) where T : struct, Enum =>
        before is not null && now is not null && !before.Equals(now);

    /// <summary>A source is free text, but it must not break the line that shows it.</summary>
    public static bool IsSource(string source) =>
        source.Length != 0
        && Encoding.UTF8.GetByteCount(source) <= Limits.MaxNameBytes
        && !source.AsSpan().ContainsAnyInRange('\0', ' ');

    private static Access? ParseAccess(string word) => word switch
    {
        "rw" => Access.ReadWrite,
        "ro" => Access.ReadOnly,
        _ => null,
    };

    private static OnDeath? ParseOnDeath(string word) => word switch
    {
        "ondeath=hold" => OnDeath.Hold,
        "ondeath=fail" => OnDeath.Fail,
        "ondeath=vanish" => OnDeath.Vanish,
        _ => null,
    };

    private static string Name(OnDeath onDeath) => onDeath switch
    {
        OnDeath.Hold => "hold",
        OnDeath.Fail => "fail",
        _ => "vanish",
    };
}
