// Chunks are zero when taken, counted, and come back.

using System;
using NUnit.Framework;
using Servers.MemFs.Vaults;
using Servers.MemFs;
using Shared.Sdk.Vaults;

namespace Tests.Unit.Servers.MemFs.Vaults;

public sealed class ChunkStoreTests
{
    private static byte[] Bytes(ChunkStore store, ChunkId id)
    {
        byte[] bytes = new byte[ChunkStore.ChunkBytes];
        store.Read(id, 0, bytes);
        return bytes;
    }

    private static byte[] Filled(byte value)
    {
        byte[] bytes = new byte[ChunkStore.ChunkBytes];
        Array.Fill(bytes, value);
        return bytes;
    }

    [Test]
    public void Store_gives_as_many_chunks_as_the_quota_holds_and_the_spares()
    {
        ChunkStore store = TestVault.Make(10).Chunks;
        for (int i = 0; i < 10; i++) store.Take();
        Assert.That(store.FreeChunks, Is.Zero);
        for (int i = 0; i < VaultLayout.SpareChunks; i++) store.Take();
        Assert.That(() => store.Take(), Throws.InvalidOperationException);
    }

    [Test]
    public void Chunk_is_zero_again_when_it_is_taken_again()
    {
        MemVault vault = TestVault.Make(1);
        ChunkStore store = vault.Chunks;
        ChunkId first = store.Take();
        store.Write(first, 0, Filled(0xFF));
        store.Release(first);
        vault.Commit();
        ChunkId second = store.Take();
        Assert.That(second, Is.EqualTo(first));
        Assert.That(Bytes(store, second), Is.EqualTo(Filled(0)));
    }

    [Test]
    public void Released_chunk_is_not_taken_before_the_commit()
    {
        ChunkStore store = TestVault.Make(2).Chunks;
        ChunkId first = store.Take();
        store.Release(first);
        Assert.That(store.Take(), Is.Not.EqualTo(first));
    }

    [Test]
    public void Memory_of_many_released_chunks_is_given_back()
    {
        HeapVaultMemory memory = TestVault.Memory(200);
        MemVault vault = new(memory, TestVault.Options(200));
        ChunkStore store = vault.Chunks;
        store.Release(store.Take());
        vault.Commit();
        int before = memory.UsedPages;
        ChunkId[] ids = new ChunkId[200];
        for (int i = 0; i < 200; i++)
        {
            ids[i] = store.Take();
            store.Write(ids[i], 0, Filled(1));
            vault.Commit();
        }
        Assert.That(memory.UsedPages, Is.EqualTo(before + 200));
        foreach (ChunkId id in ids) store.Release(id);
        vault.Commit();
        Assert.That(memory.UsedPages, Is.EqualTo(before));
        Assert.That(Bytes(store, store.Take()), Is.EqualTo(Filled(0)));
    }

    [Test]
    public void Chunks_do_not_overlap()
    {
        ChunkStore store = TestVault.Make(200).Chunks;
        for (int i = 0; i < 200; i++) store.Write(store.Take(), 0, Filled((byte)i));
        for (int i = 0; i < 200; i++)
        {
            Assert.That(Bytes(store, new ChunkId(i + 1)), Is.EqualTo(Filled((byte)i)));
        }
    }
}
