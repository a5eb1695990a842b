// From tokens to a tree.
//
//   line     = list { (";" | "&") list } [ ";" | "&" ]
//   list     = pipeline { ("&&" | "||") pipeline }
//   pipeline = command { "|" command }
//   command  = { word | redirection word }, at least one
//
// Rules: no recursion; nothing runs unless the whole line is good.

using System.Collections.Generic;

namespace Servers.Shell.Language;

public sealed class Parser
{
    /// <summary>Most commands in one line; each stage of a pipeline is a process.</summary>
    public const int MaxCommands = 64;

    private readonly string _line;
    private readonly IReadOnlyList<Token> _tokens;
    private int _next;
    private int _commands;
    private string _error = "";

    private Parser(string line, IReadOnlyList<Token> tokens)
    {
        _line = line;
        _tokens = tokens;
    }

    public static ParsedLine Parse(string line)
    {
        IReadOnlyList<Token>? tokens = Lexer.Cut(line, out string error);
        if (tokens is null) return new ParsedLine([], error);
        Parser parser = new(line, tokens);
        List<CommandList> lists = parser.TakeLine();
        return parser._error.Length > 0
            ? new ParsedLine([], parser._error)
            : new ParsedLine(lists, "");
    }

    private Token Current => _tokens[_next];

    private List<CommandList> TakeLine()
    {
        List<CommandList> lists = [];
        while (Current.Kind != TokenKind.End)
        {
            int start = Current.Start;
            List<Step>? steps = TakeSteps();
            if (steps is null) return lists;
            int end = _tokens[_next - 1].End;
            Placement placement = Placement.Foreground;
            if (Current.Kind == TokenKind.Ampersand) placement = Placement.Background;
            if (Current.Kind is TokenKind.Ampersand or TokenKind.Semicolon) _next++;
            lists.Add(new CommandList(steps, placement, _line[start..end]));
        }
        return lists;
    }

    private List<Step>? TakeSteps()
    {
        List<Step> steps = [];
        Condition condition = Condition.Always;
        while (true)
        {
            Pipeline? pipeline = TakePipeline();
            if (pipeline is null) return null;
            steps.Add(new Step(condition, pipeline));
            if (Current.Kind == TokenKind.And) condition = Condition.AfterSuccess;
            else if (Current.Kind == TokenKind.Or) condition = Condition.AfterFailure;
            else return steps;
            _next++;
        }
    }

    private Pipeline? TakePipeline()
    {
        List<SimpleCommand> stages = [];
        while (true)
        {
            SimpleCommand? command = TakeCommand();
            if (command is null) return null;
            stages.Add(command);
            if (Current.Kind != TokenKind.Pipe) return new Pipeline(stages);
            _next++;
        }
    }

    private SimpleCommand? TakeCommand()
    {
        int start = Current.Start;
        List<Word> words = [];
        List<Redirection> redirections = [];
        while (true)
        {
            if (Current.Kind == TokenKind.Word)
            {
                words.Add(Current.Word!);
                _next++;
            }
            else if (Current.Kind == TokenKind.Redirect)
            {
                RedirectKind kind = Current.Redirect;
                _next++;
                if (Current.Kind != TokenKind.Word) return Refuse();
                redirections.Add(new Redirection(kind, Current.Word!));
                _next++;
            }
            else
            {
                break;
            }
        }
        if (words.Count == 0 && redirections.Count == 0) return Refuse();
        if (++_commands > MaxCommands)
        {
            _error = $"more than {MaxCommands} commands in a line";
            return null;
        }
        return new SimpleCommand(words, redirections, _line[start.._tokens[_next - 1].End]);
    }

    private SimpleCommand? Refuse()
    {
        Token token = Current;
        _error = token.Kind == TokenKind.End
            ? "the line ends where a command or a name is needed"
            : $"unexpected '{_line[token.Start..token.End]}'";
        return null;
    }
}
