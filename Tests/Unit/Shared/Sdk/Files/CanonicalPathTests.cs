// Paths as typed, and what they become or why they are refused.

using System.Linq;
using NUnit.Framework;
using Shared.Abi;
using Shared.Contracts;
using Shared.Contracts.Paths;
using Shared.Sdk;
using Shared.Sdk.Files;

namespace Tests.Unit.Shared.Sdk.Files;

public sealed class CanonicalPathTests
{
    [TestCase("/", ExpectedResult = "/")]
    [TestCase("/a/b", ExpectedResult = "/a/b")]
    [TestCase("a", ExpectedResult = "/home/me/a")]
    [TestCase(".", ExpectedResult = "/home/me")]
    [TestCase("./a/./b/.", ExpectedResult = "/home/me/a/b")]
    [TestCase("..", ExpectedResult = "/home")]
    [TestCase("../..", ExpectedResult = "/")]
    [TestCase("../../../../a", ExpectedResult = "/a")]
    [TestCase("//a///b//", ExpectedResult = "/a/b")]
    [TestCase("/a/../b", ExpectedResult = "/b")]
    [TestCase("/...", ExpectedResult = "/...")]
    [TestCase("/a b", ExpectedResult = "/a b")]
    [TestCase("/\u00E4\U0001F600", ExpectedResult = "/\u00E4\U0001F600")]
    public string Path_is_made_canonical(string path)
    {
        CanonicalPath home = CanonicalPath.Parse("/home/me").Value;
        Result<CanonicalPath> parsed = CanonicalPath.Parse(path, home);
        Assert.That(parsed.Status, Is.EqualTo(Status.Ok));
        Assert.That(PathRules.CheckAbsolute(parsed.Value.Text), Is.EqualTo(Status.Ok));
        return parsed.Value.Text;
    }

    [TestCase("", ExpectedResult = Status.InvalidName)]
    [TestCase("/a\0b", ExpectedResult = Status.InvalidName)]
    public Status Path_is_refused_when_it_is_no_path(string path) =>
        CanonicalPath.Parse(path).Status;

    // Not a test case: an attribute cannot say half a surrogate pair.
    [Test]
    public void Path_is_refused_when_it_is_not_unicode() =>
        Assert.That(CanonicalPath.Parse("/\uD800").Status, Is.EqualTo(Status.InvalidName));

    [Test]
    public void Path_is_refused_when_it_is_too_long()
    {
        string name = new('a', 255);
        Assert.That(CanonicalPath.Parse("/" + name).IsOk, Is.True);
        Assert.That(CanonicalPath.Parse("/a" + name).Status, Is.EqualTo(Status.NameTooLong));
        // 255 bytes, but fewer characters.
        string wide = new string('\u00E4', 127) + "b";
        Assert.That(CanonicalPath.Parse("/" + wide).IsOk, Is.True);
        Assert.That(CanonicalPath.Parse("/b" + wide).Status, Is.EqualTo(Status.NameTooLong));
        string longest = string.Concat(Enumerable.Repeat("/" + name, 16));
        CanonicalPath deep = CanonicalPath.Parse(longest).Value;
        Assert.That(CanonicalPath.Parse("x", deep).Status, Is.EqualTo(Status.NameTooLong));
    }

    [Test]
    public void Bytes_are_refused_when_they_are_not_utf8()
    {
        Assert.That(CanonicalPath.Parse("/a"u8).Value.Text, Is.EqualTo("/a"));
        Assert.That(
            CanonicalPath.Parse([0x2F, 0xFF]).Status, Is.EqualTo(Status.InvalidName));
        Assert.That(
            CanonicalPath.Parse([0x2F, 0xC0, 0xAF]).Status, Is.EqualTo(Status.InvalidName));
        Assert.That(
            CanonicalPath.Parse(new byte[5000]).Status, Is.EqualTo(Status.NameTooLong));
    }

    [Test]
    public void Parts_are_name_and_parent()
    {
        CanonicalPath path = CanonicalPath.Parse("/a/b").Value;
        Assert.That(path.Name, Is.EqualTo("b"));
        Assert.That(path.Parent.Text, Is.EqualTo("/a"));
        Assert.That(path.Parent.Parent, Is.EqualTo(CanonicalPath.Root));
        Assert.That(CanonicalPath.Root.Parent, Is.EqualTo(CanonicalPath.Root));
        Assert.That(CanonicalPath.Root.Name, Is.EqualTo(""));
        Assert.That(default(CanonicalPath).Text, Is.EqualTo("/"));
    }

    [TestCase("/a/b", "/a", ExpectedResult = true)]
    [TestCase("/a", "/a", ExpectedResult = true)]
    [TestCase("/a", "/", ExpectedResult = true)]
    [TestCase("/ab", "/a", ExpectedResult = false)]
    [TestCase("/a", "/a/b", ExpectedResult = false)]
    [TestCase("/", "/a", ExpectedResult = false)]
    public bool Path_is_within_another(string path, string other) =>
        CanonicalPath.Parse(path).Value.IsWithin(CanonicalPath.Parse(other).Value);
}
