// What stands behind `-o` and in the other words of a mount, checked strictly.
//
// An option that is not known is an error: a mount that ignored `ro` would be worse than none.

using System;
using System.Globalization;
using System.Text;
using Shared.Abi;
using Shared.Contracts.Paths;

namespace Servers.Supervisor.Mounts;

public enum Access { ReadWrite, ReadOnly }

/// <param name="DeadlineMs">
/// Longest wait of a call that names no deadline itself; 0 leaves it to the type.
/// </param>
public readonly record struct MountOptions(
    Access Access, OnDeath OnDeath, ulong DeadlineMs = 0)
{
    private const string DeadlineWord = "deadline=";
    private const decimal MaxDeadlineSeconds = 86_400;
    private const int MsPerSecond = 1_000;

    /// <summary>Null when an option is unknown, empty, or contradicts another.</summary>
    public static MountOptions? Parse(string text)
    {
        Access? access = null;
        OnDeath? onDeath = null;
        ulong? deadlineMs = null;
        if (text.Length == 0) return new MountOptions(Access.ReadWrite, OnDeath.Hold);
        foreach (string word in text.Split(','))
        {
            Access? wordAccess = ParseAccess(word);
            OnDeath? wordOnDeath = ParseOnDeath(word);
            ulong? wordDeadlineMs = ParseDeadline(word);
            if (wordAccess is null && wordOnDeath is null && wordDeadlineMs is null) return null;
            if (Contradict(access, wordAccess) || Contradict(onDeath, wordOnDeath)) return null;
            if (Contradict(deadlineMs, wordDeadlineMs)) return null;
            access ??= wordAccess;
            onDeath ??= wordOnDeath;
            deadlineMs ??= wordDeadlineMs;
        }
        return new MountOptions(
            access ?? Access.ReadWrite, onDeath ?? OnDeath.Hold, deadlineMs ?? 0);
    }

    /// <summary>As `mount` prints them.</summary>
    public override string ToString() =>
        $"{(Access == Access.ReadOnly ? "ro" : "rw")},ondeath={Name(OnDeath)}{DeadlineText}";

    private string DeadlineText => DeadlineMs == 0 ? "" : string.Create(
        CultureInfo.InvariantCulture, $",{DeadlineWord}{(decimal)DeadlineMs / MsPerSecond:0.###}");

    /// <summary>
    /// Ok for a canonical absolute path that cannot break the line that shows it.
    /// </summary>
    public static Status CheckTarget(string target) =>
        target.AsSpan().ContainsAnyInRange('\0', '\x1F')
            ? Status.BadArgument
            : PathRules.CheckAbsolute(target);

    private static bool Contradict<T>(T? before, T? now) where T : struct =>
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

    /// <summary>Seconds, to the millisecond: more than 0, and at most a day.</summary>
    private static ulong? ParseDeadline(string word)
    {
        if (!word.StartsWith(DeadlineWord, StringComparison.Ordinal)) return null;
        bool isNumber = decimal.TryParse(
            word.AsSpan(DeadlineWord.Length), NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture, out decimal seconds);
        if (!isNumber || seconds <= 0 || seconds > MaxDeadlineSeconds) return null;
        decimal milliseconds = seconds * MsPerSecond;
        return decimal.IsInteger(milliseconds) ? (ulong)milliseconds : null;
    }

    private static string Name(OnDeath onDeath) => onDeath switch
    {
        OnDeath.Hold => "hold",
        OnDeath.Fail => "fail",
        _ => "vanish",
    };
}
