// What a case says of what it has found, in NUnit's words.

using System;

namespace Tests.Guest.Conformance.Assertions;

public static class Assert
{
    /// <summary>Throws with both values, and what the case says beside them.</summary>
    public static void That(object? actual, Constraint constraint, string what = "")
    {
        if (constraint.Holds(actual)) return;
        string prefix = what.Length == 0 ? "" : what + ": ";
        throw new InvalidOperationException(
            $"{prefix}expected {constraint.Text}, found {Values.Text(actual)}");
    }
}
