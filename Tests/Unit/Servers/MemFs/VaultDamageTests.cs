// A word of a vault's tables that nobody has written: the vault is refused, or the word says
// nothing to anybody. Never is a damaged tree taken for a whole one.

using System;
using System.Collections.Generic;
using NUnit.Framework;
using Servers.MemFs.Staging;
using Servers.MemFs.Vaults;
using Servers.MemFs;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk.Vaults;
using Tests.Loopback;
using Tests.Unit.Servers.MemFs.Vaults;

namespace Tests.Unit.Servers.MemFs;

public sealed class VaultDamageTests
{
    private const int Chunks = 16;
    private const ulong EndOfFirstPage = 512;

    private static readonly MemFsOptions Options = TestVault.Options(Chunks);
    private static readonly VaultLayout s_layout = VaultLayout.For(Options.QuotaBytes);

    /// <summary>Two directories, four files, two of them open, one of those deleted.</summary>
    private static HeapVaultMemory MakeSample()
    {
        HeapVaultMemory memory = TestVault.Memory(Chunks);
        MemVault vault = new(memory, Options);
        MemTree tree = new(vault, () => 5);
        vault.Publish();
        tree.MakeDirectory(tree.Root, "d");
        tree.MakeDirectory(tree.Root, "d/e");
        foreach (string path in (string[])["d/one", "d/e/two", "three", "gone"])
        {
            tree.MakeFile(tree.Root, path, out Node node);
            tree.Bytes.Write(node, 10, new byte[5000]);
            vault.Commit();
            // From the second time on there is a spare chunk.
            tree.Bytes.Write(node, 10, new byte[10]);
            vault.Commit();
        }
        foreach (string path in (string[])["d/one", "gone"])
        {
            tree.Find(tree.Root, path, out Node node);
            Badge badge = tree.Objects.NextBadge(node, OpenMode.Read);
            tree.Objects.Opened(node);
            tree.Objects.SetLock(badge, node, LockMode.Exclusive);
        }
        tree.Find(tree.Root, "d/one", out Node staged);
        new StagingTable(vault.Log).Add(
            3, tree.Objects.NextBadge(staged, OpenMode.Write), new Handle(77));
        tree.RemoveFile(tree.Root, "gone");
        tree.RemoveFile(tree.Root, "three");
        vault.Commit();
        return memory;
    }

    /// <summary>What a server over these bytes would serve.</summary>
    private static string Open(HeapVaultMemory memory)
    {
        MemVault vault = new(memory, Options);
        MemFsServer server = new(Options, () => 5, vault);
        Assert.That(server.NextDeadlineNs, Is.Zero);
        MemTree tree = new(vault, () => 5);
        new VaultCheck(vault, tree).Run();
        StagingTable staging = new(vault.Log);
        return TreeText.Of(new MemVault(memory, Options)) + $"{staging.Used} {staging.Read(3)}";
    }

    private static IEnumerable<ulong> TableWords()
    {
        HeapVaultMemory memory = MakeSample();
        VaultLayout layout = new MemVault(memory, Options).Layout;
        for (ulong at = 0; at < EndOfFirstPage; at += 8) yield return at;
        // Words that were written to, and the one behind each of those. Files are zeros, so of the
        // chunks that is the index.
        ulong before = 0;
        for (ulong at = VaultLayout.LockMapFirst; at < layout.EndBytes; at += 8)
        {
            ulong word = memory.Load(at);
            if (word != 0 || before != 0) yield return at;
            before = word;
        }
    }

    [Test]
    public void Spoiled_word_of_the_tables_is_found_or_says_nothing()
    {
        string whole = Open(MakeSample());
        int refused = 0, harmless = 0;
        foreach (ulong at in TableWords())
        {
            foreach (Func<ulong, ulong> spoil in (Func<ulong, ulong>[])
                [word => word ^ 1, word => word ^ 1UL << 40, _ => 0, _ => ulong.MaxValue])
            {
                HeapVaultMemory memory = MakeSample();
                ulong before = memory.Load(at);
                memory.Store(at, spoil(before));
                // A vault that was never written is made anew: that word is the only one.
                if (memory.Load(at) == before || (at == 0 && memory.Load(at) == 0)) continue;
                try
                {
                    Assert.That(Open(memory), Is.EqualTo(whole), $"word at {at}");
                    harmless++;
                }
                catch (VaultDamagedException)
                {
                    refused++;
                }
            }
        }
        TestContext.Out.WriteLine($"{refused} refused, {harmless} harmless");
        Assert.That(refused, Is.GreaterThan(150));
    }

    [Test]
    public void Spoiled_transaction_of_the_log_is_never_put_back()
    {
        HeapVaultMemory memory = MakeSample();
        string whole = Open(memory);
        UndoLog log = new(memory, VaultLayout.LogFirst, VaultLayout.LogWords);
        log.Recover();
        log.Set(s_layout.Node(0), 1);
        log.Set(s_layout.Node(1), 2);
        // The old word of the first entry.
        ulong old = memory.Load(VaultLayout.LogFirst + 16);
        memory.Store(VaultLayout.LogFirst + 16, 77);
        Assert.That(() => Open(memory), Throws.TypeOf<VaultDamagedException>());
        Assert.That(memory.Load(s_layout.Node(0)), Is.EqualTo(1));
        memory.Store(VaultLayout.LogFirst + 16, old);
        Assert.That(Open(memory), Is.EqualTo(whole));
    }
}
