// What a case expects.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;

namespace Servers.Programs.FsTest;

public sealed class CheckException(string message) : Exception(message);

public static class Check
{
    public static void That(
        bool isTrue, [CallerArgumentExpression(nameof(isTrue))] string text = "")
    {
        if (!isTrue) throw new CheckException("not so: " + text);
    }

    public static void Equal<T>(
        T actual, T expected, [CallerArgumentExpression(nameof(actual))] string text = "")
    {
        if (EqualityComparer<T>.Default.Equals(actual, expected)) return;
        throw new CheckException($"{text} is {actual}, not {expected}");
    }

    public static void Same(ReadOnlySpan<byte> actual, ReadOnlySpan<byte> expected)
    {
        int at = actual.CommonPrefixLength(expected);
        if (at == expected.Length && at == actual.Length) return;
        throw new CheckException($"bytes differ at {at} of {actual.Length} and {expected.Length}");
    }

    /// <summary>In any order.</summary>
    public static void Names(IEnumerable<string> actual, params string[] expected)
    {
        string found = string.Join(' ', actual.Order(StringComparer.Ordinal));
        string wanted = string.Join(' ', expected.Order(StringComparer.Ordinal));
        if (found != wanted) throw new CheckException($"names are '{found}', not '{wanted}'");
    }

    /// <summary>The exception itself, not one that is derived from it.</summary>
    public static void Throws<T>(
        Action work, [CallerArgumentExpression(nameof(work))] string text = "") where T : Exception
    {
        try
        {
            work();
        }
        catch (Exception exception) when (exception.GetType() == typeof(T))
        {
            return;
        }
        throw new CheckException($"no {typeof(T).Name}: {text}");
    }

    /// <summary>The same bytes for the same seed.</summary>
    public static byte[] Bytes(int length, int seed = 1)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
