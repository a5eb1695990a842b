// Keystrokes in, line and screen out. The screen is VgaScreen itself: what a user would see.

using System.Collections.Generic;
using System.Text;
using NUnit.Framework;
using Servers.Console.Editing;
using Servers.Console.Screens;

namespace Tests.Unit.Servers.Console;

[TestFixture]
public sealed class LineEditorTests
{
    /// <summary>An editor with a terminal before it.</summary>
    private sealed class Desk
    {
        private readonly KeyDecoder _decoder = new();
        private readonly List<byte> _echo = [];

        public LineEditor Editor { get; } = new();
        public VgaScreen Screen { get; } = new();

        public Desk Begin(
            string prompt = "$ ", TabMeaning tab = TabMeaning.Completes, int column = 0)
        {
            Editor.Begin(Encoding.UTF8.GetBytes(prompt), tab, column, _echo);
            return Show();
        }

        public EditorEvent Type(string keys) => Type(Keystrokes.Bytes(keys));

        public EditorEvent Type(byte[] bytes)
        {
            List<Key> keys = [];
            foreach (byte value in bytes) _decoder.Feed(value, keys);
            EditorEvent last = EditorEvent.None;
            foreach (Key key in keys) last = Editor.Press(key, _echo);
            Show();
            return last;
        }

        public bool Complete(int offset, params string[] candidates)
        {
            bool isGood = Editor.Complete(offset, candidates, _echo);
            Show();
            return isGood;
        }

        public Desk Hide()
        {
            Editor.Hide(_echo);
            return Show();
        }

        public string Echo(string keys)
        {
            List<Key> decoded = [];
            foreach (byte value in Keystrokes.Bytes(keys)) _decoder.Feed(value, decoded);
            foreach (Key key in decoded) Editor.Press(key, _echo);
            string text = Encoding.UTF8.GetString(_echo.ToArray());
            Show();
            return text;
        }

        public string Line => Encoding.UTF8.GetString(Editor.Line);
        public string Row(int row) => ScreenText.Row(Screen, row);

        private Desk Show()
        {
            Screen.Write(_echo.ToArray());
            _echo.Clear();
            return this;
        }
    }

    [TestCase("abc", "abc", 5)]
    [TestCase("abc{^?}", "ab", 4)]
    [TestCase("abc{bs}{bs}", "a", 3)]
    [TestCase("{^?}x", "x", 3)]
    [TestCase("ac{esc}[Db", "abc", 4)]
    [TestCase("abc{esc}[D{esc}[D{esc}[3~", "ac", 3)]
    [TestCase("bc{^A}a", "abc", 3)]
    [TestCase("bc{esc}[Ha{esc}[Fd", "abcd", 6)]
    [TestCase("bc{esc}[1~a{esc}[4~d", "abcd", 6)]
    [TestCase("abc{^A}{^F}{^K}", "a", 3)]
    [TestCase("abc{^B}{^U}", "c", 2)]
    [TestCase("one two  {^W}", "one ", 6)]
    [TestCase("one two{esc}[1;5D{esc}[1;5D{esc}[1;5Cx", "onex two", 6)]
    [TestCase("ab{esc}[A{esc}[Bc", "abc", 5)]
    [TestCase("abc{^B}{^D}", "ab", 4)]
    [TestCase("a{esc}[99~b{esc}OHc", "cab", 3)]
    [TestCase("a{esc}xb", "ab", 4)]
    [TestCase("\u00E9\u00E8{esc}[D{^?}", "\u00E8", 2)]
    [TestCase("a\u00E9b{esc}[D{esc}[D{esc}[3~", "ab", 3)]
    public void Keys_make_line_and_cursor(string keys, string line, int column)
    {
        Desk desk = new Desk().Begin();
        desk.Type(keys);
        Assert.That(desk.Line, Is.EqualTo(line));
        Assert.That(desk.Row(0), Is.EqualTo(("$ " + line).TrimEnd()));
        Assert.That(desk.Screen.Column, Is.EqualTo(column));
    }

    [TestCase("abc", "abc")]
    [TestCase("a{^?}", "a{bs}{esc}[J")]
    [TestCase("ac{esc}[Db", "ac{bs}bc{bs}")]
    [TestCase("ab{cr}", "ab{cr}{lf}")]
    [TestCase("{^?}", "")]
    [TestCase("x{^C}", "x^C{cr}{lf}")]
    public void Keys_echo(string keys, string echo) =>
        Assert.That(new Desk().Begin().Echo(keys), Is.EqualTo(Keystrokes.Text(echo)));

    [TestCase("abc{cr}", EditorEvent.Line)]
    [TestCase("abc{lf}", EditorEvent.Line)]
    [TestCase("{cr}", EditorEvent.Line)]
    [TestCase("a{^C}", EditorEvent.Interrupt)]
    [TestCase("{^D}", EditorEvent.EndOfInput)]
    [TestCase("ab{tab}", EditorEvent.Complete)]
    [TestCase("a{^D}", EditorEvent.None)]
    [TestCase("{esc}{^C}", EditorEvent.Interrupt)]
    public void Keys_end_the_line(string keys, EditorEvent expected) =>
        Assert.That(new Desk().Begin().Type(keys), Is.EqualTo(expected));

    [Test]
    public void Return_and_line_feed_together_are_one_enter()
    {
        KeyDecoder decoder = new();
        List<Key> keys = [];
        foreach (byte value in "a\r\nb\n\nc"u8) decoder.Feed(value, keys);
        int enters = keys.FindAll(key => key.Kind == KeyKind.Enter).Count;
        Assert.That(enters, Is.EqualTo(3));
    }

    [Test]
    public void Line_of_4096_bytes_is_taken_and_one_more_is_too_long()
    {
        Desk desk = new Desk().Begin();
        desk.Type(new string('x', LineBuffer.MaxBytes));
        Assert.That(desk.Type("\r"), Is.EqualTo(EditorEvent.Line));
        Assert.That(desk.Editor.Line.Length, Is.EqualTo(LineBuffer.MaxBytes));
        desk.Editor.Clear();
        desk.Begin();
        desk.Type(new string('x', 10_000));
        Assert.That(desk.Type("\r"), Is.EqualTo(EditorEvent.TooLong));
        desk.Editor.Clear();
        desk.Begin();
        desk.Type("echo");
        Assert.That(desk.Type("\r"), Is.EqualTo(EditorEvent.Line));
        Assert.That(desk.Line, Is.EqualTo("echo"));
    }

    [Test]
    public void Bytes_that_are_no_utf8_stay_in_the_line_and_show_as_unknown()
    {
        Desk desk = new Desk().Begin();
        EditorEvent last = desk.Type([(byte)'a', 0xFF, 0xC3, (byte)'b', 0xE2, 0x82, (byte)'\r']);
        Assert.That(last, Is.EqualTo(EditorEvent.Line));
        Assert.That(
            desk.Editor.Line.ToArray(),
            Is.EqualTo(new byte[] { 0x61, 0xFF, 0xC3, 0x62, 0xE2, 0x82 }));
        Assert.That(desk.Row(0), Is.EqualTo("$ a??b??"));
    }

    [Test]
    public void History_is_walked_up_and_down_and_keeps_the_unfinished_line()
    {
        Desk desk = new Desk().Begin();
        desk.Editor.History.Add("first"u8);
        desk.Editor.History.Add("second one"u8);
        desk.Type("unfin\e[A");
        Assert.That(desk.Row(0), Is.EqualTo("$ second one"));
        desk.Type("\e[A\e[A");
        Assert.That(desk.Row(0), Is.EqualTo("$ first"));
        desk.Type("\e[B\e[B\e[B");
        Assert.That(desk.Row(0), Is.EqualTo("$ unfin"));
        Assert.That(desk.Line, Is.EqualTo("unfin"));
    }

    [Test]
    public void Wrapped_line_is_edited_across_rows()
    {
        Desk desk = new Desk().Begin();
        desk.Type(new string('x', 100) + "\x01" + "ab");
        Assert.That(desk.Row(0), Is.EqualTo("$ ab" + new string('x', 76)));
        Assert.That(desk.Row(1), Is.EqualTo(new string('x', 24)));
        desk.Type("\x05\x15");
        Assert.That(desk.Row(0), Is.EqualTo("$"));
        Assert.That(desk.Row(1), Is.Empty);
    }

    [Test]
    public void Single_candidate_replaces_the_word()
    {
        Desk desk = new Desk().Begin();
        desk.Type("cat /m");
        Assert.That(desk.Complete(4, "/mnt/"), Is.True);
        Assert.That(desk.Line, Is.EqualTo("cat /mnt/"));
        desk.Type("\x15" + "ca\t");
        desk.Complete(0, "cat");
        Assert.That(desk.Row(0), Is.EqualTo("$ cat"));
        Assert.That(desk.Line, Is.EqualTo("cat "));
    }

    [Test]
    public void Candidates_extend_the_word_as_far_as_they_agree_and_are_listed_then()
    {
        Desk desk = new Desk().Begin();
        desk.Type("mou");
        desk.Complete(0, "mount-a", "mount-b");
        Assert.That(desk.Line, Is.EqualTo("mount-"));
        desk.Complete(0, "mount-a", "mount-b");
        Assert.That(desk.Row(1), Is.EqualTo("mount-a  mount-b"));
        Assert.That(desk.Row(2), Is.EqualTo("$ mount-"));
        Assert.That(desk.Complete(7, "x"), Is.False);
    }

    [Test]
    public void Completion_in_the_middle_keeps_the_rest()
    {
        Desk desk = new Desk().Begin();
        desk.Type("ls /m file\e[D\e[D\e[D\e[D\e[D");
        desk.Complete(3, "/mnt/");
        Assert.That(desk.Row(0), Is.EqualTo("$ ls /mnt/ file"));
        Assert.That(desk.Screen.Column, Is.EqualTo(10));
    }

    [Test]
    public void Prompt_begins_on_a_fresh_line()
    {
        Desk desk = new();
        desk.Screen.Write("no end"u8);
        desk.Begin(column: 6);
        Assert.That(desk.Row(0), Is.EqualTo("no end"));
        Assert.That(desk.Row(1), Is.EqualTo("$"));
    }

    [Test]
    public void Hidden_line_comes_back_with_its_text()
    {
        Desk desk = new Desk().Begin();
        desk.Type("typed\e[D");
        desk.Hide();
        Assert.That(desk.Row(0), Is.Empty);
        desk.Screen.Write("job output\r\n"u8);
        desk.Begin();
        Assert.That(desk.Row(0), Is.EqualTo("job output"));
        Assert.That(desk.Row(1), Is.EqualTo("$ typed"));
        Assert.That(desk.Screen.Column, Is.EqualTo(6));
    }

    [Test]
    public void Program_input_takes_tabs_as_text_and_keeps_what_stands_before_it()
    {
        Desk desk = new();
        desk.Screen.Write("name? "u8);
        desk.Begin(prompt: "", tab: TabMeaning.IsText, column: 6);
        Assert.That(desk.Type("a\tb"), Is.EqualTo(EditorEvent.None));
        Assert.That(desk.Line, Is.EqualTo("a\tb"));
        Assert.That(desk.Row(0), Is.EqualTo("name? a b"));
    }

    [Test]
    public void Clear_screen_keeps_prompt_and_line()
    {
        Desk desk = new();
        desk.Screen.Write("old\r\n"u8);
        desk.Begin();
        desk.Type("line\e[D\x0C");
        Assert.That(desk.Row(0), Is.EqualTo("$ line"));
        Assert.That(desk.Row(1), Is.Empty);
        Assert.That(desk.Screen.Column, Is.EqualTo(5));
    }

    [Test]
    public void Random_keys_never_fault_and_the_screen_shows_the_line()
    {
        string[] keys =
        [
            "a", "b ", "\u00E9", "\e[A", "\e[B", "\e[C", "\e[D", "\x01", "\x05", "\x0B", "\x15",
            "\x17", "\x7F", "\e[3~", "\e[1;5D", "\x04",
        ];
        System.Random random = new(7);
        for (int round = 0; round < 200; round++)
        {
            Desk desk = new Desk().Begin();
            desk.Editor.History.Add("earlier line"u8);
            for (int i = 0; i < 60; i++)
            {
                if (desk.Type(keys[random.Next(keys.Length)]) != EditorEvent.None) desk.Begin();
            }
            string shown = string.Concat(desk.Row(0).PadRight(80), desk.Row(1)).TrimEnd();
            if (shown.Contains("$ ") && desk.Screen.Row == 0)
            {
                string expected = ("$ " + desk.Line).Replace('\u00E9', '?').TrimEnd();
                Assert.That(shown.Replace('\u00E9', '?'), Is.EqualTo(expected));
            }
        }
    }
}
