// Golden words of packed values, and what a reader makes of wrong ones.

using System;
using System.Text;
using NUnit.Framework;
using Shared.Abi;
using Shared.Contracts;
using Shared.Sdk;
using Shared.Sdk.Calls;

namespace Tests.Unit.Shared.Sdk;

public sealed class WireFormatTests
{
    private static readonly Handle First = new(0x11, 1);
    private static readonly Handle Second = new(0x22, 1);

    private WordBlock _words;
    private HandleBlock _handles;
    private int _wordCount;
    private int _handleCount;

    [SetUp]
    public void Clear()
    {
        _words = default;
        _handles = default;
        _wordCount = _handleCount = 0;
    }

    [Test]
    public void Value_takes_one_word_when_it_is_an_integer_or_enum()
    {
        // What was in the words before must not show through.
        ((Span<ulong>)_words).Fill(ulong.MaxValue);
        Pack((byte)0x81);
        Pack(-2);
        Pack(FileType.Directory);
        Pack(ulong.MaxValue);
        Assert.That(Words(), Is.EqualTo(new ulong[] { 0x81, 0xFFFF_FFFE, 2, ulong.MaxValue }));
    }

    [Test]
    public void Struct_takes_its_size_rounded_up()
    {
        Pack(new JobEnded(7, -1, DeathCause.Killed));
        Assert.That(_wordCount, Is.EqualTo(2));
        Assert.That(_words[0], Is.EqualTo(0xFFFF_FFFF_0000_0007));
        Assert.That(_words[1] & 0xFF, Is.EqualTo((ulong)DeathCause.Killed));
        Pack(new ConsoleSize(80, 25));
        Assert.That(_words[2], Is.EqualTo(0x0019_0050));
    }

    [Test]
    public void Text_of_any_length_is_as_the_runtime_says_it()
    {
        byte[] bytes = new byte[300];
        for (int length = 0; length < 80; length++)
        {
            for (int other = -1; other < length; other++)
            {
                char[] units = new char[length];
                for (int i = 0; i < length; i++) units[i] = (char)(1 + (i * 7 + length) % 127);
                if (other >= 0) units[other] = other % 2 == 0 ? '\u00E9' : '\u20AC';
                string text = new(units);
                Assert.That(WireFormat.Encode(text, bytes, out int count), Is.EqualTo(Status.Ok));
                Assert.That(
                    bytes.AsSpan(0, count).SequenceEqual(Encoding.UTF8.GetBytes(text)), Is.True);
                Assert.That(
                    WireFormat.Decode(bytes.AsSpan(0, count), out string read),
                    Is.EqualTo(Status.Ok));
                Assert.That(read, Is.EqualTo(text));
            }
        }
    }

    [TestCase(0), TestCase(7), TestCase(8), TestCase(15)]
    public void Text_is_refused_that_does_not_fit(int room)
    {
        Status status = WireFormat.Encode(new string('x', room + 1), new byte[room], out _);
        Assert.That(status, Is.EqualTo(Status.TooLarge));
    }

    [Test]
    public void Largest_struct_takes_five_words()
    {
        Pack(new FileStat { Type = FileType.File, Links = 1, LengthBytes = 2, ModifiedNs = 3,
            FileNumber = 4, CreatedNs = 5 });
        Assert.That(Words(), Is.EqualTo(new ulong[] { 0x1_0000_0001, 2, 3, 4, 5 }));
    }

    [Test]
    public void Capability_takes_the_place_of_its_handle()
    {
        Pack(new Capability(First));
        Pack(new Capability(Handle.None));
        Pack(new Capability(Second));
        Assert.That(Words(), Is.EqualTo(new ulong[] { 1, 0, 2 }));
        Assert.That(_handleCount, Is.EqualTo(2));
        Assert.That(_handles[0], Is.EqualTo(First.Value));
        Assert.That(_handles[1], Is.EqualTo(Second.Value));
    }

    [Test]
    public void Capability_in_a_struct_takes_the_place_of_its_handle()
    {
        Pack(new PipeEnds(new Capability(First), new Capability(Second)));
        Pack(new MountEntry(new Capability(First), 3, 4));
        Assert.That(Words(), Is.EqualTo(new ulong[] { 1, 2, 3, 0x4_0000_0003 }));
        Assert.That(_handleCount, Is.EqualTo(3));
    }

    [Test]
    public void Value_comes_back_as_it_was()
    {
        MountEntry entry = new(new Capability(Second), 30, 40);
        Pack(new Capability(First));
        Pack(entry);
        Pack(5u);
        int word = 0;
        uint taken = 0;
        Assert.That(Unpack<Capability>(ref word, ref taken).Handle, Is.EqualTo(First));
        Assert.That(taken, Is.EqualTo(1));
        Assert.That(Unpack<MountEntry>(ref word, ref taken), Is.EqualTo(entry));
        Assert.That(taken, Is.EqualTo(3));
        Assert.That(Unpack<uint>(ref word, ref taken), Is.EqualTo(5));
    }

    [TestCase(2ul)]
    [TestCase(5ul)]
    [TestCase(ulong.MaxValue)]
    [TestCase(0ul)]
    public void Capability_is_none_when_its_place_is_not_there(ulong place)
    {
        _words[0] = place;
        _handles[0] = First.Value;
        _handleCount = 1;
        int word = 0;
        uint taken = 0;
        Assert.That(Unpack<Capability>(ref word, ref taken).Handle, Is.EqualTo(Handle.None));
        Assert.That(taken, Is.EqualTo(0));
    }

    [Test]
    public void Handle_has_one_owner_when_two_words_name_it()
    {
        _words[0] = _words[1] = 1;
        _handles[0] = First.Value;
        _handleCount = 1;
        int word = 0;
        uint taken = 0;
        PipeEnds ends = Unpack<PipeEnds>(ref word, ref taken);
        Assert.That(ends.Reader.Handle, Is.EqualTo(First));
        Assert.That(ends.Writer.Handle, Is.EqualTo(Handle.None));
    }

    [Test]
    public void Text_is_refused_when_it_is_too_long_or_no_text()
    {
        byte[] scratch = new byte[Limits.MaxPathBytes];
        string longest = new('a', Limits.MaxPathBytes);
        Assert.That(WireFormat.Encode(longest, scratch, out int length), Is.EqualTo(Status.Ok));
        Assert.That(length, Is.EqualTo(Limits.MaxPathBytes));
        Assert.That(
            WireFormat.Encode(longest + "a", scratch, out _), Is.EqualTo(Status.TooLarge));
        Assert.That(WireFormat.Encode("\uD800", scratch, out _), Is.EqualTo(Status.InvalidName));
        Assert.That(WireFormat.Decode([0xFF, 0x41], out _), Is.EqualTo(Status.InvalidName));
        Assert.That(WireFormat.Decode("\u00E4"u8, out string text), Is.EqualTo(Status.Ok));
        Assert.That(text, Is.EqualTo("\u00E4"));
    }

    private void Pack<T>(T value) where T : unmanaged => WireFormat.Pack(
        value, ref _words, ref _wordCount, ref _handles, ref _handleCount);

    private T Unpack<T>(ref int word, ref uint taken) where T : unmanaged =>
        WireFormat.Unpack<T>(ref _words, ref word, ref _handles, _handleCount, ref taken);

    private ulong[] Words() => ((Span<ulong>)_words)[.._wordCount].ToArray();
}
