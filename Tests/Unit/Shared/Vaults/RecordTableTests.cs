// Two tables and a log of requests in one vault: whatever dies where, they hold whole transactions
// only, and what a damaged record says is never believed.

using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using Shared.Sdk.Vaults;
using Tests.Loopback;

namespace Tests.Unit.Shared.Vaults;

public sealed class RecordTableTests
{
    private const int Slots = 6;
    private const int MaxBytes = 40;
    private const int ChangesAtMost = 4;
    private const int Transactions = 25;
    private const ulong VaultBytes = 8 * 4096;

    private sealed class Tables
    {
        public Tables(IVaultMemory memory)
        {
            Vault = new SmallVault(
                memory, "CKTESTS1", 2 * ChangesAtMost * RecordTable.LogWordsFor(MaxBytes));
            First = new RecordTable(Vault, Slots, MaxBytes);
            Second = new RecordTable(Vault, Slots, MaxBytes);
            Vault.Publish();
        }

        public SmallVault Vault { get; }
        public RecordTable First { get; }
        public RecordTable Second { get; }

        public string Text => $"{TextOf(First)}|{TextOf(Second)}";

        private static string TextOf(RecordTable table) => string.Join(
            ' ', table.Keys.Select(key => $"{key}={Bytes(table, key)}"));

        private static string Bytes(RecordTable table, ulong key) =>
            table.TryGet(key, out ReadOnlySpan<byte> bytes) ? Convert.ToHexString(bytes) : "none";
    }

    /// <summary>Some changes of both tables; the same for the same random.</summary>
    private static void Change(Tables tables, Random random)
    {
        int count = random.Next(1, ChangesAtMost + 1);
        for (int i = 0; i < count; i++)
        {
            ulong key = (ulong)random.Next(1, Slots + 3);
            byte[] bytes = new byte[random.Next(MaxBytes + 1)];
            random.NextBytes(bytes);
            if (random.Next(3) == 0)
            {
                tables.First.Remove(key);
                tables.Second.Put(key, bytes);
            }
            else
            {
                tables.First.Put(key, bytes);
            }
        }
    }

    /// <summary>States before and after the transaction in which it died.</summary>
    private static (string Before, string After) Run(IVaultMemory memory, int seed)
    {
        string before = "|";
        string after = "|";
        Random random = new(seed);
        try
        {
            Tables tables = new(memory);
            for (int i = 0; i < Transactions; i++)
            {
                Change(tables, random);
                after = tables.Text;
                tables.Vault.Commit();
                before = after;
            }
        }
        catch (VaultDeath)
        {
        }
        return (before, after);
    }

    [Test]
    public void Tables_hold_whole_transactions_after_a_death_at_every_store(
        [Range(1, 6)] int seed, [Values] LastStore last)
    {
        MortalMemory calm = new(new HeapVaultMemory(VaultBytes));
        (string end, _) = Run(calm, seed);
        Assert.That(end, Has.Length.GreaterThan(100));
        Assert.That(calm.Stores, Is.GreaterThan(Transactions * 4));
        for (int store = 0; store < calm.Stores; store++)
        {
            HeapVaultMemory vault = new(VaultBytes);
            (string before, string after) = Run(new MortalMemory(vault, store, last: last), seed);
            string found = new Tables(vault).Text;
            Assert.That(found, Is.EqualTo(before).Or.EqualTo(after), $"store {store}");
            Assert.That(new Tables(vault).Text, Is.EqualTo(found), $"store {store}");
        }
    }

    [Test]
    public void Table_agrees_with_a_dictionary()
    {
        HeapVaultMemory vault = new(VaultBytes);
        Dictionary<ulong, byte[]> model = [];
        Random random = new(5);
        Tables tables = new(vault);
        for (int i = 0; i < 2_000; i++)
        {
            ulong key = (ulong)random.Next(1, 3 * Slots);
            byte[] bytes = new byte[random.Next(MaxBytes + 1)];
            if (random.Next(2) == 0)
            {
                bool hasRoom = model.ContainsKey(key) || model.Count < Slots;
                Assert.That(tables.First.Put(key, bytes), Is.EqualTo(hasRoom));
                if (hasRoom) model[key] = bytes;
            }
            else
            {
                Assert.That(tables.First.Remove(key), Is.EqualTo(model.Remove(key)));
            }
            tables.Vault.Commit();
            if (random.Next(10) == 0) tables = new Tables(vault);
            Assert.That(tables.First.Keys, Is.EqualTo(model.Keys.Order()));
            Assert.That(tables.First.IsFull, Is.EqualTo(model.Count == Slots));
        }
    }

    [Test]
    public void Every_word_of_a_record_is_guarded()
    {
        HeapVaultMemory vault = new(VaultBytes);
        Tables tables = new(vault);
        byte[] bytes = new byte[MaxBytes];
        new Random(9).NextBytes(bytes);
        tables.First.Put(7, bytes);
        tables.Vault.Commit();
        // Behind the header's page and the log's, a word for the slots that were used.
        ulong slot = tables.Vault.EndBytes - 2 * 4096 + 8;
        Assert.That(vault.Load(slot), Is.EqualTo(7));
        for (ulong word = 0; word < 2 + MaxBytes / 8; word++)
        {
            ulong value = vault.Load(slot + word * 8);
            for (int bit = 0; bit < 64; bit += 7)
            {
                vault.Store(slot + word * 8, value ^ 1UL << bit);
                Assert.That(
                    () => new Tables(vault), Throws.TypeOf<VaultDamagedException>(),
                    $"word {word}, bit {bit}");
            }
            vault.Store(slot + word * 8, value);
        }
        Assert.That(new Tables(vault).First.Count, Is.EqualTo(1));
    }

    [Test]
    public void Vault_with_other_tables_is_refused()
    {
        HeapVaultMemory vault = new(VaultBytes);
        Assert.That(new Tables(vault).First.Count, Is.Zero);
        const int words = 2 * ChangesAtMost;
        Assert.That(
            () => new SmallVault(vault, "CKTESTS1", words),
            Throws.TypeOf<VaultDamagedException>());
        SmallVault again = new(
            vault, "CKTESTS1", words * RecordTable.LogWordsFor(MaxBytes));
        Assert.That(
            () => new RecordTable(again, Slots + 1, MaxBytes),
            Throws.TypeOf<VaultDamagedException>());
        Assert.That(again.Publish, Throws.TypeOf<VaultDamagedException>());
    }

    [Test]
    public void What_only_a_wrong_program_does_throws()
    {
        Tables tables = new(new HeapVaultMemory(VaultBytes));
        Assert.That(
            () => tables.First.Put(0, []), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => tables.First.Put(1, new byte[MaxBytes + 1]), Throws.ArgumentException);
        Assert.That(
            () => new Tables(new HeapVaultMemory(2 * 4096)), Throws.ArgumentException);
    }

    [Test]
    public void Record_bytes_come_back_field_by_field()
    {
        RecordWriter writer = new(new byte[64]);
        writer.Number(ulong.MaxValue);
        writer.Text("gr\u00fc\u00df");
        writer.Run([1, 2]);
        RecordReader reader = new(writer.Bytes);
        Assert.That(reader.Number(), Is.EqualTo(ulong.MaxValue));
        Assert.That(reader.Text(), Is.EqualTo("gr\u00fc\u00df"));
        Assert.That(reader.Run().ToArray(), Is.EqualTo(new byte[] { 1, 2 }));
        byte[] cut = writer.Bytes[..^1].ToArray();
        Assert.That(
            () =>
            {
                RecordReader short_ = new(cut);
                short_.Number();
                short_.Run();
                short_.Run();
            },
            Throws.TypeOf<VaultDamagedException>());
    }
}
