// The rules of contracts, as compile errors.

using Microsoft.CodeAnalysis;

namespace Shared.Generator;

public static class ContractRules
{
    public const int MaxWords = 6;
    public const int MaxLeases = 4;
    public const int MaxCapabilities = 4;

    public static readonly DiagnosticDescriptor TooManyWords = Rule("CK1001",
        "Too many words", "{0}: {1} take {2} words, at most 6 fit a message");

    public static readonly DiagnosticDescriptor SameNumber = Rule("CK1002",
        "Same number twice", "{0}: number {1} is {2}'s already");

    public static readonly DiagnosticDescriptor UnsupportedType = Rule("CK1003",
        "Unsupported type", "{0}: {1} cannot go into a message: {2}");

    public static readonly DiagnosticDescriptor NoNumber = Rule("CK1004",
        "No number", "{0} has no [Op(number)] with a number above 0");

    public static readonly DiagnosticDescriptor TooManyLeases = Rule("CK1005",
        "Too many leases", "{0}: {1} strings and spans, at most 4 leases fit a message");

    public static readonly DiagnosticDescriptor TooManyCapabilities = Rule("CK1006",
        "Too many capabilities", "{0}: {1} have {2} capabilities, at most 4 fit a message");

    public static readonly DiagnosticDescriptor BadReturn = Rule("CK1007",
        "Bad return type", "{0} must return Status or Result<T>, not {1}");

    public static readonly DiagnosticDescriptor BadMember = Rule("CK1008",
        "Bad member", "{0} is not a plain method with a name of its own");

    public static readonly DiagnosticDescriptor NoBits = Rule("CK1009",
        "No bits", "{0}: [Changes] is for an enum, and {1} is none");

    private static DiagnosticDescriptor Rule(string id, string title, string message) => new(
        id, title, message, "Contracts", DiagnosticSeverity.Error, isEnabledByDefault: true);
}
