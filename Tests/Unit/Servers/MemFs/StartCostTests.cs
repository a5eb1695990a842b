// A start reads neither what lives nor what has lived: counted in loads from the vault.

using System;
using NUnit.Framework;
using Servers.MemFs.Vaults;
using Servers.MemFs;
using Shared.Sdk.Vaults;

namespace Tests.Unit.Servers.MemFs;

public sealed class StartCostTests
{
    private const int Chunks = 4096;

    private static readonly MemFsOptions Options = TestVault.Options(Chunks);

    /// <summary>Counts what is read; a page counts as the words it has.</summary>
    private sealed class CountingMemory(IVaultMemory vault) : IVaultMemory
    {
        public long WordsRead { get; private set; }
        public ulong LengthBytes => vault.LengthBytes;

        public ulong Load(ulong offset)
        {
            WordsRead++;
            return vault.Load(offset);
        }

        public void Read(ulong offset, Span<byte> target)
        {
            WordsRead += (target.Length + 7) / 8;
            vault.Read(offset, target);
        }

        public void Store(ulong offset, ulong value) => vault.Store(offset, value);

        public void Write(ulong offset, ReadOnlySpan<byte> source) => vault.Write(offset, source);

        public void Clear(ulong offset, ulong lengthBytes) => vault.Clear(offset, lengthBytes);

        public void Discard(ulong offset, ulong lengthBytes) =>
            vault.Discard(offset, lengthBytes);
    }

    private static long WordsAtStart(HeapVaultMemory memory)
    {
        CountingMemory counting = new(memory);
        MemFsServer server = new(Options, () => 1, new MemVault(counting, Options));
        Assert.That(server.NextDeadlineNs, Is.Zero);
        return counting.WordsRead;
    }

    /// <summary>Files that stay, before and after so many that come and go.</summary>
    private static HeapVaultMemory MakeVault(int files, int gone, int atOnce)
    {
        HeapVaultMemory memory = TestVault.Memory(Chunks);
        MemVault vault = new(memory, Options);
        MemTree tree = new(vault, () => 1);
        vault.Publish();
        for (int i = 0; i < files; i++) Make(vault, tree, $"f{i}");
        for (int round = 0; round < gone / Math.Max(atOnce, 1); round++)
        {
            for (int i = 0; i < atOnce; i++) Make(vault, tree, $"g{round}.{i}");
            for (int i = 0; i < atOnce; i++)
            {
                tree.RemoveFile(tree.Root, $"g{round}.{i}");
                vault.Commit();
            }
        }
        return memory;
    }

    private static void Make(MemVault vault, MemTree tree, string name)
    {
        tree.MakeFile(tree.Root, name, out Node node);
        tree.Bytes.Write(node, 0, [1, 2, 3]);
        vault.Commit();
    }

    [TestCase(10_000, 1)]
    [TestCase(10_000, 100)]
    [TestCase(10_000, 2_000)]
    public void Start_after_many_deleted_files_costs_what_it_did_before(int gone, int atOnce)
    {
        long before = WordsAtStart(MakeVault(files: 50, gone: 0, atOnce: 0));
        long after = WordsAtStart(MakeVault(files: 50, gone, atOnce));
        TestContext.Out.WriteLine($"{before} words before, {after} after {gone} files");
        Assert.That(after, Is.EqualTo(before));
    }

    [Test]
    public void Start_of_an_empty_vault_reads_next_to_nothing() =>
        Assert.That(WordsAtStart(MakeVault(0, 0, 0)), Is.LessThan(100));

    [Test]
    public void Start_costs_the_same_however_many_are_held_with_and_without_a_name()
    {
        long few = WordsAtStart(MakeHeld(10));
        long many = WordsAtStart(MakeHeld(1_000));
        Assert.That(many, Is.EqualTo(few));
    }

    private static HeapVaultMemory MakeHeld(int files)
    {
        HeapVaultMemory memory = MakeVault(files, 0, 0);
        MemVault vault = new(memory, Options);
        MemTree tree = new(vault, () => 1);
        for (int i = 0; i < files; i++)
        {
            tree.Find(tree.Root, $"f{i}", out Node node);
            tree.Objects.NextBadge(node, default);
            // Nobody can be asked, so it counts as held.
            if (i % 2 == 0) tree.RemoveFile(tree.Root, $"f{i}");
            vault.Commit();
        }
        return memory;
    }

    [Test]
    public void Start_costs_the_same_however_many_files_are_there()
    {
        long few = WordsAtStart(MakeVault(10, 0, 0));
        long many = WordsAtStart(MakeVault(2_000, 0, 0));
        TestContext.Out.WriteLine($"{few} words");
        Assert.That(many, Is.EqualTo(few));
    }
}
