// A transaction is whole or not there, at whichever store the process dies.

using System;
using System.Collections.Generic;
using NUnit.Framework;
using Shared.Sdk.Vaults;
using Tests.Loopback;

namespace Tests.Unit.Shared.Vaults;

public sealed class RedoLogTests
{
    private const int MaxWords = 16;
    private const ulong LogFirst = 4096;
    private const ulong VaultBytes = 3 * 4096;
    private const int Words = 64;

    private static RedoLog Open(IVaultMemory memory)
    {
        RedoLog log = new(memory, LogFirst, MaxWords);
        log.Recover();
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
            RedoLog log = Open(memory);
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
        [Range(1, 20)] int seed)
    {
        MortalMemory calm = new(new HeapVaultMemory(VaultBytes));
        Run(calm, seed);
        for (int store = 0; store < calm.Stores; store++)
        {
            HeapVaultMemory vault = new(VaultBytes);
            (ulong[] before, ulong[] after) = Run(new MortalMemory(vault, store), seed);
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

    [Test]
    public void Damaged_log_is_never_applied()
    {
        MortalMemory calm = new(new HeapVaultMemory(VaultBytes));
        Run(calm, seed: 3);
        int refused = 0;
        for (int store = 0; store < calm.Stores; store++)
        {
            HeapVaultMemory vault = new(VaultBytes);
            Run(new MortalMemory(vault, store), seed: 3);
            if (vault.Load(LogFirst) == 0) continue;
            vault.Store(LogFirst + 16, vault.Load(LogFirst + 16) ^ 1);
            ulong[] found = Found(vault);
            Assert.That(() => Open(vault), Throws.TypeOf<VaultDamagedException>());
            Assert.That(Found(vault), Is.EqualTo(found));
            refused++;
        }
        Assert.That(refused, Is.GreaterThan(10));
    }

    [TestCase(17UL << 32 | 1), TestCase(ulong.MaxValue), TestCase(1UL)]
    public void Commit_word_that_cannot_be_is_damage(ulong word)
    {
        HeapVaultMemory vault = new(VaultBytes);
        vault.Store(LogFirst, word);
        Assert.That(() => Open(vault), Throws.TypeOf<VaultDamagedException>());
    }

    [Test]
    public void Transaction_of_too_many_words_is_refused_before_it_is_stored()
    {
        MortalMemory vault = new(new HeapVaultMemory(VaultBytes));
        RedoLog log = Open(vault);
        for (int i = 0; i < MaxWords; i++) log.Set(8 * (ulong)i, 1);
        Assert.That(() => log.Set(8 * MaxWords, 1), Throws.InvalidOperationException);
        Assert.That(vault.Stores, Is.Zero);
    }

    [Test]
    public void Word_of_the_transaction_is_seen_by_who_asks_the_log_and_is_stored_once()
    {
        MortalMemory vault = new(new HeapVaultMemory(VaultBytes));
        RedoLog log = Open(vault);
        for (ulong round = 1; round <= 3; round++)
        {
            for (int i = 0; i < MaxWords; i++) log.Set(8 * (ulong)i, round);
        }
        Assert.That(log.StagedWords, Is.EqualTo(MaxWords));
        Assert.That(log.Load(8), Is.EqualTo(3));
        Assert.That(vault.Load(8), Is.Zero);
        log.Commit();
        Assert.That(vault.Load(8), Is.EqualTo(3));
        vault.Store(8, 4);
        Assert.That(log.Load(8), Is.EqualTo(4), "nothing is kept of it");
    }

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
