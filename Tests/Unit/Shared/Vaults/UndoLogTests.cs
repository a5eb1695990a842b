// A transaction is whole or not there, at whichever store the process dies.
//
// Entries lie at EntryAt: offset, old word, tag; the head before them is the number in progress.

using System;
using System.Collections.Generic;
using NUnit.Framework;
using Shared.Sdk.Vaults;
using Tests.Loopback;

namespace Tests.Unit.Shared.Vaults;

public sealed class UndoLogTests
{
    private const int MaxWords = 16;
    private const ulong LogFirst = 4096;
    private const ulong VaultBytes = 3 * 4096;
    private const ulong TagAt = 16;
    private const int CheckBits = 16;
    private const int Words = 64;

    private static UndoLog Open(IVaultMemory memory)
    {
        UndoLog log = new(memory, LogFirst, MaxWords);
        if (memory.Load(LogFirst) == 0) log.Reset();
        else log.Recover();
        return log;
    }

    /// <summary>Some words, each with a value of its own; the same for the same seed.</summary>
    private static List<(int Index, ulong Value)> Change(Random random)
    {
        List<(int, ulong)> change = [];
        int count = random.Next(1, MaxWords + 1);
        for (int i = 0; i < count; i++) change.Add((random.Next(Words), (ulong)random.NextInt64()));
        return change;
    }

    private static void Apply(ulong[] model, List<(int Index, ulong Value)> change)
    {
        foreach ((int index, ulong value) in change) model[index] = value;
    }

    private static ulong[] Found(IVaultMemory memory)
    {
        ulong[] found = new ulong[Words];
        for (int i = 0; i < Words; i++) found[i] = memory.Load((ulong)i * 8);
        return found;
    }

    /// <summary>Until the end or death; the words before and after the last change.</summary>
    private static (ulong[] Before, ulong[] After) Run(IVaultMemory memory, int seed)
    {
        ulong[] before = new ulong[Words];
        ulong[] after = new ulong[Words];
        Random random = new(seed);
        try
        {
            UndoLog log = Open(memory);
            for (int i = 0; i < 12; i++)
            {
                List<(int Index, ulong Value)> change = Change(random);
                Apply(after, change);
                foreach ((int index, ulong value) in change) log.Set((ulong)index * 8, value);
                log.Commit();
                Apply(before, change);
            }
        }
        catch (VaultDeath)
        {
        }
        return (before, after);
    }

    [Test]
    public void Transaction_is_whole_or_absent_after_a_death_at_every_store(
        [Range(1, 20)] int seed, [Values] LastStore last)
    {
        MortalMemory calm = new(new HeapVaultMemory(VaultBytes));
        Run(calm, seed);
        for (int store = 0; store < calm.Stores; store++)
        {
            HeapVaultMemory vault = new(VaultBytes);
            (ulong[] before, ulong[] after) = Run(new MortalMemory(vault, store, last: last), seed);
            Open(vault);
            Assert.That(Found(vault), Is.EqualTo(before).Or.EqualTo(after), $"store {store}");
        }
    }

    [Test]
    public void Death_at_every_store_of_a_recovery_changes_nothing()
    {
        MortalMemory calm = new(new HeapVaultMemory(VaultBytes));
        Run(calm, seed: 7);
        int recoveries = 0;
        for (int store = 0; store < calm.Stores; store++)
        {
            for (int second = 0; ; second++)
            {
                HeapVaultMemory vault = new(VaultBytes);
                Run(new MortalMemory(vault, store), seed: 7);
                ulong[] expected = Recovered(vault);
                MortalMemory mortal = new(vault, second);
                if (!DiesInRecovery(mortal)) break;
                Open(vault);
                Assert.That(Found(vault), Is.EqualTo(expected), $"stores {store}, {second}");
                recoveries++;
            }
        }
        Assert.That(recoveries, Is.GreaterThan(100));
    }

    /// <summary>A transaction of four words whose process has died before the commit.</summary>
    private static HeapVaultMemory Torn()
    {
        HeapVaultMemory vault = new(VaultBytes);
        UndoLog log = Open(vault);
        for (int round = 1; round <= 2; round++)
        {
            for (int i = 0; i < 5; i++) log.Set(8 * (ulong)i, (ulong)(round * 100 + i));
            if (round == 1) log.Commit();
        }
        return vault;
    }

    private static ulong EntryAt(int entry) => LogFirst + 8 + 24 * (ulong)entry;

    [Test]
    public void Spoiled_word_of_a_log_that_is_needed_is_damage_and_nothing_is_put_back(
        [Range(0, 4)] int entry, [Values(0UL, 8UL, TagAt)] ulong at,
        [Values(0, 3, 20, 63)] int bit)
    {
        // Of the last entry nobody can say that there was one, once its number is gone.
        if (entry == 4 && at == TagAt && bit >= CheckBits) return;
        HeapVaultMemory vault = Torn();
        vault.Store(EntryAt(entry) + at, vault.Load(EntryAt(entry) + at) ^ 1UL << bit);
        ulong[] found = Found(vault);
        Assert.That(() => Open(vault), Throws.TypeOf<VaultDamagedException>());
        Assert.That(Found(vault), Is.EqualTo(found));
    }

    [Test]
    public void Spoiled_head_of_a_log_is_damage([Range(0, 63)] int bit)
    {
        HeapVaultMemory vault = Torn();
        ulong head = vault.Load(LogFirst);
        vault.Store(LogFirst, head ^ 1UL << bit);
        ulong[] found = Found(vault);
        Assert.That(() => Open(vault), Throws.TypeOf<VaultDamagedException>());
        Assert.That(Found(vault), Is.EqualTo(found));
    }

    [Test]
    public void Head_that_was_never_written_is_damage()
    {
        UndoLog log = new(new HeapVaultMemory(VaultBytes), LogFirst, MaxWords);
        Assert.That(log.Recover, Throws.TypeOf<VaultDamagedException>());
    }

    [Test]
    public void Spoiled_entries_that_nobody_needs_are_harmless()
    {
        HeapVaultMemory vault = Torn();
        Open(vault);
        ulong[] found = Found(vault);
        for (int entry = 0; entry < 5; entry++)
        {
            vault.Store(EntryAt(entry), 1);
            vault.Store(EntryAt(entry) + 8, 2);
            if (entry != 0) vault.Store(EntryAt(entry) + TagAt, 3);
        }
        UndoLog log = Open(vault);
        Assert.That(Found(vault), Is.EqualTo(found));
        log.Set(0, 7);
        Assert.That(Open(vault).Load(0), Is.EqualTo(found[0]));
    }

    [Test]
    public void What_was_put_back_is_not_put_back_again()
    {
        HeapVaultMemory vault = Torn();
        UndoLog log = Open(vault);
        Assert.That(log.Load(8), Is.EqualTo(101));
        // Its entry lies over the first of the five, and the others are no longer its own.
        log.Set(0, 5);
        vault.Store(8, 6);
        Assert.That(Open(vault).Load(8), Is.EqualTo(6));
    }

    [Test]
    public void Entries_of_who_died_while_he_made_the_vault_do_not_count()
    {
        HeapVaultMemory vault = new(VaultBytes);
        UndoLog first = Open(vault);
        for (int i = 0; i < 4; i++) first.Set(8 * (ulong)i, 9);
        UndoLog second = new(vault, LogFirst, MaxWords);
        second.Reset();
        for (int i = 0; i < 4; i++) vault.Store(8 * (ulong)i, 1);
        second.Set(0, 2);
        UndoLog third = Open(vault);
        for (int i = 0; i < 4; i++) Assert.That(third.Load(8 * (ulong)i), Is.EqualTo(1));
    }

    [Test]
    public void Transaction_of_too_many_words_is_refused_and_rolled_back()
    {
        HeapVaultMemory vault = new(VaultBytes);
        UndoLog log = Open(vault);
        int count = 0;
        Assert.That(
            () =>
            {
                while (count < Words) log.Set(8 * (ulong)count++, 1);
            },
            Throws.InvalidOperationException);
        Assert.That(count, Is.GreaterThan(MaxWords));
        Assert.That(log.HasChanges, Is.False);
        Assert.That(Found(vault), Is.All.Zero);
        log.Set(0, 1);
        log.Commit();
        Assert.That(Open(vault).Load(0), Is.EqualTo(1));
    }

    [Test]
    public void Words_that_are_set_over_and_over_need_no_more_room()
    {
        MortalMemory calm = new(new HeapVaultMemory(VaultBytes));
        SetOver(calm);
        for (int store = 0; store < calm.Stores; store += 7)
        {
            HeapVaultMemory vault = new(VaultBytes);
            try
            {
                SetOver(new MortalMemory(vault, store));
            }
            catch (VaultDeath)
            {
            }
            Open(vault);
            Assert.That(Found(vault), Is.All.Zero, $"store {store}");
        }

        static void SetOver(IVaultMemory memory)
        {
            UndoLog log = Open(memory);
            for (ulong round = 1; round <= 10; round++)
            {
                for (int i = 0; i < MaxWords; i++) log.Set(8 * (ulong)i, round);
            }
            Assert.That(log.Load(8), Is.EqualTo(10));
        }
    }

    [Test]
    public void Rollback_puts_back_what_was_not_committed()
    {
        HeapVaultMemory vault = new(VaultBytes);
        UndoLog log = Open(vault);
        log.Set(8, 1);
        log.Set(16, 1);
        log.Commit();
        log.Set(8, 2);
        log.Set(8, 3);
        log.Rollback();
        Assert.That((log.Load(8), log.Load(16), log.HasChanges), Is.EqualTo((1, 1, false)));
        log.Rollback();
        log.Commit();
        log.Set(16, 4);
        log.Commit();
        log = Open(vault);
        Assert.That((log.Load(8), log.Load(16)), Is.EqualTo((1, 4)));
    }

    [Test]
    public void Word_that_stays_as_it_is_costs_no_store()
    {
        MortalMemory vault = new(new HeapVaultMemory(VaultBytes));
        UndoLog log = Open(vault);
        log.Set(8, 3);
        log.Commit();
        int stores = vault.Stores;
        log.Set(8, 3);
        log.Commit();
        Assert.That(vault.Stores, Is.EqualTo(stores));
    }

    [Test]
    public void Offset_that_is_no_words_is_refused() => Assert.That(
        () => Open(new HeapVaultMemory(VaultBytes)).Set(12, 1), Throws.ArgumentException);

    /// <summary>What a recovery without a death finds, in a copy of the vault.</summary>
    private static ulong[] Recovered(HeapVaultMemory vault)
    {
        HeapVaultMemory copy = new(VaultBytes);
        byte[] bytes = new byte[VaultBytes];
        vault.Read(0, bytes);
        copy.Write(0, bytes);
        Open(copy);
        return Found(copy);
    }

    private static bool DiesInRecovery(MortalMemory memory)
    {
        try
        {
            Open(memory);
            return false;
        }
        catch (VaultDeath)
        {
            return true;
        }
    }
}
