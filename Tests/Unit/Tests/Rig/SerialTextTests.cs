// What a person would see of a serial line.

using System.Text;
using NUnit.Framework;
using Tests.Rig.Machine;

namespace Tests.Unit.Tests.Rig;

public sealed class SerialTextTests
{
    [TestCase("one\r\ntwo", "one", "two")]
    [TestCase("typo\b\bed\n", "tyed", "")]
    [TestCase("cosmos:/$ ls\rcosmos:/$ \e[K", "", "cosmos:/$ ")]
    [TestCase("abc\e[2DX", "", "aXc")]
    [TestCase("abc\e[1;31mred\e[0m", "", "abcred")]
    [TestCase("abc\r\e[2Kdef", "", "def")]
    [TestCase("a\e[4Gd", "", "a  d")]
    public void Text_is_what_a_terminal_shows(string bytes, string lines, string current)
    {
        SerialText text = Read(bytes);
        Assert.That(string.Join('|', text.Lines), Is.EqualTo(lines));
        Assert.That(text.Current, Is.EqualTo(current));
    }

    [Test]
    public void Character_is_read_when_it_arrives_byte_by_byte()
    {
        var text = new SerialText();
        foreach (byte one in Encoding.UTF8.GetBytes("gr\u00fc\u00df\n")) text.Add([one]);
        Assert.That(text.Lines, Is.EqualTo(new[] { "gr\u00fc\u00df" }));
    }

    private static SerialText Read(string bytes)
    {
        var text = new SerialText();
        text.Add(Encoding.UTF8.GetBytes(bytes));
        return text;
    }
}
