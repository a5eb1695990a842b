// What a request asks, in a word: other questions are other words.

using System;
using System.Collections.Generic;
using System.Text;
using NUnit.Framework;
using Shared.Sdk.Vaults;

namespace Tests.Unit.Shared.Vaults;

public sealed class RequestContentTests
{
    [Test]
    public void Whatever_differs_makes_another_word()
    {
        HashSet<ulong> seen = [];
        foreach (ushort operation in new ushort[] { 4, 5 })
        foreach (ulong node in new ulong[] { 1, 2 })
        foreach (ulong first in new ulong[] { 0, 1 })
        foreach (ulong second in new ulong[] { 0, 1 })
        {
            Assert.That(seen.Add(RequestContent.Of(operation, node, default, first, second)));
        }
    }

    [Test]
    public void Paths_that_differ_in_a_byte_or_the_length_make_other_words()
    {
        HashSet<ulong> seen = [];
        for (int length = 0; length < 40; length++)
        {
            byte[] path = Encoding.UTF8.GetBytes(new string('a', length));
            Assert.That(seen.Add(RequestContent.Of(1, 1, path, 0, 0)), $"{length}");
            for (int i = 0; i < length; i++)
            {
                path[i] = (byte)'b';
                Assert.That(seen.Add(RequestContent.Of(1, 1, path, 0, 0)), $"{length}, {i}");
                path[i] = (byte)'a';
            }
        }
        Assert.That(
            seen.Add(RequestContent.Of(1, 1, new ReadOnlySpan<byte>([0]), 0, 0)), "a zero");
    }
}
