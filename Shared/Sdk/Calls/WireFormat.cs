// How parameters and results lie in the words of a message; docs/contracts.md says it in prose.
//
// A value takes its size rounded up to words of 8 bytes, in order. A Capability, alone or in a
// struct, takes one word: the 1-based place of its handle in the message, or 0 for Handle.None.

using System;
using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using Shared.Abi;
using Shared.Contracts.Paths;

namespace Shared.Sdk.Calls;

/// <summary>The six payload words.</summary>
[InlineArray(Message.WordCount)]
public struct WordBlock
{
    private ulong _word;
}

/// <summary>The handles of a message.</summary>
[InlineArray(Message.MaxCapabilities)]
public struct HandleBlock
{
    private ulong _handle;
}

/// <summary>The generator adds CapabilityMask: which words of a type are capabilities.</summary>
public static partial class WireFormat
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int WordsOf<T>() where T : unmanaged => (Unsafe.SizeOf<T>() + 7) / 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack<T>(
        T value, ref WordBlock words, ref int wordCount, ref HandleBlock handles,
        ref int handleCount) where T : unmanaged
    {
        int count = WordsOf<T>();
        Span<ulong> target = ((Span<ulong>)words).Slice(wordCount, count);
        target[count - 1] = 0;
        MemoryMarshal.Write(MemoryMarshal.AsBytes(target), in value);
        wordCount += count;
        uint mask = CapabilityMask<T>();
        for (int i = 0; mask != 0; i++, mask >>= 1)
        {
            if ((mask & 1) == 0 || target[i] == 0) continue;
            handles[handleCount++] = target[i];
            target[i] = (ulong)handleCount;
        }
    }

    /// <summary>
    /// Reads a value back. A capability word that names no handle, or one that was taken before,
    /// is Handle.None. Bit N of taken is set for each handle that the value now owns.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Unpack<T>(
        ref WordBlock words, ref int word, ref HandleBlock handles, int handleCount,
        ref uint taken) where T : unmanaged
    {
        int count = WordsOf<T>();
        Span<ulong> source = ((Span<ulong>)words).Slice(word, count);
        word += count;
        uint mask = CapabilityMask<T>();
        for (int i = 0; mask != 0; i++, mask >>= 1)
        {
            if ((mask & 1) == 0) continue;
            ulong place = source[i] - 1;
            bool isThere = place < (ulong)handleCount && (taken & 1u << (int)place) == 0;
            source[i] = isThere ? handles[(int)place] : 0;
            if (isThere) taken |= 1u << (int)place;
        }
        return MemoryMarshal.Read<T>(MemoryMarshal.AsBytes(source));
    }

    /// <summary>Bytes that the scratch of OutgoingCall.LendText needs.</summary>
    public static int ScratchBytes(ReadOnlySpan<char> text) =>
        (int)Math.Min(Limits.MaxPathBytes, text.Length * 3L);

    /// <summary>TooLarge when it does not fit, InvalidName for half a surrogate pair.</summary>
    public static Status Encode(
        ReadOnlySpan<char> text, Span<byte> target, out int lengthBytes)
    {
        lengthBytes = text.Length;
        if (ShortText.TryNarrow(text, target)) return Status.Ok;
        OperationStatus done = Utf8.FromUtf16(
            text, target, out _, out lengthBytes, replaceInvalidSequences: false);
        if (done == OperationStatus.Done) return Status.Ok;
        return done == OperationStatus.DestinationTooSmall ? Status.TooLarge : Status.InvalidName;
    }

    /// <summary>InvalidName for what is not UTF-8.</summary>
    public static Status Check(ReadOnlySpan<byte> source) =>
        ByteWords.AreAscii(source) || Utf8.IsValid(source) ? Status.Ok : Status.InvalidName;

    /// <summary>As Check, and the text.</summary>
    public static Status Decode(ReadOnlySpan<byte> source, out string text)
    {
        if (ShortText.TryWiden(source, out text)) return Status.Ok;
        if (!Utf8.IsValid(source)) return Status.InvalidName;
        text = Encoding.UTF8.GetString(source);
        return Status.Ok;
    }
}
