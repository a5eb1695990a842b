// A path that is good to send: absolute, without '.', '..', '//' or a last '/', within all limits.
//
// There is no other way to make one than Parse, so who has one needs no check. '..' is taken from
// the text and stops at the root; there are no links that could make that wrong.

using System;
using System.Collections.Generic;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Paths;
using Shared.Sdk.Calls;

namespace Shared.Sdk.Files;

public readonly struct CanonicalPath : IEquatable<CanonicalPath>
{
    public static readonly CanonicalPath Root = default;

    // Null for the root, so that default is one.
    private readonly string? _text;

    private CanonicalPath(string text) => _text = text;

    public string Text => _text ?? "/";

    public bool IsRoot => _text is null;

    /// <summary>The last name; empty for the root.</summary>
    public string Name => _text is null ? "" : _text[(_text.LastIndexOf('/') + 1)..];

    /// <summary>The root's parent is the root.</summary>
    public CanonicalPath Parent
    {
        get
        {
            int slash = Text.LastIndexOf('/');
            return slash == 0 ? Root : new CanonicalPath(Text[..slash]);
        }
    }

    /// <summary>InvalidName or NameTooLong, by PathRules; an empty path is InvalidName.</summary>
    public static Result<CanonicalPath> Parse(string path, CanonicalPath directory = default)
    {
        if (path.Length == 0) return Status.InvalidName;
        // A longer text may be canonically short; nobody writes such, and work stays bounded.
        if (path.Length > Limits.MaxPathBytes) return Status.NameTooLong;
        // Most paths are canonical already.
        if (path[0] == '/' && PathRules.CheckAbsolute(path) == Status.Ok)
            return path.Length == 1 ? Root : new CanonicalPath(path);
        List<string> names = [];
        if (path[0] != '/') AddNames(names, directory.Text);
        AddNames(names, path);
        if (names.Count == 0) return Root;
        string text = "/" + string.Join('/', names);
        Status status = PathRules.CheckAbsolute(text);
        return new Result<CanonicalPath>(status, new CanonicalPath(text));
    }

    /// <summary>Parse for bytes as typed or received; InvalidName for what is not UTF-8.</summary>
    public static Result<CanonicalPath> Parse(
        ReadOnlySpan<byte> path, CanonicalPath directory = default)
    {
        if (path.Length > Limits.MaxPathBytes) return Status.NameTooLong;
        Status status = WireFormat.Decode(path, out string text);
        return status == Status.Ok ? Parse(text, directory) : status;
    }

    /// <summary>True when this is the other, or lies somewhere below it.</summary>
    public bool IsWithin(CanonicalPath other)
    {
        if (other.IsRoot || Text == other.Text) return true;
        return Text.StartsWith(other.Text, StringComparison.Ordinal)
            && Text[other.Text.Length] == '/';
    }

    public bool Equals(CanonicalPath other) => Text == other.Text;
    public override bool Equals(object? other) => other is CanonicalPath path && Equals(path);
    public override int GetHashCode() => Text.GetHashCode();
    public override string ToString() => Text;

    private static void AddNames(List<string> names, string path)
    {
        foreach (string name in path.Split('/'))
        {
            if (name.Length == 0 || name == ".") continue;
            if (name != "..") names.Add(name);
            else if (names.Count != 0) names.RemoveAt(names.Count - 1);
        }
    }
}
