// A vault on the heap behaves as the kernel's does: zeros where nothing was stored.

using System;
using NUnit.Framework;
using Shared.Sdk.Vaults;

namespace Tests.Unit.Shared.Vaults;

public sealed class HeapVaultMemoryTests
{
    [Test]
    public void Bytes_across_pages_come_back()
    {
        HeapVaultMemory vault = new(4 * 4096);
        byte[] bytes = new byte[6000];
        new Random(1).NextBytes(bytes);
        vault.Write(4000, bytes);
        byte[] found = new byte[6000];
        vault.Read(4000, found);
        Assert.That(found, Is.EqualTo(bytes));
        Assert.That(vault.UsedPages, Is.EqualTo(3));
    }

    [Test]
    public void Discarded_page_reads_as_zeros_and_takes_no_memory()
    {
        HeapVaultMemory vault = new(3 * 4096);
        for (ulong page = 0; page < 3; page++) vault.Store(page * 4096 + 8, 5);
        vault.Discard(4096, 4096);
        Assert.That(vault.Load(4096 + 8), Is.Zero);
        Assert.That(vault.Load(8) + vault.Load(2 * 4096 + 8), Is.EqualTo(10));
        Assert.That(vault.UsedPages, Is.EqualTo(2));
        Assert.That(() => vault.Discard(8, 4096), Throws.ArgumentException);
    }

    [Test]
    public void Clear_takes_what_it_was_told_and_nothing_else()
    {
        HeapVaultMemory vault = new(3 * 4096);
        vault.Write(4000, new byte[] { 1, 2, 3, 4 });
        vault.Write(4096, new byte[] { 5, 6 });
        vault.Clear(4001, 96);
        byte[] found = new byte[98];
        vault.Read(4000, found);
        Assert.That(found[0], Is.EqualTo(1));
        Assert.That(found.AsSpan(1, 96).IndexOfAnyExcept((byte)0), Is.EqualTo(-1));
        Assert.That(found[97], Is.EqualTo(6));
    }
}
