// Words of a vault in its place: each operation at every offset does what it says, or nothing, and
// never goes beyond the end.

using System;
using System.Linq;
using NUnit.Framework;
using Shared.Sdk.Native;
using Shared.Sdk.Vaults;

namespace Tests.Unit.Shared.Vaults;

public sealed class VaultWordsTests
{
    private static readonly ulong[] s_beyond = [ulong.MaxValue, ulong.MaxValue - 7, 1UL << 63];

    [Test]
    public void Word_is_there_up_to_the_end([Range(0, 5)] int words)
    {
        PlacedVaultMemory memory = new(words);
        VaultWords all = new(memory);
        for (int word = 0; word < words; word++)
        {
            all.Store(OffsetOf(word), (ulong)word + 1);
            Assert.That(all.TryLoad(OffsetOf(word), out ulong value));
            Assert.That((value, all.Load(OffsetOf(word))), Is.EqualTo((word + 1, word + 1)));
        }
        foreach (ulong offset in s_beyond.Append(OffsetOf(words)))
        {
            Assert.That(all.TryLoad(offset, out ulong none), Is.False);
            Assert.That(none, Is.Zero);
        }
        Assert.That(memory.Behind.ToArray(), Is.All.EqualTo(PlacedVaultMemory.Nobodys));
    }

    [Test]
    public void Three_words_and_one_are_stored_or_none([Range(0, 6)] int words)
    {
        ulong[] offsets = [.. Enumerable.Range(0, words + 3).Select(OffsetOf), .. s_beyond];
        foreach (ulong first in offsets)
        foreach (ulong other in offsets)
        {
            PlacedVaultMemory memory = new(words);
            bool isInside = IsInside(first, 3, words) && IsInside(other, 1, words);
            ulong[] expected = new ulong[words];
            if (isInside)
            {
                for (int i = 0; i < 3; i++) expected[(int)first / 8 + i] = (ulong)i + 1;
                expected[(int)other / 8] = 4;
            }
            bool isDone = new VaultWords(memory).TryStore(first, 1, 2, 3, other, 4);
            Assert.That(isDone, Is.EqualTo(isInside), $"{first:x}, {other:x}");
            Assert.That(memory.Words.ToArray(), Is.EqualTo(expected), $"{first:x}, {other:x}");
            Assert.That(memory.Behind.ToArray(), Is.All.EqualTo(PlacedVaultMemory.Nobodys));
        }
    }

    [Test]
    public void Words_are_cleared_and_no_others([Range(0, 5)] int first, [Range(0, 5)] int count)
    {
        PlacedVaultMemory memory = new(5);
        memory.Words.Fill(7);
        VaultWords all = new(memory);
        if (first + count > 5)
        {
            Assert.That(
                () => all.Clear(OffsetOf(first), count), Throws.TypeOf<IndexOutOfRangeException>());
        }
        else
        {
            all.Clear(OffsetOf(first), count);
            ulong[] expected = [.. Enumerable.Range(0, 5).Select(
                word => word >= first && word < first + count ? 0UL : 7)];
            Assert.That(memory.Words.ToArray(), Is.EqualTo(expected));
        }
        Assert.That(memory.Behind.ToArray(), Is.All.EqualTo(PlacedVaultMemory.Nobodys));
    }

    [Test]
    public void Log_in_place_puts_back_what_was_not_committed([Range(1, 20)] int seed)
    {
        const int logWords = 12, words = 40;
        int first = (int)UndoLog.BytesFor(logWords) / sizeof(ulong);
        PlacedVaultMemory memory = new(first + words);
        UndoLog log = new(memory, 0, logWords);
        log.Reset();
        Random random = new(seed);
        ulong[] committed = new ulong[words];
        for (int transaction = 0; transaction < 200; transaction++)
        {
            ulong[] next = [.. committed];
            // Some words more than once.
            for (int change = random.Next(2 * logWords); change > 0; change--)
            {
                int word = random.Next(logWords);
                next[word] = (ulong)random.Next(3);
                log.Set(OffsetOf(first + word), next[word]);
            }
            Assert.That(memory.Words[first..].ToArray(), Is.EqualTo(next));
            if (random.Next(2) == 0)
            {
                log.Commit();
                committed = next;
                continue;
            }
            log = new UndoLog(memory, 0, logWords);
            log.Recover();
            Assert.That(memory.Words[first..].ToArray(), Is.EqualTo(committed));
        }
    }

    private static bool IsInside(ulong offset, ulong count, int words) =>
        offset <= OffsetOf(words) && offset / 8 + count <= (ulong)words;

    private static ulong OffsetOf(int word) => sizeof(ulong) * (ulong)word;
}
