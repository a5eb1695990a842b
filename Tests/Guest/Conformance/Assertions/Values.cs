// When two values are the same, and how one is shown: numbers by what they count, sequences by
// their elements, all else by Equals.

using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Tests.Guest.Conformance.Assertions;

internal static class Values
{
    private const int ShownElements = 16;

    public static List<object?> Of(object? sequence) =>
        sequence is IEnumerable elements ? [.. elements.Cast<object?>()] : [sequence];

    public static bool AreSame(object? one, object? other)
    {
        if (one is string || other is string) return Equals(one, other);
        if (one is IEnumerable && other is IEnumerable)
        {
            List<object?> left = Of(one), right = Of(other);
            if (left.Count != right.Count) return false;
            for (int i = 0; i < left.Count; i++)
            {
                if (!AreSame(left[i], right[i])) return false;
            }
            return true;
        }
        return IsNumber(one) && IsNumber(other) ? Compare(one, other) == 0 : Equals(one, other);
    }

    public static int Compare(object? one, object? other) => Number(one).CompareTo(Number(other));

    public static string Text(object? value)
    {
        if (value is string text) return $"'{text}'";
        if (value is not IEnumerable) return value?.ToString() ?? "null";
        List<object?> elements = Of(value);
        string shown = string.Join(' ', elements.Take(ShownElements).Select(Text));
        return elements.Count > ShownElements ? $"[{shown} ...]" : $"[{shown}]";
    }

    private static bool IsNumber(object? value) =>
        value is byte or sbyte or short or ushort or int or uint or long or ulong;

    private static decimal Number(object? value) =>
        Convert.ToDecimal(value, CultureInfo.InvariantCulture);
}
