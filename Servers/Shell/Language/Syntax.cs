// A parsed line: lists of pipelines of commands.
//
// Source texts are kept, because a job is given its part of the line as text.

using System.Collections.Generic;

namespace Servers.Shell.Language;

public sealed record Redirection(RedirectKind Kind, Word Target);

/// <summary>Words (the first is the command's name; there may be none) and redirections.</summary>
public sealed record SimpleCommand(
    IReadOnlyList<Word> Words, IReadOnlyList<Redirection> Redirections, string Source);

public sealed record Pipeline(IReadOnlyList<SimpleCommand> Stages);

/// <summary>Whether a pipeline runs, given how the one before it has ended.</summary>
public enum Condition { Always, AfterSuccess, AfterFailure }

public sealed record Step(Condition Condition, Pipeline Pipeline);

/// <summary>Where a list runs: before the next begins, or beside it as a job.</summary>
public enum Placement { Foreground, Background }

/// <summary>Pipelines joined by &amp;&amp; and ||.</summary>
public sealed record CommandList(IReadOnlyList<Step> Steps, Placement Placement, string Source);

/// <summary>Lists, one after the other. Error is empty when the line is good.</summary>
public sealed record ParsedLine(IReadOnlyList<CommandList> Lists, string Error)
{
    public bool IsOk => Error.Length == 0;
}
