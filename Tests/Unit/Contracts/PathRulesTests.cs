// Which paths are good, and what is said of the others.

using System;
using System.Text;
using NUnit.Framework;
using Shared.Abi;
using Shared.Contracts.Paths;

namespace Tests.Unit.Contracts;

public sealed class PathRulesTests
{
    [TestCase("", Status.Ok)]
    [TestCase("a", Status.Ok)]
    [TestCase("a/b/c", Status.Ok)]
    [TestCase("...", Status.Ok)]
    [TestCase(".a", Status.Ok)]
    [TestCase("line\nfeed", Status.Ok)]
    [TestCase("/a", Status.InvalidName)]
    [TestCase("a/", Status.InvalidName)]
    [TestCase("a//b", Status.InvalidName)]
    [TestCase(".", Status.InvalidName)]
    [TestCase("a/..", Status.InvalidName)]
    [TestCase("../a", Status.InvalidName)]
    [TestCase("a\0b", Status.InvalidName)]
    [TestCase("\uD83D\uDE00", Status.Ok)]
    public void Relative_path_is_judged_as_a_whole(string path, Status expected) =>
        Assert.That(Judge(path), Is.EqualTo(expected));

    [Test]
    public void Any_path_is_judged_as_name_by_name()
    {
        Random random = new(5);
        for (int count = 0; count < 20_000; count++)
        {
            char[] path = new char[random.Next(1, 40)];
            // Mostly names, so that many a path is good.
            for (int i = 0; i < path.Length; i++) path[i] = "abcdefgh..//\0\u0080\u7FFF"[
                random.Next(10) == 0 ? random.Next(15) : random.Next(8)];
            Status expected = Status.Ok;
            foreach (string name in new string(path).Split('/'))
            {
                if (expected == Status.Ok) expected = PathRules.CheckName(name);
            }
            Assert.That(Judge(new string(path)), Is.EqualTo(expected), new string(path));
        }
    }

    [Test]
    public void Every_short_path_is_judged_as_name_by_name([Range(1, 8)] int length)
    {
        const string letters = "a./\0\u00E9";
        char[] path = new char[length];
        for (int number = 0; number < Math.Pow(letters.Length, length); number++)
        {
            for (int i = 0, rest = number; i < length; i++, rest /= letters.Length)
                path[i] = letters[rest % letters.Length];
            Status expected = Status.Ok;
            foreach (string name in new string(path).Split('/'))
            {
                if (expected == Status.Ok) expected = PathRules.CheckName(name);
            }
            if (Judge(new string(path)) != expected) Assert.Fail(new string(path));
        }
    }

    [Test]
    public void Half_a_surrogate_pair_is_no_name()
    {
        // Attributes hold UTF-8 and could not say these.
        string[] paths = ["\uD800", "a\uDC00", "\uDC00\uD800", "b/\uD83D/c"];
        foreach (string path in paths)
        {
            Assert.That(PathRules.CheckRelative(path), Is.EqualTo(Status.InvalidName));
        }
    }

    [TestCase("/", Status.Ok)]
    [TestCase("/a/b", Status.Ok)]
    [TestCase("", Status.InvalidName)]
    [TestCase("a", Status.InvalidName)]
    [TestCase("//", Status.InvalidName)]
    [TestCase("/a/", Status.InvalidName)]
    public void Absolute_path_is_canonical(string path, Status expected) =>
        Assert.That(PathRules.CheckAbsolute(path), Is.EqualTo(expected));

    [TestCase(255, 'a', Status.Ok)]
    [TestCase(256, 'a', Status.NameTooLong)]
    [TestCase(127, '\u00E9', Status.Ok)]
    [TestCase(128, '\u00E9', Status.NameTooLong)]
    [TestCase(85, '\u20AC', Status.Ok)]
    [TestCase(86, '\u20AC', Status.NameTooLong)]
    public void Name_is_measured_in_bytes(int count, char character, Status expected)
    {
        string name = new(character, count);
        Assert.That(PathRules.CheckName(name), Is.EqualTo(expected));
        Assert.That(Judge(name), Is.EqualTo(expected));
    }

    [Test]
    public void Path_of_the_greatest_length_is_good_and_one_more_is_not()
    {
        string longest = string.Join('/', Repeat("abc", Limits.MaxPathBytes / 4)) + "d";
        Assert.That(longest, Has.Length.EqualTo(Limits.MaxPathBytes));
        Assert.That(Judge(longest), Is.EqualTo(Status.Ok));
        Assert.That(Judge(longest + "e"), Is.EqualTo(Status.NameTooLong));
    }

    [Test]
    public void Names_come_off_in_order()
    {
        ReadOnlySpan<char> rest = "a/bc/d";
        Assert.That(PathRules.TakeFirst(ref rest).ToString(), Is.EqualTo("a"));
        Assert.That(PathRules.TakeFirst(ref rest).ToString(), Is.EqualTo("bc"));
        Assert.That(PathRules.TakeFirst(ref rest).ToString(), Is.EqualTo("d"));
        Assert.That(PathRules.TakeFirst(ref rest).IsEmpty, Is.True);
        ReadOnlySpan<byte> bytes = "a/bc/d"u8;
        Assert.That(PathRules.TakeFirst(ref bytes).ToArray(), Is.EqualTo("a"u8.ToArray()));
        Assert.That(PathRules.TakeFirst(ref bytes).ToArray(), Is.EqualTo("bc"u8.ToArray()));
        Assert.That(PathRules.TakeFirst(ref bytes).ToArray(), Is.EqualTo("d"u8.ToArray()));
        Assert.That(PathRules.TakeFirst(ref bytes).IsEmpty, Is.True);
    }

    /// <summary>What is said of the path, which is the same of its UTF-8.</summary>
    private static Status Judge(string path)
    {
        Status status = PathRules.CheckRelative(path);
        Status other = PathRules.CheckRelative(Encoding.UTF8.GetBytes(path));
        if (other != status) Assert.Fail($"{path}: {status}, as UTF-8 {other}");
        return status;
    }

    private static string[] Repeat(string name, int count)
    {
        string[] names = new string[count];
        Array.Fill(names, name);
        return names;
    }
}
