// Chunks are zero when taken, counted, and come back.

using System;
using NUnit.Framework;
using Servers.MemFs;

namespace Tests.Unit.Servers.MemFs;

public sealed class ChunkStoreTests
{
    [Test]
    public void Store_gives_as_many_chunks_as_the_quota_holds()
    {
        ChunkStore store = new(10 * ChunkStore.ChunkBytes + 1);
        for (int i = 0; i < 10; i++) store.Take();
        Assert.That(store.FreeChunks, Is.Zero);
        Assert.That(() => store.Take(), Throws.InvalidOperationException);
    }

    [Test]
    public void Chunk_is_zero_again_when_it_is_taken_again()
    {
        ChunkStore store = new(ChunkStore.ChunkBytes);
        ChunkId first = store.Take();
        store.Bytes(first).Fill(0xFF);
        store.Release(first);
        ChunkId second = store.Take();
        Assert.That(second, Is.EqualTo(first));
        Assert.That(store.Bytes(second).IndexOfAnyExcept((byte)0), Is.EqualTo(-1));
    }

    [Test]
    public void Chunks_do_not_overlap()
    {
        ChunkStore store = new(200 * ChunkStore.ChunkBytes);
        for (int i = 0; i < 200; i++) store.Bytes(store.Take()).Fill((byte)i);
        for (int i = 0; i < 200; i++)
        {
            Span<byte> bytes = store.Bytes(new ChunkId(i));
            Assert.That(bytes.IndexOfAnyExcept((byte)i), Is.EqualTo(-1));
        }
    }
}
