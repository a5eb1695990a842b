// Has.Count and Has.Length: how many values there are.

namespace Tests.Guest.Conformance.Assertions;

public static class Has
{
    public static Words Count { get; } = new(static constraint => new Constraint(
        "a count of " + constraint.Text, actual => constraint.Holds(Values.Of(actual).Count)));

    public static Words Length => Count;
}
