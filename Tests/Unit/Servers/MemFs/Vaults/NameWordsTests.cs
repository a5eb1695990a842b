// A name in words: length, bytes, zeros; whatever was there before.

using System;
using System.Linq;
using NUnit.Framework;
using Servers.MemFs.Vaults;
using Shared.Abi;

namespace Tests.Unit.Servers.MemFs.Vaults;

public sealed class NameWordsTests
{
    [Test]
    public void Words_are_the_length_the_bytes_and_zeros()
    {
        NameWords name = new();
        byte[] longest = Enumerable.Repeat((byte)0xFF, Limits.MaxNameBytes).ToArray();
        for (int length = 1; length <= Limits.MaxNameBytes; length++)
        {
            name.Set(longest);
            byte[] bytes = Enumerable.Range(1, length).Select(static i => (byte)i).ToArray();
            name.Set(bytes);
            byte[] expected = new byte[NameWords.CountOf(length) * sizeof(ulong)];
            expected[0] = (byte)length;
            bytes.CopyTo(expected, 1);
            byte[] actual = name.Words.ToArray().SelectMany(BitConverter.GetBytes).ToArray();
            Assert.That(actual, Is.EqualTo(expected), $"{length}");
            Assert.That(name.Hash, Is.EqualTo(NameWords.HashOf(name.Words)));
        }
    }
}
