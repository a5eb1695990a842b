// What lies in the chunks of a file, and how many it takes.

using System;
using System.Collections.Generic;
using NUnit.Framework;
using Servers.MemFs.Vaults;
using Servers.MemFs;
using Shared.Abi;
using Shared.Sdk.Vaults;
using Tests.Unit.Servers.MemFs.Vaults;

namespace Tests.Unit.Servers.MemFs;

public sealed class FileBytesTests
{
    private const int Chunk = ChunkStore.ChunkBytes;

    [Test]
    public void Hole_takes_no_chunk()
    {
        // The chunk itself, and four levels of index.
        MemVault vault = TestVault.Make(5);
        Node file = TestVault.File(vault, out MemTree tree);
        Assert.That(tree.Bytes.Write(file, FileBytes.MaxBytes - 1, [7]), Is.EqualTo(Status.Ok));
        Assert.That(vault.Chunks.UsedChunks, Is.EqualTo(5));
        Assert.That(file.LengthBytes, Is.EqualTo(FileBytes.MaxBytes));
    }

    [Test]
    public void Write_that_does_not_fit_changes_nothing()
    {
        MemVault vault = TestVault.Make(2);
        Node file = TestVault.File(vault, out MemTree tree);
        tree.Bytes.Write(file, 0, [1, 2, 3]);
        byte[] tooMuch = new byte[2 * Chunk + 1];
        Array.Fill(tooMuch, (byte)9);
        Assert.That(tree.Bytes.Write(file, 0, tooMuch), Is.EqualTo(Status.NoSpace));
        byte[] found = new byte[8];
        Assert.That(tree.Bytes.Read(file, 0, found), Is.EqualTo(3));
        Assert.That(found[..3], Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(vault.Chunks.UsedChunks, Is.EqualTo(1));
    }

    [Test]
    public void Full_store_takes_what_overwrites()
    {
        MemVault vault = TestVault.Make(1);
        Node file = TestVault.File(vault, out MemTree tree);
        tree.Bytes.Write(file, 0, new byte[Chunk]);
        TestVault.Commit(vault, tree);
        for (int i = 0; i < 1000; i++)
        {
            Assert.That(tree.Bytes.Write(file, 10, [1]), Is.EqualTo(Status.Ok));
            TestVault.Commit(vault, tree);
        }
        Assert.That(vault.Chunks.UsedChunks, Is.EqualTo(1));
        Assert.That(tree.Bytes.Write(file, Chunk, [1]), Is.EqualTo(Status.NoSpace));
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
        Node file = TestVault.File(vault, out MemTree tree);
        byte[] ones = new byte[4 * Chunk];
        Array.Fill(ones, (byte)1);
        tree.Bytes.Write(file, 0, ones);
        TestVault.Commit(vault, tree);
        tree.Bytes.SetLength(file, (ulong)length);
        TestVault.Commit(vault, tree);
        int index = length == 0 ? 0 : 1;
        Assert.That(vault.Chunks.UsedChunks, Is.EqualTo((length + Chunk - 1) / Chunk + index));
        tree.Bytes.SetLength(file, 4 * Chunk);
        byte[] found = new byte[4 * Chunk];
        Assert.That(tree.Bytes.Read(file, 0, found), Is.EqualTo(4 * Chunk));
        Assert.That(found.AsSpan(0, length).IndexOfAnyExcept((byte)1), Is.EqualTo(-1));
        Assert.That(found.AsSpan(length).IndexOfAnyExcept((byte)0), Is.EqualTo(-1));
    }

    [TestCase(FileBytes.MaxBytes, 1)]
    [TestCase(ulong.MaxValue, 1)]
    [TestCase(FileBytes.MaxBytes + 1, 0)]
    public void Write_beyond_the_largest_offset_is_too_large(ulong offset, int count)
    {
        Node file = TestVault.File(TestVault.Make(1), out MemTree tree);
        Assert.That(tree.Bytes.Write(file, offset, new byte[count]), Is.EqualTo(Status.TooLarge));
        Assert.That(file.LengthBytes, Is.Zero);
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(5)]
    public void Bytes_that_were_written_over_are_back_when_nobody_has_committed(int times)
    {
        HeapVaultMemory memory = TestVault.Memory(4);
        MemVault vault = new(memory, TestVault.Options(4));
        Node file = TestVault.File(vault, out MemTree tree);
        tree.Bytes.Write(file, 0, [1, 1, 1]);
        vault.Publish();
        tree.Bytes.Write(file, 0, [2, 2]);
        vault.Commit();
        for (int i = 0; i < times; i++) tree.Bytes.Write(file, 1, [(byte)(3 + i)]);
        vault = new MemVault(memory, TestVault.Options(4));
        tree = new MemTree(vault, () => 1);
        tree.Find(tree.Root, "f", out file);
        byte[] found = new byte[3];
        Assert.That(tree.Bytes.Read(file, 0, found), Is.EqualTo(3));
        Assert.That(found, Is.EqualTo(new byte[] { 2, 2, 1 }));
        new VaultCheck(vault, tree).Run();
    }

    /// <summary>At all levels of the index, and in the end all is free.</summary>
    [Test]
    public void File_has_the_bytes_that_were_written_whatever_was_cut([Range(1, 20)] int seed)
    {
        Random random = new(seed);
        MemVault vault = TestVault.Make(700);
        Node file = TestVault.File(vault, out MemTree tree);
        ulong[] ends = [Chunk, 4 * Chunk, 513 * Chunk, 600UL * 512 * Chunk, FileBytes.MaxBytes];
        Dictionary<ulong, byte> model = [];
        for (int step = 0; step < 60; step++)
        {
            ulong place = (ulong)random.NextInt64((long)ends[random.Next(ends.Length)]);
            if (random.Next(3) == 0)
            {
                Assert.That(tree.Bytes.SetLength(file, place), Is.EqualTo(Status.Ok));
                foreach (ulong at in model.Keys)
                {
                    if (at >= place) model.Remove(at);
                }
            }
            else
            {
                byte[] bytes = new byte[random.Next(1, 3 * Chunk)];
                random.NextBytes(bytes);
                Status status = tree.Bytes.Write(file, place, bytes);
                Assert.That(status, Is.EqualTo(
                    place + (ulong)bytes.Length > FileBytes.MaxBytes
                        ? Status.TooLarge : Status.Ok));
                for (int i = 0; status == Status.Ok && i < bytes.Length; i++)
                {
                    model[place + (ulong)i] = bytes[i];
                }
            }
            TestVault.Commit(vault, tree);
            byte[] one = new byte[1];
            foreach ((ulong at, byte value) in model)
            {
                if ((at + (ulong)seed) % 97 != 0) continue;
                Assert.That(tree.Bytes.Read(file, at, one), Is.EqualTo(1));
                Assert.That(one[0], Is.EqualTo(value), $"byte {at} after step {step}");
            }
        }
        new VaultCheck(vault, tree).Run();
        tree.RemoveFile(tree.Root, "f");
        TestVault.Commit(vault, tree);
        Assert.That(vault.Chunks.UsedChunks, Is.Zero);
        Assert.That(tree.Nodes, Is.EqualTo(1));
    }
}
