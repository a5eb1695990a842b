// What is read of a device's 256 words, also of those that make no sense.

using System;
using System.Buffers.Binary;
using CsCheck;
using NUnit.Framework;
using Shared.Sdk.Disks.Ata;

namespace Tests.Unit.Shared.Sdk.Disks;

public sealed class AtaIdentityTests
{
    private static byte[] Words(params (int Number, ushort Value)[] words)
    {
        byte[] bytes = new byte[AtaIdentity.LengthBytes];
        foreach ((int number, ushort value) in words)
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(number * 2), value);
        return bytes;
    }

    [Test]
    public void Small_disk_has_28_bits_of_sectors()
    {
        AtaIdentity disk = AtaIdentity.Parse(Words((60, 0x2345), (61, 0x0001)));
        Assert.That(disk.Geometry.Blocks, Is.EqualTo(0x1_2345));
        Assert.That(disk.Geometry.BlockBytes, Is.EqualTo(512));
        Assert.That(disk.HasExtended, Is.False);
    }

    [Test]
    public void Large_disk_has_48_bits_of_sectors()
    {
        AtaIdentity disk = AtaIdentity.Parse(Words(
            (60, 0xFFFF), (61, 0x0FFF), (83, 0x4400), (100, 1), (101, 2), (102, 3)));
        Assert.That(disk.Geometry.Blocks, Is.EqualTo(0x3_0002_0001));
        Assert.That(disk.HasExtended);
    }

    [TestCase((ushort)0x0400)]
    [TestCase((ushort)0x8400)]
    [TestCase((ushort)0xFFFF)]
    public void Word_of_features_counts_only_when_it_is_valid(ushort features)
    {
        AtaIdentity disk = AtaIdentity.Parse(Words((60, 7), (83, features), (100, 9)));
        Assert.That((disk.HasExtended, disk.Geometry.Blocks), Is.EqualTo((false, 7UL)));
    }

    [Test]
    public void Long_sectors_are_told_in_words()
    {
        AtaIdentity disk = AtaIdentity.Parse(Words((60, 7), (106, 0x5000), (117, 2048)));
        Assert.That(disk.Geometry.BlockBytes, Is.EqualTo(4096));
        Assert.That(disk.Geometry.IsSensible);
    }

    [Test]
    public void Characters_of_the_model_are_swapped_and_padding_goes()
    {
        AtaIdentity disk = AtaIdentity.Parse(Words(
            (27, 'Q' << 8 | 'E'), (28, 'M' << 8 | 'U'), (29, ' ' << 8 | 7), (30, 0x2020)));
        Assert.That(disk.Model, Is.EqualTo("QEMU ?"));
    }

    [Test]
    public void Any_words_are_read_without_an_exception() =>
        Gen.Byte.Array[AtaIdentity.LengthBytes].Sample(static words =>
        {
            AtaIdentity disk = AtaIdentity.Parse(words);
            return disk.Model.Length <= 40 && disk.Geometry.Blocks < 1UL << 48;
        }, iter: 2_000);
}
