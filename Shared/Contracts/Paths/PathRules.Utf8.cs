// The same rules for paths in UTF-8, which need not become strings for that.

using System;
using Shared.Abi;

namespace Shared.Contracts.Paths;

public static partial class PathRules
{
    /// <summary>CheckRelative of a path in valid UTF-8.</summary>
    public static Status CheckRelative(ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty) return Status.Ok;
        if (path.Length > Limits.MaxPathBytes) return Status.NameTooLong;
        if (IsPlain(path)) return Status.Ok;
        while (true)
        {
            int end = path.IndexOf((byte)'/');
            Status status = CheckName(end < 0 ? path : path[..end]);
            if (status != Status.Ok || end < 0) return status;
            path = path[(end + 1)..];
        }
    }

    /// <summary>Takes the first name off a checked path; empty when none is left.</summary>
    public static ReadOnlySpan<byte> TakeFirst(ref ReadOnlySpan<byte> path)
    {
        int end = ByteWords.IndexOf(path, (byte)'/');
        ReadOnlySpan<byte> name = end < 0 ? path : path[..end];
        path = end < 0 ? default : path[(end + 1)..];
        return name;
    }

    private static Status CheckName(ReadOnlySpan<byte> name)
    {
        bool isBad = name.IsEmpty || name.SequenceEqual("."u8) || name.SequenceEqual(".."u8)
            || name.Contains((byte)0);
        if (isBad) return Status.InvalidName;
        return name.Length > Limits.MaxNameBytes ? Status.NameTooLong : Status.Ok;
    }

    private static bool IsPlain(ReadOnlySpan<byte> path)
    {
        if (path.Length < ByteWords.Step) return IsShortPlain(path);
        if (path.Length > Limits.MaxNameBytes || path[^1] == '/') return false;
        int last = path.Length - ByteWords.Step;
        bool isPlain = IsPlainStep(ByteWords.At(path, 0), isStart: true);
        // The last step looks at some bytes again.
        for (int at = ByteWords.Step; isPlain && at < path.Length; at += ByteWords.Step)
        {
            int step = Math.Min(at, last);
            isPlain = IsPlainStep(ByteWords.At(path, step), path[step - 1] == '/');
        }
        return isPlain;
    }

    private static bool IsShortPlain(ReadOnlySpan<byte> path)
    {
        // A slash behind the last one is one too many if that is one, and good otherwise.
        ulong filled = 'x' * ByteWords.Ones << 8 << 8 * path.Length | (ulong)'/' << 8 * path.Length;
        return IsPlainStep(ByteWords.OfFew(path) | filled, isStart: true);
    }

    /// <param name="isStart">A name begins with the first of the eight bytes.</param>
    private static bool IsPlainStep(ulong eight, bool isStart)
    {
        if ((eight & ByteWords.HighBits) != 0 || ByteWords.Find(eight, 0) != 0) return false;
        ulong slashes = ByteWords.Find(eight, (byte)'/');
        ulong starts = slashes << 8 | (isStart ? 0x80u : 0);
        return (starts & (slashes | ByteWords.Find(eight, (byte)'.'))) == 0;
    }
}
