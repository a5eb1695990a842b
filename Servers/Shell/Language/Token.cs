// What the lexer makes of a command line.
//
// Positions are indexes into the line, so that a part of it can be handed to a job as text.

using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Servers.Shell.Language;

public enum TokenKind
{
    Word,
    Pipe,
    And,
    Or,
    Semicolon,
    Ampersand,
    Redirect,
    End,
}

/// <summary>Which stream a redirection replaces, and how.</summary>
public enum RedirectKind { Input, Output, Append, Error, ErrorAppend }

public sealed record Token(TokenKind Kind, int Start, int End)
{
    public Word? Word { get; init; }
    public RedirectKind Redirect { get; init; }
}

/// <summary>
/// A word after quotes are gone. A part that is null stands for <c>$?</c>, which is known only when
/// the command before has ended.
/// </summary>
public sealed record Word(IReadOnlyList<string?> Parts)
{
    public string Expand(int lastStatus)
    {
        if (Parts.Count == 1 && Parts[0] is string only) return only;
        StringBuilder text = new();
        foreach (string? part in Parts)
        {
            text.Append(part ?? lastStatus.ToString(CultureInfo.InvariantCulture));
        }
        return text.ToString();
    }
}
