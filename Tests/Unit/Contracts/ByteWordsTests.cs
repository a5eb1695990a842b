// Bytes eight at a time say what they say one at a time.

using System;
using NUnit.Framework;
using Shared.Contracts.Paths;

namespace Tests.Unit.Contracts;

public sealed class ByteWordsTests
{
    [Test]
    public void Few_bytes_lie_in_the_word_as_in_memory([Range(0, 7)] int length)
    {
        byte[] bytes = new byte[8];
        for (int i = 0; i < length; i++) bytes[i] = (byte)(0xF0 + i);
        Assert.That(
            ByteWords.OfFew(bytes.AsSpan(0, length)), Is.EqualTo(BitConverter.ToUInt64(bytes)));
        Assert.That(ByteWords.At([1, .. bytes], 1), Is.EqualTo(BitConverter.ToUInt64(bytes)));
    }

    [Test]
    public void One_byte_that_is_not_ascii_is_seen_wherever_it_is([Range(0, 40)] int length)
    {
        byte[] bytes = new byte[length];
        Array.Fill(bytes, (byte)0x7F);
        Assert.That(ByteWords.AreAscii(bytes));
        for (int i = 0; i < length; i++)
        {
            bytes[i] = 0x80;
            Assert.That(ByteWords.AreAscii(bytes), Is.False, $"{i}");
            bytes[i] = 0;
        }
    }

    [Test]
    public void Byte_is_found_wherever_it_is_and_no_other([Range(0, 127)] int wanted)
    {
        Random random = new(wanted);
        byte[] bytes = new byte[8];
        for (int count = 0; count < 500; count++)
        {
            // Neighbours of the wanted one are what a borrow or a carry would make of it.
            for (int i = 0; i < 8; i++)
                bytes[i] = (byte)Math.Clamp(wanted + random.Next(-1, 2), 0, 127);
            ulong expected = 0;
            for (int i = 0; i < 8; i++)
                if (bytes[i] == wanted) expected |= 0x80UL << 8 * i;
            ulong found = ByteWords.Find(BitConverter.ToUInt64(bytes), (byte)wanted);
            Assert.That(found, Is.EqualTo(expected));
        }
    }

    [Test]
    public void First_byte_is_found_among_any_others([Range(0, 30)] int length)
    {
        Random random = new(length);
        byte[] bytes = new byte[length];
        for (int count = 0; count < 500; count++)
        {
            for (int i = 0; i < length; i++)
                bytes[i] = random.Next(4) == 0 ? (byte)random.Next(256) : (byte)'0';
            Assert.That(
                ByteWords.IndexOf(bytes, (byte)'/'), Is.EqualTo(Array.IndexOf(bytes, (byte)'/')));
            if (length != 0) bytes[random.Next(length)] = (byte)'/';
            Assert.That(
                ByteWords.IndexOf(bytes, (byte)'/'), Is.EqualTo(Array.IndexOf(bytes, (byte)'/')));
        }
    }
}
