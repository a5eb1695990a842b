// What a value is to be. Made by the words in Is and Has.

using System;

namespace Tests.Guest.Conformance.Assertions;

public sealed class Constraint(string text, Func<object?, bool> holds)
{
    public string Text => text;

    /// <summary>This, or what the next word says.</summary>
    public Words Or => new(other => new Constraint(
        $"{text} or {other.Text}", actual => holds(actual) || other.Holds(actual)));

    public bool Holds(object? actual) => holds(actual);
}
