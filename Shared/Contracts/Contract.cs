// The words that contracts are written in. The generator reads them; nothing else does.
//
// A contract is an interface in this folder, one a file. Parameters may be: integers and enums (one
// word each), Capability, blittable structs up to six words, string (a read lease of UTF-8, at most
// Limits.MaxPathBytes), ReadOnlySpan<byte> (a read lease), Span<byte> (a write lease). Words that
// the parameters take together: at most six; leases and capabilities: at most four each. An
// operation returns Status, or Result<T> with T one of the above except string and spans.

using System;
using Shared.Abi;

namespace Shared.Contracts;

[AttributeUsage(AttributeTargets.Interface)]
public sealed class ContractAttribute(int id, int version) : Attribute
{
    public int Id { get; } = id;
    public int Version { get; } = version;
}

/// <summary>Number of an operation in its contract. Numbers are never reused.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OpAttribute(ushort number) : Attribute
{
    public ushort Number { get; } = number;
}

/// <summary>
/// A server may have texts as they came, valid UTF-8 that it may look at until it has answered: the
/// generator writes I...Utf8Handler and its dispatcher beside those with strings.
/// </summary>
[AttributeUsage(AttributeTargets.Interface)]
public sealed class Utf8HandlersAttribute : Attribute;

/// <summary>Repeating the operation does no harm; the client resends it after a death.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class IdempotentAttribute : Attribute;

/// <summary>
/// On an operation: it changes something. On a parameter: the operation does when the parameter has
/// one of these bits. The dispatcher answers ReadOnly, before anything else is looked at, to a call
/// through a capability without the right Write.
/// </summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Parameter)]
public sealed class ChangesAttribute(uint bits = uint.MaxValue) : Attribute
{
    public uint Bits { get; } = bits;
}

/// <summary>
/// The server may park the call until something outside happens; it has no deadline.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MayBlockAttribute : Attribute;

/// <summary>
/// A handle in a message: copied to the receiver, who owns its copy and must close it.
/// </summary>
public readonly record struct Capability(Handle Handle);

/// <summary>A status, and a value that means something only when the status is Ok.</summary>
public readonly record struct Result<T>(Status Status, T Value)
{
    public bool IsOk => Status == Status.Ok;
    public static implicit operator Result<T>(Status status) => new(status, default!);
    public static implicit operator Result<T>(T value) => new(Status.Ok, value);
}
