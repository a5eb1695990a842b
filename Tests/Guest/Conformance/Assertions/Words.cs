// The words of constraints, and what comes of the word before them (Not, Or, Count).

using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;

namespace Tests.Guest.Conformance.Assertions;

/// <param name="turn">What the word before makes of a constraint.</param>
public sealed class Words(Func<Constraint, Constraint> turn)
{
    public Constraint True => EqualTo(true);
    public Constraint Zero => EqualTo(0);

    public Constraint Empty => Make("empty", actual => !Values.Of(actual).Any());

    public Constraint Unique => Make(
        "unique", actual => Values.Of(actual).Distinct().Count() == Values.Of(actual).Count);

    public Constraint EqualTo(object? expected) => Make(
        Values.Text(expected), actual => Values.AreSame(actual, expected));

    public Constraint GreaterThan(object expected) => Make(
        $"more than {expected}", actual => Values.Compare(actual, expected) > 0);

    public Constraint GreaterThanOrEqualTo(object expected) => Make(
        $"{expected} or more", actual => Values.Compare(actual, expected) >= 0);

    public Constraint LessThan(object expected) => Make(
        $"less than {expected}", actual => Values.Compare(actual, expected) < 0);

    /// <summary>The same values in any order.</summary>
    public Constraint EquivalentTo(IEnumerable expected) => Make(
        "in any order " + Values.Text(expected),
        actual => Values.AreSame(Sorted(actual), Sorted(expected)));

    public Constraint SubsetOf(IEnumerable expected) => Make(
        "part of " + Values.Text(expected),
        actual => !Values.Of(actual).Except(Values.Of(expected)).Any());

    private Constraint Make(string text, Func<object?, bool> holds) =>
        turn(new Constraint(text, holds));

    private static List<object?> Sorted(object? values) =>
        [.. Values.Of(values).OrderBy(static one => one?.ToString(), StringComparer.Ordinal)];
}
