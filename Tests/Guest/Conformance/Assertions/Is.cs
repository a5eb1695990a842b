// Where a constraint begins: Is.EqualTo(...), Is.Not.EqualTo(...).

using System.Collections;

namespace Tests.Guest.Conformance.Assertions;

public static class Is
{
    private static readonly Words Plain = new(static constraint => constraint);

    public static Words Not { get; } = new(static constraint => new Constraint(
        "not " + constraint.Text, actual => !constraint.Holds(actual)));

    public static Constraint True => Plain.True;
    public static Constraint Zero => Plain.Zero;
    public static Constraint Empty => Plain.Empty;
    public static Constraint Unique => Plain.Unique;
    public static Constraint EqualTo(object? expected) => Plain.EqualTo(expected);
    public static Constraint GreaterThan(object expected) => Plain.GreaterThan(expected);

    public static Constraint GreaterThanOrEqualTo(object expected) =>
        Plain.GreaterThanOrEqualTo(expected);

    public static Constraint LessThan(object expected) => Plain.LessThan(expected);
    public static Constraint EquivalentTo(IEnumerable expected) => Plain.EquivalentTo(expected);
    public static Constraint SubsetOf(IEnumerable expected) => Plain.SubsetOf(expected);
}
