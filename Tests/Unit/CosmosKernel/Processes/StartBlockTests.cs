// The first stack: argc, argv, environment, auxiliary vector, as libc reads them.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using CosmosKernel.Processes;
using NUnit.Framework;
using Shared.Abi;
using Tests.Unit.CosmosKernel.Memory;

namespace Tests.Unit.CosmosKernel.Processes;

[TestFixture]
public sealed class StartBlockTests
{
    private MemoryBench _bench = null!;
    private Process _maker = null!, _child = null!;

    [SetUp]
    public void SetUp()
    {
        _bench = new MemoryBench();
        _maker = _bench.MakeBareProcess();
        _bench.Map(_maker, MemoryBench.Base, 16);
        _child = _bench.MakeRecord(512);
        Assert.That(ProcessLoader.Load(_bench.Kernel, _child, _bench.Kernel.Images[0]),
            Is.EqualTo(Status.Ok));
    }

    [TearDown] public void TearDown() => _bench.Dispose();

    private Status Write(byte[] block, uint arguments, out ulong stack, out bool isBadSource)
    {
        _bench.Kernel.UserMemory.TryWrite(_maker, MemoryBench.Base + 100, block);
        return StartBlock.TryWrite(_bench.Kernel, _maker, MemoryBench.Base + 100,
            (uint)block.Length, arguments, _child, out stack, out isBadSource);
    }

    private string ReadString(ulong address)
    {
        StringBuilder text = new();
        for (byte letter; (letter = _bench.ReadByte(_child, address++)) != 0; )
            text.Append((char)letter);
        return text.ToString();
    }

    private List<string> ReadStrings(ref ulong address)
    {
        List<string> strings = [];
        for (ulong pointer; (pointer = _bench.ReadWord(_child, address)) != 0; address += 8)
            strings.Add(ReadString(pointer));
        address += 8;
        return strings;
    }

    [TestCase(new[] { "shell", "-c", "x y" }, new[] { "CWD=/", "CAP_a=1" })]
    [TestCase(new[] { "alone" }, new string[0])]
    [TestCase(new string[0], new[] { "A=1" })]
    [TestCase(new[] { "", "" }, new[] { "" })]
    public void Stack_has_arguments_environment_and_vector(string[] arguments, string[] environment)
    {
        byte[] block = Encoding.UTF8.GetBytes(
            string.Concat(arguments.Concat(environment).Select(text => text + "\0")));
        Assert.That(Write(block, (uint)arguments.Length, out ulong stack, out _),
            Is.EqualTo(Status.Ok));
        Assert.That(stack % 16, Is.Zero);
        Assert.That(_bench.ReadWord(_child, stack), Is.EqualTo(arguments.Length));
        ulong at = stack + 8;
        Assert.That(ReadStrings(ref at), Is.EqualTo(arguments));
        List<string> found = ReadStrings(ref at);
        Assert.That(found.Take(environment.Length), Is.EqualTo(environment));
        Assert.That(found.Skip(environment.Length).Select(text => text.Split('=')[0]),
            Is.EqualTo(new[] { "DOTNET_GCHeapHardLimit", "DOTNET_GCgen0size", "GLIBC_TUNABLES" }));
        Dictionary<ulong, ulong> vector = [];
        for (ulong type; (type = _bench.ReadWord(_child, at)) != 0; at += 16)
            vector.Add(type, _bench.ReadWord(_child, at + 8));
        Assert.That(vector[3], Is.EqualTo(0x40_0040), "AT_PHDR");
        Assert.That(vector[4], Is.EqualTo(56));
        Assert.That(vector[5], Is.EqualTo(TestElf.SegmentCount));
        Assert.That(vector[6], Is.EqualTo(4096));
        Assert.That(vector[9], Is.EqualTo(TestElf.Entry));
        Assert.That(vector[23], Is.Zero);
        Assert.That(_bench.ReadWord(_child, vector[25]), Is.Not.Zero, "AT_RANDOM");
    }

    [Test]
    public void Heap_limit_leaves_room_within_the_quota()
    {
        Write("x\0"u8.ToArray(), 1, out ulong stack, out _);
        ulong at = stack + 8;
        ReadStrings(ref at);
        string limit = ReadStrings(ref at)[0].Split('=')[1];
        ulong bytes = Convert.ToUInt64(limit, 16);
        Assert.That(bytes, Is.GreaterThan(0).And.LessThanOrEqualTo(512UL * 4096));
    }

    [TestCase("abc", 1u)]
    [TestCase("a\0b", 1u)]
    [TestCase("a\0b\0", 3u)]
    [TestCase("", 1u)]
    public void Block_that_ends_no_string_or_lacks_arguments_is_refused(string text, uint arguments)
    {
        Assert.That(Write(Encoding.UTF8.GetBytes(text), arguments, out _, out bool isBadSource),
            Is.EqualTo(Status.BadArgument));
        Assert.That(isBadSource, Is.False);
    }

    [Test]
    public void Block_of_thousands_of_strings_is_refused()
    {
        Assert.That(Write(new byte[5000], 1, out _, out _), Is.EqualTo(Status.BadArgument));
    }

    [Test]
    public void Largest_block_fits()
    {
        byte[] block = new byte[Limits.StartBlockBytes];
        Array.Fill(block, (byte)'z');
        block[^1] = 0;
        Assert.That(Write(block, 1, out ulong stack, out _), Is.EqualTo(Status.Ok));
        Assert.That(ReadString(_bench.ReadWord(_child, stack + 8)),
            Has.Length.EqualTo(Limits.StartBlockBytes - 1));
    }

    [Test]
    public void Block_that_the_maker_does_not_have_is_the_makers_fault()
    {
        Assert.That(StartBlock.TryWrite(_bench.Kernel, _maker, MemoryBench.Base + 15 * 4096 + 4000,
            200, 1, _child, out _, out bool isBadSource), Is.Not.EqualTo(Status.Ok));
        Assert.That(isBadSource, Is.True);
    }

    [Test]
    public void Child_without_quota_for_its_stack_is_NoMemory()
    {
        _child.MemoryQuotaPages = _child.MemoryPages + 1;
        Assert.That(Write("x\0"u8.ToArray(), 1, out _, out bool isBadSource),
            Is.EqualTo(Status.NoMemory));
        Assert.That(isBadSource, Is.False);
    }
}
