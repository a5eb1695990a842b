// Cuts a line into tokens: quotes, backslash, comments, operators, $?.
//
// Rules: one pass, no recursion; an error is one phrase for the user, never an exception.

using System;
using System.Collections.Generic;
using System.Text;

namespace Servers.Shell.Language;

public sealed class Lexer
{
    private readonly string _line;
    private readonly List<Token> _tokens = [];
    private int _position;

    private Lexer(string line) => _line = line;

    /// <summary>Tokens that end with End, or null and what is wrong.</summary>
    public static IReadOnlyList<Token>? Cut(string line, out string error)
    {
        Lexer lexer = new(line);
        error = "";
        while (true)
        {
            lexer.SkipSpaceAndComment();
            if (lexer._position >= line.Length) break;
            if (lexer.TakeOperator()) continue;
            string? problem = lexer.TakeWord();
            if (problem is null) continue;
            error = problem;
            return null;
        }
        lexer._tokens.Add(new Token(TokenKind.End, line.Length, line.Length));
        return lexer._tokens;
    }

    private static bool IsSpace(char character) => character is ' ' or '\t' or '\n' or '\r';

    private static bool EndsWord(char character)
        => IsSpace(character) || character is '|' or '&' or ';' or '>' or '<';

    private char Peek(int ahead = 0)
        => _position + ahead < _line.Length ? _line[_position + ahead] : '\0';

    private void SkipSpaceAndComment()
    {
        SkipSpace();
        // A '#' within a word is an ordinary character; here a word could start.
        while (Peek() == '#')
        {
            while (_position < _line.Length && _line[_position] != '\n') _position++;
            SkipSpace();
        }
    }

    private void SkipSpace()
    {
        while (_position < _line.Length && IsSpace(_line[_position])) _position++;
    }

    private bool TakeOperator()
    {
        int start = _position;
        switch (Peek(), Peek(1))
        {
            case ('|', '|'): return Add(TokenKind.Or, start, 2);
            case ('|', _): return Add(TokenKind.Pipe, start, 1);
            case ('&', '&'): return Add(TokenKind.And, start, 2);
            case ('&', _): return Add(TokenKind.Ampersand, start, 1);
            case (';', _): return Add(TokenKind.Semicolon, start, 1);
            case ('>', '>'): return AddRedirect(RedirectKind.Append, start, 2);
            case ('>', _): return AddRedirect(RedirectKind.Output, start, 1);
            case ('<', _): return AddRedirect(RedirectKind.Input, start, 1);
            case ('2', '>') when Peek(2) == '>':
                return AddRedirect(RedirectKind.ErrorAppend, start, 3);
            case ('2', '>'): return AddRedirect(RedirectKind.Error, start, 2);
            default: return false;
        }
    }

    private bool Add(TokenKind kind, int start, int length)
    {
        _position += length;
        _tokens.Add(new Token(kind, start, _position));
        return true;
    }

    private bool AddRedirect(RedirectKind redirect, int start, int length)
    {
        _position += length;
        _tokens.Add(new Token(TokenKind.Redirect, start, _position) { Redirect = redirect });
        return true;
    }

    private string? TakeWord()
    {
        int start = _position;
        WordBuilder word = new();
        while (_position < _line.Length && !EndsWord(_line[_position]))
        {
            char character = _line[_position++];
            switch (character)
            {
                case '\'':
                    if (!TakeSingleQuoted(word)) return "quote ' is not closed";
                    break;
                case '"':
                    if (!TakeDoubleQuoted(word)) return "quote \" is not closed";
                    break;
                case '\\':
                    if (_position >= _line.Length) return "nothing follows the last \\";
                    word.Append(_line[_position++]);
                    break;
                case '$' when Peek() == '?':
                    _position++;
                    word.AppendLastStatus();
                    break;
                default:
                    word.Append(character);
                    break;
            }
        }
        _tokens.Add(new Token(TokenKind.Word, start, _position) { Word = word.Build() });
        return null;
    }

    private bool TakeSingleQuoted(WordBuilder word)
    {
        int end = _line.IndexOf('\'', _position);
        if (end < 0) return false;
        word.Append(_line.AsSpan(_position, end - _position));
        _position = end + 1;
        return true;
    }

    private bool TakeDoubleQuoted(WordBuilder word)
    {
        while (_position < _line.Length)
        {
            char character = _line[_position++];
            if (character == '"') return true;
            if (character == '$' && Peek() == '?')
            {
                _position++;
                word.AppendLastStatus();
            }
            else if (character == '\\' && Peek() is ('"' or '\\' or '$'))
            {
                word.Append(_line[_position++]);
            }
            else
            {
                word.Append(character);
            }
        }
        return false;
    }

    /// <summary>Collects the parts of a word; quoted empty text still makes a word.</summary>
    private sealed class WordBuilder
    {
        private readonly List<string?> _parts = [];
        private readonly StringBuilder _text = new();

        public void Append(char character) => _text.Append(character);

        public void Append(ReadOnlySpan<char> text) => _text.Append(text);

        public void AppendLastStatus()
        {
            if (_text.Length > 0) _parts.Add(_text.ToString());
            _text.Clear();
            _parts.Add(null);
        }

        public Word Build()
        {
            if (_text.Length > 0 || _parts.Count == 0) _parts.Add(_text.ToString());
            return new Word(_parts);
        }
    }
}
