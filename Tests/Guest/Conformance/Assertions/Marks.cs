// The marks of cases, as NUnit calls them.

using System;

namespace Tests.Guest.Conformance.Assertions;

[AttributeUsage(AttributeTargets.Method)]
public sealed class TestAttribute : Attribute;

/// <summary>Made ready before each case.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SetUpAttribute : Attribute;

[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class TestCaseAttribute(params object?[]? arguments) : Attribute
{
    public object?[] Arguments { get; } = arguments ?? [null];
}
