// What lies in the chunks of a file, and how many it takes.

using System;
using NUnit.Framework;
using Servers.MemFs.Vaults;
using Servers.MemFs;
using Shared.Abi;

namespace Tests.Unit.Servers.MemFs;

public sealed class MemFileTests
{
    private const int Chunk = ChunkStore.ChunkBytes;

    [Test]
    public void Hole_takes_no_chunk()
    {
        MemVault vault = TestVault.Make(4);
        MemFile file = TestVault.File(vault);
        Assert.That(file.Write(MemFile.MaxBytes - 1, [7]), Is.EqualTo(Status.Ok));
        Assert.That(vault.Chunks.UsedChunks, Is.EqualTo(1));
        Assert.That(file.LengthBytes, Is.EqualTo(MemFile.MaxBytes));
    }

    [Test]
    public void Write_that_does_not_fit_changes_nothing()
    {
        MemVault vault = TestVault.Make(2);
        MemFile file = TestVault.File(vault);
        file.Write(0, [1, 2, 3]);
        byte[] tooMuch = new byte[2 * Chunk + 1];
        Array.Fill(tooMuch, (byte)9);
        Assert.That(file.Write(0, tooMuch), Is.EqualTo(Status.NoSpace));
        byte[] found = new byte[8];
        Assert.That(file.Read(0, found), Is.EqualTo(3));
        Assert.That(found[..3], Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(vault.Chunks.UsedChunks, Is.EqualTo(1));
    }

    [Test]
    public void Full_store_takes_what_overwrites()
    {
        MemVault vault = TestVault.Make(1);
        MemFile file = TestVault.File(vault);
        file.Write(0, new byte[Chunk]);
        vault.Commit();
        for (int i = 0; i < 1000; i++)
        {
            Assert.That(file.Write(10, [1]), Is.EqualTo(Status.Ok));
            vault.Commit();
        }
        Assert.That(vault.Chunks.UsedChunks, Is.EqualTo(1));
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
        MemVault vault = TestVault.Make(8);
        MemFile file = TestVault.File(vault);
        byte[] ones = new byte[4 * Chunk];
        Array.Fill(ones, (byte)1);
        file.Write(0, ones);
        vault.Commit();
        file.SetLength((ulong)length);
        vault.Commit();
        Assert.That(vault.Chunks.UsedChunks, Is.EqualTo((length + Chunk - 1) / Chunk));
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
        MemFile file = TestVault.File(TestVault.Make(1));
        Assert.That(file.Write(offset, new byte[count]), Is.EqualTo(Status.TooLarge));
        Assert.That(file.LengthBytes, Is.Zero);
    }
}
