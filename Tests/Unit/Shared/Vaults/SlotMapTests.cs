// Taken records of a table, and a model of them; words that nobody wrote are noticed.

using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using Shared.Sdk.Vaults;

namespace Tests.Unit.Shared.Vaults;

public sealed class SlotMapTests
{
    private const int LogWords = 64;
    private const ulong First = 4096;
    private const int Capacity = 75;

    private HeapVaultMemory _memory = null!;
    private UndoLog _log = null!;
    private SlotMap _map = null!;

    [SetUp]
    public void MakeMap()
    {
        _memory = new HeapVaultMemory(8192);
        _log = new UndoLog(_memory, 0, LogWords);
        _log.Reset();
        _map = new SlotMap(_log, First, Capacity);
    }

    [Test]
    public void All_can_be_taken_from_the_bottom_and_no_more()
    {
        for (int slot = 0; slot < Capacity; slot++) Assert.That(_map.Take(), Is.EqualTo(slot));
        Assert.That(_map.IsFull);
        Assert.That(() => _map.Take(), Throws.InvalidOperationException);
    }

    [Test]
    public void Transaction_that_was_not_committed_has_taken_nothing()
    {
        _map.Take();
        _log.Commit();
        _map.Take();
        UndoLog log = new(_memory, 0, LogWords);
        log.Recover();
        SlotMap next = new(log, First, Capacity);
        Assert.That(next.Count, Is.EqualTo(1));
        Assert.That(next.Take(), Is.EqualTo(1));
    }

    [Test]
    public void Map_is_what_a_set_is([Range(1, 10)] int seed)
    {
        Random random = new(seed);
        SortedSet<int> model = [];
        for (int step = 0; step < 500; step++)
        {
            if (model.Count != 0 && random.Next(2) == 0)
            {
                int gone = model.ElementAt(random.Next(model.Count));
                model.Remove(gone);
                _map.Release(gone);
            }
            else if (model.Count < Capacity)
            {
                int lowest = Enumerable.Range(0, Capacity).First(slot => !model.Contains(slot));
                Assert.That(_map.Take(), Is.EqualTo(lowest));
                model.Add(lowest);
            }
            if (random.Next(3) == 0) _log.Commit();
            Assert.That(_map.Taken(), Is.EqualTo(model));
            Assert.That(_map.Count, Is.EqualTo(model.Count));
        }
    }

    [Test]
    public void Record_that_is_free_cannot_be_released() =>
        Assert.That(() => _map.Release(3), Throws.TypeOf<VaultDamagedException>());

    [TestCase(0UL), TestCase(8UL), TestCase(16UL)]
    public void Word_that_nobody_wrote_is_noticed(ulong word)
    {
        _map.Take();
        _log.Commit();
        _memory.Store(First + word, _memory.Load(First + word) ^ 2);
        // Who has read or written the first two knows them.
        SlotMap next = new(_log, First, Capacity);
        Assert.That(
            () => (next.Count, next.Taken().Count()), Throws.TypeOf<VaultDamagedException>());
    }

    [Test]
    public void Word_is_not_taken_for_one_at_another_place()
    {
        ulong word = CheckedWords.Encode(64, 5);
        Assert.That(CheckedWords.Decode(64, word), Is.EqualTo(5));
        Assert.That(() => CheckedWords.Decode(72, word), Throws.TypeOf<VaultDamagedException>());
    }
}
