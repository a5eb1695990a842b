// ShortText against the runtime's encoder, for every length and every place of an odd character.

using System;
using System.Linq;
using System.Text;
using NUnit.Framework;
using Shared.Sdk.Calls;

namespace Tests.Unit.Shared.Sdk;

public sealed class ShortTextTests
{
    private const int MostChars = 64;

    private static string TextOf(int length) =>
        string.Concat(Enumerable.Range(0, length).Select(at => (char)(1 + at * 7 % 127)));

    [Test]
    public void Text_in_ASCII_is_as_the_runtime_has_it([Range(0, MostChars)] int length)
    {
        string text = TextOf(length);
        byte[] expected = Encoding.UTF8.GetBytes(text);
        byte[] target = new byte[length + 3];
        Assert.That(ShortText.TryNarrow(text, target), Is.True);
        Assert.That(target[..length], Is.EqualTo(expected));
        Assert.That(target[length..], Is.All.Zero, "beyond the text");
        Assert.That(ShortText.TryWiden(expected, out string back), Is.True);
        Assert.That(back, Is.EqualTo(text));
    }

    [Test]
    public void Odd_character_is_refused_wherever_it_is([Range(1, 20)] int length)
    {
        for (int at = 0; at < length; at++)
        {
            foreach (char odd in (char[])['\x80', '\xFF', '\u0100', '\u4E00', '\uD800'])
            {
                char[] text = TextOf(length).ToCharArray();
                text[at] = odd;
                Assert.That(
                    ShortText.TryNarrow(text, new byte[length]), Is.False, $"{odd} at {at}");
            }
            byte[] bytes = Encoding.UTF8.GetBytes(TextOf(length));
            bytes[at] |= 0x80;
            Assert.That(ShortText.TryWiden(bytes, out _), Is.False, $"byte {at}");
        }
    }

    [Test]
    public void Text_that_is_long_or_has_no_room_is_for_others()
    {
        string text = TextOf(MostChars + 1);
        Assert.That(ShortText.TryNarrow(text, new byte[MostChars + 1]), Is.False);
        Assert.That(ShortText.TryWiden(Encoding.UTF8.GetBytes(text), out _), Is.False);
        for (int length = 1; length < 12; length++)
            Assert.That(ShortText.TryNarrow(TextOf(length), new byte[length - 1]), Is.False);
    }
}
