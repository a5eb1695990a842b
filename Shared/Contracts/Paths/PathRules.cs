// What a path may look like. Every file server and Vfs ask here, so that all answer alike.
//
// Rules: a whole path is checked before anything is looked up; a check changes nothing.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Shared.Abi;

namespace Shared.Contracts.Paths;

public static partial class PathRules
{
    /// <summary>Checks a path relative to a directory capability; the empty path is good.</summary>
    public static Status CheckRelative(ReadOnlySpan<char> path)
    {
        if (path.IsEmpty) return Status.Ok;
        // A character is at least a byte; this bounds the work before any of it is done.
        if (path.Length > Limits.MaxPathBytes) return Status.NameTooLong;
        if (IsPlain(path)) return Status.Ok;
        int total = -1;
        while (true)
        {
            int end = path.IndexOf('/');
            ReadOnlySpan<char> name = end < 0 ? path : path[..end];
            Status status = CheckName(name, out int lengthBytes);
            if (status != Status.Ok) return status;
            total += lengthBytes + 1;
            if (total > Limits.MaxPathBytes) return Status.NameTooLong;
            if (end < 0) return Status.Ok;
            path = path[(end + 1)..];
        }
    }

    /// <summary>Checks an absolute, canonical path: '/' or '/a/b'.</summary>
    public static Status CheckAbsolute(ReadOnlySpan<char> path)
    {
        if (path.IsEmpty || path[0] != '/') return Status.InvalidName;
        if (path.Length > Limits.MaxPathBytes) return Status.NameTooLong;
        return path.Length == 1 ? Status.Ok : CheckRelative(path[1..]);
    }

    /// <summary>Not empty, '.' or '..', no '/' or NUL, and UTF-8 can say it.</summary>
    public static Status CheckName(ReadOnlySpan<char> name) => CheckName(name, out _);

    /// <summary>
    /// Where the rest of a path below a mount's target begins, its length when nothing is left;
    /// negative when it does not lie there. Both are absolute and canonical.
    /// </summary>
    public static int RestOffset(string target, string path)
    {
        int length = target.Length;
        if (length == 1) return 1;
        // Most targets that do not match differ in their last character.
        if (path.Length < length || path[length - 1] != target[length - 1]) return -1;
        if (path.Length > length && path[length] != '/') return -1;
        if (!path.AsSpan(0, length).SequenceEqual(target)) return -1;
        return path.Length == length ? length : length + 1;
    }

    /// <summary>Takes the first name off a checked path; empty when none is left.</summary>
    public static ReadOnlySpan<char> TakeFirst(ref ReadOnlySpan<char> path)
    {
        int end = path.IndexOf('/');
        ReadOnlySpan<char> name = end < 0 ? path : path[..end];
        path = end < 0 ? default : path[(end + 1)..];
        return name;
    }

    /// <summary>
    /// As most paths are: no longer than a name may be, of good names in ASCII, none of which
    /// begins with a dot. False decides nothing. The path is not empty.
    /// </summary>
    private static bool IsPlain(ReadOnlySpan<char> path)
    {
        if (path.Length > Limits.MaxNameBytes || path[^1] == '/') return false;
        ReadOnlySpan<ushort> units = MemoryMarshal.Cast<char, ushort>(path);
        int last = units.Length - StepChars;
        if (last < 0) return IsShortPlain(units);
        bool isPlain = IsPlainStep(units, 0);
        // The last step looks at some characters again.
        for (int at = StepChars; isPlain && at < units.Length; at += StepChars)
            isPlain = IsPlainStep(units, Math.Min(at, last));
        return isPlain;
    }

    private const int StepChars = 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsPlainStep(ReadOnlySpan<ushort> units, int at)
    {
        Vector128<ushort> eight = Vector128.Create(units.Slice(at, StepChars));
        // Zero and what is not ASCII: one of these bits is set before or after one is taken off.
        Vector128<ushort> others =
            (eight | (eight - Vector128<ushort>.One)) & Vector128.Create((ushort)0xFF80);
        if (others != default) return false;
        Vector128<byte> bytes = Vector128.Narrow(eight, eight);
        uint slashes = Vector128.Equals(bytes, Vector128.Create((byte)'/'))
            .ExtractMostSignificantBits();
        uint dots = Vector128.Equals(bytes, Vector128.Create((byte)'.'))
            .ExtractMostSignificantBits();
        uint starts = slashes << 1 | (at == 0 || units[at - 1] == '/' ? 1u : 0);
        return (starts & (slashes | dots) & (1u << StepChars) - 1) == 0;
    }

    private static bool IsShortPlain(ReadOnlySpan<ushort> units)
    {
        bool isStart = true;
        foreach (ushort unit in units)
        {
            bool isPlain = (uint)(unit - 1) < 0x7f && !(isStart && unit is ('/' or '.'));
            if (!isPlain) return false;
            isStart = unit == '/';
        }
        return true;
    }

    private static Status CheckName(ReadOnlySpan<char> name, out int lengthBytes)
    {
        lengthBytes = 0;
        if (name.IsEmpty || name[0] == '.' && name is "." or "..") return Status.InvalidName;
        for (int i = 0; i < name.Length; i++)
        {
            char character = name[i];
            if (character is '\0' or '/') return Status.InvalidName;
            if (!char.IsSurrogate(character))
            {
                lengthBytes += character < 0x80 ? 1 : character < 0x800 ? 2 : 3;
                continue;
            }
            bool isPair = i + 1 < name.Length && char.IsSurrogatePair(character, name[i + 1]);
            if (!isPair) return Status.InvalidName;
            lengthBytes += 4;
            i++;
        }
        return lengthBytes > Limits.MaxNameBytes ? Status.NameTooLong : Status.Ok;
    }
}
