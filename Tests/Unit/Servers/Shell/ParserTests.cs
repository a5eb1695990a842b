// Lexer and parser: what people type, and what they get told.

using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using Servers.Shell.Language;

namespace Tests.Unit.Servers.Shell;

public sealed class ParserTests
{
    private static List<string> WordsOf(string line, int lastStatus = 0)
    {
        ParsedLine parsed = Parser.Parse(line);
        Assert.That(parsed.Error, Is.Empty);
        return parsed.Lists.Single().Steps.Single().Pipeline.Stages.Single()
            .Words.Select(word => word.Expand(lastStatus)).ToList();
    }

    [TestCase("echo a b", "echo|a|b")]
    [TestCase("  echo\ta  ", "echo|a")]
    [TestCase("echo 'a  b'", "echo|a  b")]
    [TestCase("echo \"a  b\"", "echo|a  b")]
    [TestCase("echo a'b'\"c\"d", "echo|abcd")]
    [TestCase("echo ''", "echo|")]
    [TestCase("echo a\\ b", "echo|a b")]
    [TestCase("echo '\\'", "echo|\\")]
    [TestCase("echo \"\\\"\\\\\\$?\\n\"", "echo|\"\\$?\\n")]
    [TestCase("echo a#b # c", "echo|a#b")]
    [TestCase("echo '#' \\# \"#\"", "echo|#|#|#")]
    [TestCase("echo 'a;b|c&d>e'", "echo|a;b|c&d>e")]
    [TestCase("echo $? a$?b \"$?\" '$?' \\$?", "echo|7|a7b|7|$?|$?")]
    [TestCase("echo $HOME $", "echo|$HOME|$")]
    [TestCase("echo 12>x", "echo|12")]
    public void Words_are_cut_as_people_expect(string line, string expected)
    {
        // A bar in a word would look like two words here: compare the joined text.
        Assert.That(string.Join('|', WordsOf(line, 7)), Is.EqualTo(expected));
    }

    [TestCase("")]
    [TestCase("   ")]
    [TestCase("# only a comment")]
    public void Line_without_commands_is_good_and_empty(string line)
    {
        ParsedLine parsed = Parser.Parse(line);
        Assert.That(parsed.IsOk);
        Assert.That(parsed.Lists, Is.Empty);
    }

    [TestCase("echo 'a", "quote ' is not closed")]
    [TestCase("echo \"a", "quote \" is not closed")]
    [TestCase("echo a\\", "nothing follows the last \\")]
    [TestCase("| wc", "unexpected '|'")]
    [TestCase("ls |", "the line ends where a command or a name is needed")]
    [TestCase("ls | | wc", "unexpected '|'")]
    [TestCase("ls && || wc", "unexpected '||'")]
    [TestCase("ls &&", "the line ends where a command or a name is needed")]
    [TestCase("; ls", "unexpected ';'")]
    [TestCase("ls ;; ls", "unexpected ';'")]
    [TestCase("& ls", "unexpected '&'")]
    [TestCase("echo >", "the line ends where a command or a name is needed")]
    [TestCase("echo > > a", "unexpected '>'")]
    [TestCase("echo > | wc", "unexpected '|'")]
    public void Bad_line_is_told_in_one_phrase(string line, string expected)
    {
        ParsedLine parsed = Parser.Parse(line);
        Assert.That(parsed.Error, Is.EqualTo(expected));
        Assert.That(parsed.Lists, Is.Empty);
    }

    [Test]
    public void Lists_know_their_placement_and_source()
    {
        ParsedLine parsed = Parser.Parse("hold /a & cat b && wc c; ls &");
        Assert.That(
            parsed.Lists.Select(list => (list.Source, list.Placement)),
            Is.EqualTo(new[]
            {
                ("hold /a", Placement.Background),
                ("cat b && wc c", Placement.Foreground),
                ("ls", Placement.Background),
            }));
    }

    [Test]
    public void Steps_know_their_conditions()
    {
        ParsedLine parsed = Parser.Parse("a && b || c");
        Assert.That(
            parsed.Lists.Single().Steps.Select(step => step.Condition),
            Is.EqualTo(new[]
            {
                Condition.Always, Condition.AfterSuccess, Condition.AfterFailure,
            }));
    }

    [Test]
    public void Stages_keep_their_text_for_jobs()
    {
        ParsedLine parsed = Parser.Parse("cat 'a b' <in | head -n 1 2>err | wc >> out");
        IReadOnlyList<SimpleCommand> stages = parsed.Lists.Single().Steps.Single().Pipeline.Stages;
        Assert.That(
            stages.Select(stage => stage.Source),
            Is.EqualTo(new[] { "cat 'a b' <in", "head -n 1 2>err", "wc >> out" }));
        Assert.That(
            stages.SelectMany(stage => stage.Redirections)
                .Select(redirection => (redirection.Kind, redirection.Target.Expand(0))),
            Is.EqualTo(new[]
            {
                (RedirectKind.Input, "in"), (RedirectKind.Error, "err"),
                (RedirectKind.Append, "out"),
            }));
    }

    [Test]
    public void Number_of_commands_is_bounded()
    {
        string good = string.Join(';', Enumerable.Repeat("true", Parser.MaxCommands));
        Assert.That(Parser.Parse(good).IsOk);
        Assert.That(Parser.Parse(good + ";true").Error, Does.StartWith("more than"));
    }

    [Test]
    public void Any_short_line_is_parsed_or_refused_without_an_exception()
    {
        const string Alphabet = "a '\"\\#$?;&|><2\n";
        // All lines of up to four of these characters.
        int count = Alphabet.Length;
        for (int number = 0; number < count * count * count * count; number++)
        {
            char[] line =
            [
                Alphabet[number % count], Alphabet[number / count % count],
                Alphabet[number / count / count % count], Alphabet[number / count / count / count],
            ];
            ParsedLine parsed = Parser.Parse(new string(line));
            Assert.That(parsed.IsOk || parsed.Lists.Count == 0);
        }
    }
}
