// Files that are not static x86-64 ELFs are refused, however they are broken, and leak nothing.

using System;
using CosmosKernel.Boot;
using CosmosKernel.Memory;
using CosmosKernel.Processes;
using NUnit.Framework;
using Shared.Abi;
using Tests.Unit.CosmosKernel.Memory;

namespace Tests.Unit.CosmosKernel.Processes;

[TestFixture]
public sealed unsafe class ElfImageTests
{
    private const int FirstHeader = TestElf.HeaderBytes;
    private const int TextHeader = FirstHeader + TestElf.ProgramHeaderBytes;
    private const int DataHeader = FirstHeader + 3 * TestElf.ProgramHeaderBytes;

    private static bool IsAccepted(byte[] file, int? lengthBytes = null)
    {
        fixed (byte* physical = file)
        {
            MemoryObject image = new(0, physical)
            {
                Kind = MemoryObjectKind.Image,
                LengthBytes = (ulong)(lengthBytes ?? file.Length),
            };
            return ElfImage.TryParse(image, out _);
        }
    }

    [Test]
    public void Good_image_is_read_as_it_is()
    {
        byte[] file = TestElf.Build();
        fixed (byte* physical = file)
        {
            MemoryObject image = new(0, physical)
            {
                Kind = MemoryObjectKind.Image, LengthBytes = (ulong)file.Length,
            };
            Assert.That(ElfImage.TryParse(image, out ElfImage elf), Is.True);
            Assert.That(elf.SegmentCount, Is.EqualTo(4));
            Assert.That(elf.Entry, Is.EqualTo(TestElf.Entry));
            Assert.That(elf.HeadersAddress, Is.EqualTo(0x40_0040));
            Assert.That(elf.EndPage, Is.EqualTo(0x40_8000));
            Assert.That(elf.Segments[1].Protection,
                Is.EqualTo(Protection.Read | Protection.Execute));
        }
    }

    [Test]
    public void Image_cut_anywhere_is_refused()
    {
        byte[] file = TestElf.Build();
        for (int length = 0; length < file.Length; length++)
        {
            if (IsAccepted(file, length)) Assert.Fail($"accepted when cut to {length}");
        }
    }

    // Offset, size in bytes, value: each alone must make the image a bad one.
    [TestCase(0, 1, 0x7EUL, TestName = "Image_without_magic_is_refused")]
    [TestCase(4, 1, 1UL, TestName = "Image_of_32_bits_is_refused")]
    [TestCase(5, 1, 2UL, TestName = "Image_of_big_endian_is_refused")]
    [TestCase(16, 2, 3UL, TestName = "Image_that_is_position_independent_is_refused")]
    [TestCase(18, 2, 183UL, TestName = "Image_for_another_machine_is_refused")]
    [TestCase(24, 8, 0x40_2010UL, TestName = "Image_with_entry_in_data_is_refused")]
    [TestCase(24, 8, 0UL, TestName = "Image_without_entry_is_refused")]
    [TestCase(32, 8, ulong.MaxValue, TestName = "Image_with_wrapping_header_offset_is_refused")]
    [TestCase(32, 8, 1UL << 63, TestName = "Image_with_huge_header_offset_is_refused")]
    [TestCase(54, 2, 32UL, TestName = "Image_with_small_program_headers_is_refused")]
    [TestCase(56, 2, 0UL, TestName = "Image_without_program_headers_is_refused")]
    [TestCase(56, 2, 0xFFFFUL, TestName = "Image_with_65535_program_headers_is_refused")]
    [TestCase(TextHeader, 4, 3UL, TestName = "Image_with_interpreter_is_refused")]
    [TestCase(TextHeader + 4, 4, 7UL, TestName = "Image_writable_and_executable_is_refused")]
    [TestCase(TextHeader + 4, 4, 0UL, TestName = "Image_segment_without_rights_is_refused")]
    [TestCase(TextHeader + 4, 4, 0x85UL, TestName = "Image_segment_with_odd_flags_is_refused")]
    [TestCase(TextHeader + 8, 8, 0x1008UL, TestName = "Image_segment_off_its_page_is_refused")]
    [TestCase(TextHeader + 8, 8, ulong.MaxValue - 0xFFF, TestName = "Image_offset_wraps")]
    [TestCase(TextHeader + 16, 8, 0x40_0000UL, TestName = "Image_with_overlap_is_refused")]
    [TestCase(TextHeader + 16, 8, 0x1000UL, TestName = "Image_in_page_one_is_refused")]
    [TestCase(TextHeader + 16, 8, 0x4000_1000UL, TestName = "Image_over_the_kernel_is_refused")]
    [TestCase(TextHeader + 16, 8, 0xFFFF_FFFF_FFFF_F000UL, TestName = "Image_address_wraps")]
    [TestCase(TextHeader + 32, 8, 0x801UL, TestName = "Image_with_more_file_than_memory")]
    [TestCase(DataHeader + 40, 8, 1UL << 40, TestName = "Image_with_huge_bss_is_refused")]
    [TestCase(DataHeader + 40, 8, ulong.MaxValue, TestName = "Image_with_wrapping_bss")]
    public void Bad_image_is_refused(int offset, int size, ulong value)
    {
        byte[] file = TestElf.Build();
        for (int i = 0; i < size; i++) file[offset + i] = (byte)(value >> (8 * i));
        Assert.That(IsAccepted(file), Is.False);
        using MemoryBench bench = new(file);
        Process process = bench.MakeRecord(64);
        Assert.That(ProcessLoader.Load(bench.Kernel, process, bench.Kernel.Images[0]),
            Is.EqualTo(Status.BadImage));
        Assert.That(bench.Kernel.Frames.FreeFrames, Is.EqualTo(bench.FreeAtStart));
    }

    /// <summary>Whatever the headers say: refused, or loaded inside user space and freed.</summary>
    [Test]
    public void Mutated_headers_never_harm_the_kernel()
    {
        byte[] good = TestElf.Build();
        using MemoryBench bench = new(good);
        byte* image = bench.Machine.PhysicalMemory + MemoryBench.ImageFirst;
        Random random = new(20261122);
        int headerBytes = TestElf.HeaderBytes + 4 * TestElf.ProgramHeaderBytes, accepted = 0;
        for (int round = 0; round < 10_000; round++)
        {
            good.CopyTo(new Span<byte>(image, good.Length));
            for (int i = random.Next(1, 4); i > 0; i--) Mutate(image, random, headerBytes);
            Process process = bench.MakeRecord(64);
            Status status =
                ProcessLoader.Load(bench.Kernel, process, bench.Kernel.Images[0]);
            if (status == Status.Ok)
            {
                accepted++;
                CheckRegions(bench, process);
                bench.TryWriteByte(process, TestElf.Data, 1);
            }

            if (process.AddressSpace.Root != 0) ProcessLoader.Unload(bench.Kernel, process);
            bench.Kernel.Processes.Free(process);
            if (bench.Kernel.Frames.FreeFrames != bench.FreeAtStart
                || process.AddressSpace.RegionCount != 0 || process.MemoryPages != 0
                || bench.Kernel.Images[0].Mappings != 0)
            {
                Assert.Fail($"round {round} leaks");
            }
        }

        Assert.That(accepted, Is.InRange(1, 9_999), "both ways were taken");
    }

    private static void Mutate(byte* image, Random random, int headerBytes)
    {
        int at = random.Next(headerBytes);
        switch (random.Next(4))
        {
            case 0:
                image[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                image[at] = (byte)random.Next(256);
                break;
            case 2:
                *(ulong*)(image + at / 8 * 8) = ulong.MaxValue >> random.Next(64);
                break;
            default:
                *(ulong*)(image + at / 8 * 8) += (ulong)random.Next(-2, 3) * 0x1000;
                break;
        }
    }

    private static void CheckRegions(MemoryBench bench, Process process)
    {
        for (int i = 0; i < process.AddressSpace.RegionCount; i++)
        {
            Region region = process.AddressSpace.At(bench.Kernel.Regions, i);
            if (!AddressMap.IsUser(region.First, region.End - region.First)
                || Mappings.IsWriteAndExecute(region.Protection))
            {
                Assert.Fail($"region {region.First:x} {region.End:x} {region.Protection}");
            }
        }
    }
}
