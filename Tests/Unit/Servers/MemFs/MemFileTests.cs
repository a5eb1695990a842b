// What lies in the chunks of a file, and how many it takes.

using System;
using NUnit.Framework;
using Servers.MemFs;
using Shared.Abi;

namespace Tests.Unit.Servers.MemFs;

public sealed class MemFileTests
{
    private const int Chunk = ChunkStore.ChunkBytes;

    [Test]
    public void Hole_takes_no_chunk()
    {
        ChunkStore store = new(4 * Chunk);
        MemFile file = new(1, store);
        Assert.That(file.Write(MemFile.MaxBytes - 1, [7]), Is.EqualTo(Status.Ok));
        Assert.That(store.UsedChunks, Is.EqualTo(1));
        Assert.That(file.LengthBytes, Is.EqualTo(MemFile.MaxBytes));
    }

    [Test]
    public void Write_that_does_not_fit_changes_nothing()
    {
        ChunkStore store = new(2 * Chunk);
        MemFile file = new(1, store);
        file.Write(0, [1, 2, 3]);
        byte[] tooMuch = new byte[2 * Chunk + 1];
        Array.Fill(tooMuch, (byte)9);
        Assert.That(file.Write(0, tooMuch), Is.EqualTo(Status.NoSpace));
        byte[] found = new byte[8];
        Assert.That(file.Read(0, found), Is.EqualTo(3));
        Assert.That(found[..3], Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(store.UsedChunks, Is.EqualTo(1));
    }

    [Test]
    public void Full_store_takes_what_overwrites()
    {
        ChunkStore store = new(Chunk);
        MemFile file = new(1, store);
        file.Write(0, new byte[Chunk]);
        Assert.That(file.Write(10, [1]), Is.EqualTo(Status.Ok));
        Assert.That(file.Write(Chunk, [1]), Is.EqualTo(Status.NoSpace));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(Chunk - 1)]
    [TestCase(Chunk)]
    [TestCase(Chunk + 1)]
    [TestCase(3 * Chunk)]
    public void Cut_bytes_are_zero_when_the_file_grows_again(int length)
    {
        ChunkStore store = new(8 * Chunk);
        MemFile file = new(1, store);
        byte[] ones = new byte[4 * Chunk];
        Array.Fill(ones, (byte)1);
        file.Write(0, ones);
        file.SetLength((ulong)length);
        Assert.That(store.UsedChunks, Is.EqualTo((length + Chunk - 1) / Chunk));
        file.SetLength(4 * Chunk);
        byte[] found = new byte[4 * Chunk];
        Assert.That(file.Read(0, found), Is.EqualTo(4 * Chunk));
        Assert.That(found.AsSpan(0, length).IndexOfAnyExcept((byte)1), Is.EqualTo(-1));
        Assert.That(found.AsSpan(length).IndexOfAnyExcept((byte)0), Is.EqualTo(-1));
    }

    [TestCase(MemFile.MaxBytes, 1)]
    [TestCase(ulong.MaxValue, 1)]
    [TestCase(MemFile.MaxBytes + 1, 0)]
    public void Write_beyond_the_largest_offset_is_too_large(ulong offset, int count)
    {
        MemFile file = new(1, new ChunkStore(Chunk));
        Assert.That(file.Write(offset, new byte[count]), Is.EqualTo(Status.TooLarge));
        Assert.That(file.LengthBytes, Is.Zero);
    }
}
